// Asks our API from inside the portal's frames: with the card token of the page, and the next one when it runs out.
"use strict";

window.callguard = (() => {
  const { api, token: first, tokenUrl } = document.currentScript.dataset;
  const BUDGET = 1500; // ms for an answer: a person is about to say hello
  let token = first;

  async function renew(frame) {
    const auth = await frame.auth.refreshAuth();
    const answer = await fetch(tokenUrl, { method: "POST", body: new URLSearchParams({ AUTH_ID: auth.access_token }) });
    if (!answer.ok) throw new Error("no card token, HTTP " + answer.status);
    token = (await answer.json()).token;
  }

  async function send(frame, path, body, { again = false } = {}) {
    const headers = { Authorization: "Bearer " + token, "Accept-Language": frame.getLang() };
    if (body) headers["Content-Type"] = "application/json";
    const answer = await fetch(api + path, {
      method: body ? "POST" : "GET",
      body: body && JSON.stringify(body),
      headers,
      credentials: "omit",
      signal: AbortSignal.timeout(again ? 2 * BUDGET : BUDGET),
    });
    if (answer.status === 401 && !again) {
      await renew(frame);
      return send(frame, path, body, { again: true });
    }
    if (!answer.ok) throw Object.assign(new Error("HTTP " + answer.status), { status: answer.status });
    return answer.json();
  }

  // In the portal's POST and events empty things come as text (call-card.md, 3.4).
  const said = (value) => (["", "undefined", "null", "false", "0"].includes(String(value ?? "")) ? "" : String(value));

  function callOf(options) {
    const direction = said(options.CALL_DIRECTION);
    return {
      phone: said(options.PHONE_NUMBER),
      id: said(options.CALL_ID),
      direction: ["outgoing", "incoming", "incomingTransfer", "callback"].includes(direction) ? direction : "incoming",
    };
  }

  // Recorded where the portal names the call; a call that is another's (ring-all) or has no ID is only looked up.
  async function verdictOn(frame, { phone, id, direction }) {
    const look = () => send(frame, "verdict/?" + new URLSearchParams({ phone, direction }));
    if (!id) return look();
    try {
      return await send(frame, "calls/", { call_id: id, phone, direction });
    } catch (error) {
      if (error.status !== 409) throw error;
      return look();
    }
  }

  // The first event may come as the answer to the subscription itself: the portal acknowledges none.
  async function on(frame, event, tell) {
    const early = await frame.placement.bindEvent(event, tell);
    if (early && !early.isSafely) tell(early);
  }

  return { callOf, verdictOn, on, said };
})();
