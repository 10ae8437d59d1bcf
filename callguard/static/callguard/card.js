/* Call Guard: paints the portal's call card by whose client is on the line.
 *
 *   <script src="…/static/callguard/card.js" data-api="https://callguard.example" data-token="…" defer></script>
 *
 * data-token-url may stand for data-token: an address of the page's own origin that answers with a token (as text, or as
 * {"token": …}) and is asked again when the token runs out. Nothing here may disturb a call: whatever goes wrong, the
 * card stays as the portal drew it and the console gets one line.
 */
(() => {
  "use strict";
  const script = document.currentScript;
  const LOADED = Symbol.for("callguard.card");
  if (!script || window[LOADED]) return;
  window[LOADED] = true;

  const CARD = "im-phone-call-view";
  const MARK = "data-callguard";
  const BUDGET = 1500; // ms for the whole answer, a fresh token included
  const ID_WAIT = 1000; // ms: a browser's own outgoing call gets its ID by a push after the card is shown
  const HEX = /^#[0-9a-f]{6}$/i;
  const ICONS = {
    stop: "M8 2h8l6 6v8l-6 6H8l-6-6V8zm-2 8.5v3h12v-3z",
    warning: "M12 2 1 21h22zm-1.2 7h2.4l-.3 6h-1.8zm1.2 9.4a1.3 1.3 0 1 1 0-2.6 1.3 1.3 0 0 1 0 2.6z",
    info: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-1.3 8.4h2.6V18h-2.6zm1.3-4.2a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
  };

  const at = (selectors) => selectors.map((s) => `[${MARK}] .im-phone-call-container ${s}`).join();
  const ROUND = ["hold", "mute", "transfer", "dialpad", "phone"].map((name) => ".im-phone-call-btn-" + name);
  const button = (kind, classes) => {
    const those = classes.map((name) => ".im-phone-call-btn-" + name);
    return `${at(those)}{background:var(--cg-${kind})!important;border-color:transparent!important;
      color:var(--cg-${kind}-text)!important}
    ${at(those.map((s) => s + ":hover"))}{box-shadow:0 0 0 2px var(--cg-text)}
    ${at(those.flatMap((s) => [s + ":before", s + ":after"]))}{filter:var(--cg-${kind}-icon)}`;
  };
  // Descendants of the marked element: they survive every rebuild of the card. All colours are variables of one rule.
  const STYLE = `[${MARK}]{}
    [${MARK}] .im-phone-call-wrapper:not(#im-phone-folded-call-view){background:var(--cg-base)!important}
    ${at([".crm-card-show-main"])}{background:var(--cg-client)!important}
    ${at([".im-phone-call-buttons-container"])}{background:var(--cg-bar)!important}
    ${at([".im-phone-btn-arrow"])}{background:transparent!important}
    ${at([".im-phone-btn-arrow-inner:before", ".im-phone-btn-arrow-inner:after"])}{background:var(--cg-text)!important}
    ${at([".im-phone-call-header", ".crm-card-show-detail-info"])}{border-color:var(--cg-line)!important}
    ${at([".im-phone-calling-text", ".im-phone-call-title-text", ".im-phone-calling-process-status",
      ".im-phone-call-status-description-item", ".im-phone-call-status-timer-item", "[class*=crm-card-show-]",
      ".im-phone-call-crm-card a", ".im-phone-call-crm-button", ".im-phone-btn-arrow"])}{color:var(--cg-text)!important}
    ${at([".im-phone-call-crm-button-item", ".im-phone-call-comments-textarea"])}{background:var(--cg-bar)!important;
      color:var(--cg-text)!important;border-color:var(--cg-line)!important}
    ${at([".im-phone-call-comments-textarea::placeholder"])}{color:var(--cg-text)!important;opacity:1}
    ${at([".im-phone-call-crm-button-item:hover"])}{box-shadow:inset 0 0 0 1px var(--cg-text)}
    ${at([".im-phone-call-crm-button-comment", ".im-phone-call-crm-button-comment .im-phone-call-crm-button-item"])}{
      background:transparent!important;border-color:var(--cg-line)!important}
    ${at([".im-phone-call-crm-button-active .im-phone-call-crm-button-item"])}{background:var(--cg-other)!important;
      color:var(--cg-other-text)!important}
    ${button("answer", ["green"])} ${button("hangup", ["red"])} ${button("other", ["blue", "gray"])}
    ${at(ROUND)}{border-color:var(--cg-text)!important}
    ${at(ROUND.map((s) => s + ":hover"))}{background:var(--cg-base)!important}
    ${at(ROUND.map((s) => s + ":after").concat(".im-phone-call-btn-signal *"))}{filter:var(--cg-icon);opacity:1!important}
    ${at(ROUND.map((s) => s + ".active"))}{background:var(--cg-other)!important;border-color:var(--cg-other)!important}
    ${at(ROUND.map((s) => s + ".active:after"))}{filter:var(--cg-other-icon)}
    body>.im-phone-call-panel-mini[${MARK}]{background:var(--cg-mini)!important;color:var(--cg-text)!important}
    [${MARK}] .im-phone-call-panel-mini-expand{filter:var(--cg-icon)}
    ${at([".im-phone-calling-section"])}{padding-top:20px}
    ${at([".im-phone-calling-progress-section"])}{padding:20px 0 12px}
    ${at([".im-phone-calling-process-status"])}{padding-bottom:0}
    .callguard-badge{display:flex;flex:none;gap:14px;align-items:center;margin:14px 16px 12px;padding:12px 16px;
      border-radius:10px;background:var(--cg-bar);color:var(--cg-text);font-size:14px;line-height:1.4;text-align:left}
    .callguard-badge:empty{display:none}
    .callguard-badge svg{flex:none;width:34px;height:34px;fill:currentColor}
    .callguard-badge b{display:block;font-size:17px;line-height:1.3}
    .callguard-badge small{display:block;margin-top:4px;font-size:13px;line-height:1.3}
    .im-phone-call-panel-mini>.callguard-badge{position:absolute;left:0;bottom:calc(100% + 6px);margin:0;padding:6px 12px;
      white-space:nowrap}
    .callguard-badge.callguard-small svg{width:20px;height:20px}.callguard-badge.callguard-small b{font-size:14px}`;

  // ---------------------------------------------------------------------------------------------- careful with the page
  const attempt = (read) => {
    try { return read() || null; } catch { return null; }
  };
  const warn = (error) => console.warn("callguard: the card stays as it is: " + ((error && error.message) || error));
  const safely = (fn) => (...given) => {
    try { return fn(...given); } catch (error) { warn(error); }
  };
  const language = () => attempt(() => BX.message("LANGUAGE_ID")) || document.documentElement.lang || "ru";

  // ------------------------------------------------------------------------------------------------ what the card tells
  let told = {}; // by events, for pages where the view object is out of reach
  let seenView = null; // by a wrapped method, in generations that keep the view private

  const view = () =>
    attempt(() => BX.Messenger.v2.Lib.PhoneManager.getInstance().getPhoneCallView()) ||
    attempt(() => window.PCW) || attempt(() => BXIM.webrtc.phoneCallView) || seenView;

  function numberInTitle(host) {
    const title = host.querySelector(".im-phone-calling-text, .im-phone-call-title-text");
    const found = title && title.textContent.match(/\+?\d[\d\s()-]{3,}\d/);
    return found ? found[0] : "";
  }

  function factsOf(host) {
    const card = view();
    if (!card) return { number: told.number || numberInTitle(host), id: told.id, direction: told.direction || "incoming" };
    const incoming = card.direction === "incoming";
    return {
      card,
      number: card.phoneNumber,
      id: card.callId,
      direction: incoming && card.transfer ? "incomingTransfer" : card.direction,
      internal: card.portalCall === true || card.portalCall === "Y",
      browsing: card.callListId > 0 && !card.callId && card.callState !== "connecting", // a call list: nobody is rung yet
    };
  }

  // -------------------------------------------------------------------------------------------------- asking the service
  let token = {};

  function runsOut(text) { // within a minute
    const claims = attempt(() => JSON.parse(atob(text.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))));
    return Boolean(claims && claims.exp && claims.exp * 1000 < Date.now() + 60000);
  }

  async function tokenFor(signal, again) {
    const url = script.dataset.tokenUrl;
    if (!url) return script.dataset.token || "";
    if (again || token.url !== url || runsOut(token.text)) {
      const answer = await fetch(url, { signal, credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) throw new Error("no card token, HTTP " + answer.status);
      const text = (await answer.text()).trim();
      token = { url, text: text.startsWith("{") ? JSON.parse(text).token : text };
    }
    return token.text;
  }

  async function send(path, { body, signal, again = false, keepalive = false } = {}) {
    const headers = { Authorization: "Bearer " + (await tokenFor(signal, again)), "Accept-Language": language() };
    if (body) headers["Content-Type"] = "application/json";
    const root = (script.dataset.api || new URL(script.src).origin).replace(/\/+$/, "");
    const answer = await fetch(root + "/api/v1/" + path, {
      method: body ? "POST" : "GET", body: body && JSON.stringify(body), headers, signal, keepalive,
      credentials: "omit", cache: "no-store",
    });
    if (answer.status === 401 && script.dataset.tokenUrl && !again)
      return send(path, { body, signal, keepalive, again: true });
    if (!answer.ok) throw Object.assign(new Error("HTTP " + answer.status), { status: answer.status });
    return answer;
  }

  function checked(verdict) {
    const palette = verdict && verdict.palette;
    if (!verdict || typeof verdict.colour !== "string") throw new Error("an answer that is no verdict");
    if (verdict.colour === "none") return verdict;
    const pairs = ["answer", "hangup", "other"].map((kind) => palette.buttons[kind]);
    const colours = [palette.text, ...palette.stripes.slice(0, 3), ...pairs.flatMap((p) => [p.background, p.text])];
    if (colours.length !== 10 || !colours.every((c) => HEX.test(c)) || !palette.label || !verdict.message)
      throw new Error("a palette that cannot be painted");
    return verdict;
  }

  async function ask(now) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), BUDGET);
    const { number: phone, direction } = now;
    const { signal } = stop;
    const look = () => send("verdict/?" + new URLSearchParams({ phone, direction }), { signal });
    const body = { call_id: now.recordId, phone, direction };
    let recorded = !now.lookup;
    const ring = () => send("calls/", { body, signal }).catch((error) => {
      if (error.status !== 409) throw error;
      recorded = false; // the same call rings at a colleague's, who was first: see the colour, leave the record to him
      return look();
    });
    try {
      const answer = await (now.lookup ? look() : ring());
      const verdict = checked(await answer.json());
      if (call === now) show(verdict);
      return recorded;
    } catch (error) {
      if (call === now) unpaint();
      warn(signal.aborted ? "no answer in " + BUDGET / 1000 + " s" : error);
      now.unsure = signal.aborted; // the service may have recorded it and answered too late
      return recorded && now.unsure;
    } finally {
      clearTimeout(timer);
    }
  }

  // ----------------------------------------------------------------------------------------------------------- one call
  let call = null; // {number, id: the portal's, recordId: ours, recorded: promise, lookup, state, connectedAt, ended}
  let waiting = null;
  const closed = new WeakSet(); // cards that were closed but are still in the page

  function begin(now) {
    clearTimeout(waiting);
    waiting = null;
    const before = call;
    if (before && before.number !== now.number) unpaint();
    if (before && (!now.id || before.id !== now.id)) finish(before);
    call = now;
    const answer = ask(call);
    if (!call.lookup) call.recorded = answer;
    track(now.card && now.card.callState);
  }

  function track(state) {
    if (!call || !state) return;
    call.state = state;
    if (state === "connected") call.connectedAt = call.connectedAt || Date.now();
    else if (state === "idle" && call.rang) finish(call);
    call.rang = call.rang || state !== "idle";
  }

  /** Tells the service how the call ended, if it was recorded and the page said whether it was answered. */
  async function finish(that) {
    if (that.ended || !that.recordId || !that.state) return;
    that.ended = true;
    const since = that.connectedAt;
    const body = { answered: Boolean(since), duration_s: since ? Math.round((Date.now() - since) / 1000) : 0 };
    if (!(await that.recorded)) return;
    send("calls/" + encodeURIComponent(that.recordId) + "/end/", { body, keepalive: true }).catch((error) => {
      if (!that.unsure || error.status !== 404) warn(error);
    });
  }

  // ---------------------------------------------------------------------------------------------------------- the paint
  let host = null; // #im-phone-call-view, or body in the desktop application's window
  let shown = null;
  let badge = null;
  let rule = null;

  function variables() {
    if (rule) return rule.style;
    const sheet = attempt(() => new CSSStyleSheet()); // not subject to a page's style-src
    if (sheet) {
      sheet.replaceSync(STYLE);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    }
    const element = sheet ? null : document.head.appendChild(document.createElement("style"));
    if (element) element.textContent = STYLE;
    rule = (sheet || element.sheet).cssRules[0];
    return rule.style;
  }

  const icon = (text) => (parseInt(text.slice(1, 3), 16) + parseInt(text.slice(3, 5), 16) < 256 ? "brightness(0)" : "none");

  function setColours(palette) {
    const set = (name, value) => variables().setProperty("--cg" + name, value);
    ["-base", "-client", "-bar"].forEach((name, i) => set(name, palette.stripes[i]));
    set("-text", palette.text);
    set("-line", palette.text + "66");
    set("-mini", palette.stripes[0] + "eb"); // 92 %, as the portal's own
    set("-icon", icon(palette.text)); // the portal's icons are white pictures
    for (const [kind, pair] of Object.entries(palette.buttons)) {
      set("-" + kind, pair.background);
      set(`-${kind}-text`, pair.text);
      set(`-${kind}-icon`, icon(pair.text));
    }
  }

  /** What the card says of a mirror that is out of date: "данные CRM от 14:05"; "" of a fresh one. */
  function staleWords({ mirror }) {
    if (!mirror || mirror.fresh !== false) return "";
    const english = language().startsWith("en");
    const since = mirror.synced_at && new Date(mirror.synced_at);
    if (!since || isNaN(since)) return english ? "CRM data is not complete yet" : "данные CRM ещё не полны";
    const time = { hour: "2-digit", minute: "2-digit" };
    const day = since.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "long" };
    const moment = new Intl.DateTimeFormat(english ? "en-GB" : "ru-RU", { ...day, ...time }).format(since);
    return (english ? "CRM data as of " : "данные CRM от ") + moment;
  }

  function fill(element, verdict, small) {
    const { palette, message } = verdict;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", ICONS[palette.icon] || ICONS.info);
    path.setAttribute("fill-rule", "evenodd");
    svg.append(path);
    const label = document.createElement("b");
    label.textContent = palette.label;
    const words = document.createElement("span");
    words.append(label, small ? "" : message);
    const stale = small ? "" : staleWords(verdict);
    if (stale) words.appendChild(document.createElement("small")).textContent = stale;
    element.replaceChildren(svg, words);
  }

  function newBadge(small) {
    const element = document.createElement("div");
    element.className = "callguard-badge" + (small ? " callguard-small" : "");
    return element;
  }

  function show(verdict) {
    unpaint();
    if (verdict.colour !== "none") {
      shown = verdict;
      setColours(verdict.palette);
      badge = newBadge(false);
      badge.setAttribute("role", "status");
      place();
      setTimeout(safely(() => shown === verdict && fill(badge, verdict))); // filled once it is there, to be read aloud
    }
    document.dispatchEvent(new CustomEvent("callguard:verdict", { detail: verdict }));
  }

  /** Puts the paint where it belongs, again after each rebuild; cheap when it is there already. */
  function place() {
    if (!shown || !host) return;
    host.setAttribute(MARK, shown.colour);
    const root = host.querySelector(".im-phone-call-container") || host;
    if (badge.parentNode !== root) {
      const top = root.querySelector(":scope>.im-phone-call-header-container, :scope>.im-phone-calling-section");
      if (top) top.after(badge);
      else root.prepend(badge);
    }
    const mini = document.querySelector("body>.im-phone-call-panel-mini");
    if (!mini || mini.hasAttribute(MARK)) return;
    mini.setAttribute(MARK, shown.colour);
    const small = newBadge(true);
    fill(small, shown, true);
    mini.append(small);
  }

  function unpaint() {
    shown = null;
    document.querySelectorAll(`[${MARK}]`).forEach((element) => element.removeAttribute(MARK));
    document.querySelectorAll(".callguard-badge").forEach((element) => element.remove());
  }

  // -------------------------------------------------------------------------------------------------- watching the page
  const changes = new MutationObserver(safely(() => look()));
  const later = () => setTimeout(safely(look)); // after the portal's own listeners

  /** The open card's own element: the popup, or the bare layout in the desktop application's window. */
  function openCard() {
    const inDesktop = "body>.im-phone-call-top-level, body>.im-phone-call-wrapper:not(#im-phone-folded-call-view)";
    const card = document.getElementById(CARD) || document.querySelector(inDesktop);
    return card && !closed.has(card) ? card : null;
  }

  function watch() { // never the whole tree: the body's children, and the one whose only child is the layout
    changes.disconnect();
    changes.observe(document.body, { childList: true });
    const content = document.getElementById("popup-window-content-" + CARD);
    if (content) changes.observe(content, { childList: true });
  }

  function look() {
    listen();
    const card = openCard();
    if (!card) return host ? close() : undefined;
    const lasting = card.id === CARD ? card : document.body;
    if (lasting !== host) {
      host = lasting;
      watch();
    }
    const now = factsOf(host);
    if (now.internal || !now.number) return unpaint();
    if (call && call.number === now.number) {
      if (call.recordId && !call.id) call.id = now.id; // recorded under an ID of our own
      if (!now.id || call.id === now.id) {
        track(now.card && now.card.callState);
        return place();
      }
    }
    // The service keeps one verdict per call: a number that changes during a call is looked up, not recorded.
    if (call && now.id && call.id === now.id) return begin({ ...call, ...now, lookup: true });
    if (now.browsing) return begin({ ...now, lookup: true });
    if (now.id) return begin({ ...now, recordId: now.id });
    awaitId();
  }

  function awaitId() {
    const started = Date.now();
    const again = safely(() => {
      waiting = null;
      const now = host && factsOf(host);
      if (!now || !now.number || now.internal) return;
      if (now.id) return look();
      if (Date.now() - started < ID_WAIT) waiting = setTimeout(again, 50);
      else begin({ ...now, recordId: "local." + (attempt(() => crypto.randomUUID()) || started + "." + Math.random()) });
    });
    waiting = waiting || setTimeout(again, 50);
  }

  function close() {
    clearTimeout(waiting);
    const card = openCard();
    if (card) closed.add(card);
    if (call) finish(call);
    unpaint();
    waiting = call = host = seenView = null;
    told = {};
    watch();
  }

  function tell(id, number, direction) {
    told = { id: id || told.id, number: number || told.number, direction: direction || told.direction };
    later();
  }

  const PUSHES = {
    invite: (p) => tell(p.callId, p.callerId, p.isCallback ? "callback" : p.isTransfer ? "incomingTransfer" : "incoming"),
    outgoing: (p) => tell(p.callId, p.phoneNumber, "outgoing"),
    showExternalCall: (p) =>
      tell(p.callId, p.phoneNumber, p.isCallback ? "callback" : p.fromUserId > 0 ? "outgoing" : "incoming"),
    replaceCallerId: (p) => tell(p.callId, p.callerId),
  };

  /** Generations of 2023–24 keep the view private: their own methods hand it over. */
  function wrapView() {
    const methods = attempt(() => BX.Voximplant.PhoneCallView.prototype);
    if (!methods || methods[LOADED]) return;
    methods[LOADED] = true;
    for (const name of ["show", "loadCrmCard"]) {
      const original = methods[name];
      if (typeof original !== "function") continue;
      methods[name] = function (...given) {
        seenView = this;
        later();
        return original.apply(this, given);
      };
    }
  }

  let listening = false;
  function listen() {
    wrapView();
    if (listening || !attempt(() => BX.addCustomEvent)) return;
    listening = true;
    const on = (name, fn) => BX.addCustomEvent(window, name, safely(fn));
    BX.addCustomEvent("onPullEvent-voximplant", safely((command, params) => {
      wrapView();
      if (PUSHES[command]) PUSHES[command](params || {});
    }));
    on("onPopupShow", (popup) => {
      if (!popup || popup.uniquePopupId !== CARD) return;
      closed.delete(document.getElementById(CARD));
      later();
    });
    on("BackgroundCallCard::initialized", (o) => tell(o.CALL_ID, o.PHONE_NUMBER, o.CALL_DIRECTION));
    on("CallCard::EntityChanged", (o) => tell(null, o && o.PHONE_NUMBER));
    on("CallCard::CallStateChanged", (state) => {
      track(state);
      later();
    });
    on("CallCard::AfterClose", close);
  }

  const start = safely(() => {
    watch();
    look();
  });
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
