/* Call Guard: paints the portal's call card by whose client is on the line. How and why: docs/card.md.
 * <script src="https://callguard.example/static/callguard/card.js" data-api="https://callguard.example" data-token="…" defer></script>
 * Whatever goes wrong here, the card stays as it is, the console gets one line and the call goes on. */
(() => {
  "use strict";
  const script = document.currentScript, ONCE = Symbol.for("callguard.card"), MARK = "data-callguard", ID = "im-phone-call-view";
  if (!script || window[ONCE]) return;
  window[ONCE] = true;
  const BUDGET = 1500, ID_WAIT = 1000; // ms: for an answer, a fresh token included · until the page knows number and call ID
  const ICONS = {
    stop: "M8 2h8l6 6v8l-6 6H8l-6-6V8zm-2 8.5v3h12v-3z",
    warning: "M12 2 1 21h22zm-1.2 7h2.4l-.3 6h-1.8zm1.2 9.4a1 1 0 1 1 0-2.6 1 1 0 0 1 0 2.6z",
    info: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-1.3 8.4h2.6V18h-2.6zm1.3-4.2a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
  };
  const RU = ["Это мой клиент", "Комментарий", "Передано: ", "Записано", "Не отправлено, ещё раз", "данные CRM от ", "данные CRM ещё не полны", "Замещение"];
  const EN = ["This is my client", "Comment", "Passed on to ", "Noted", "Not sent, try again", "CRM data as of ", "CRM data is not complete yet", "Standing in"];
  const NEUTRAL = { stripes: ["", "", "#eee"], text: "#333333", buttons: {} }; // of the badge alone: the card keeps the portal's colours

  // & what is in the painted card · ^ our badge · ~ the portal's prefix · $x a colour of the palette · ! important
  const ROUND = "& [class*=call-btn-]:not(~-btn,[class*=signal])", BADGE = ".callguard-badge";
  const button = ([kind, name]) => `& ~-btn-${name}{background:$${kind}!;border-color:transparent!;color:$${kind}-text!}\
& ~-btn-${name}:hover{box-shadow:0 0 0 2px $text}& ~-btn-${name}:before,& ~-btn-${name}:after{filter:$${kind}-icon}`;
  const STYLE = `[${MARK}],^{}[${MARK}] ~-wrapper:not(#im-phone-folded-call-view){background:$base!}\
& [class*=im-phone-],& [class*=crm-card-],& ~-crm-card a{color:$text!;border-color:$line!}\
& .crm-card-show-main{background:$client!}& ~-buttons-container,& ~-crm-button-item,& textarea{background:$bar!}\
& .im-phone-btn-arrow,& ~-crm-button-comment,& ~-crm-button-comment *{background:none!}\
& .im-phone-btn-arrow-inner:before,& .im-phone-btn-arrow-inner:after{background:$text!}\
& textarea::placeholder{color:$text!;opacity:1}& ~-crm-button-item:hover{box-shadow:inset 0 0 0 1px $text}\
& ~-crm-button-active *{background:$other!;color:$other-text!}\
${[["answer", "green"], ["hangup", "red"], ["other", "blue"], ["other", "gray"]].map(button).join("")}\
${ROUND}{border-color:$text!}${ROUND}:hover{background:$base!}${ROUND}.active{background:$other!;border-color:$other!}\
${ROUND}:after,& ~-btn-signal *{filter:$icon;opacity:1!}${ROUND}.active:after{filter:$other-icon}\
body>~-panel-mini[${MARK}]{background:$mini!;color:$text!}[${MARK}] ~-panel-mini-expand{filter:$icon}\
& ~ing-section{padding-top:16px}& ~ing-progress-section{padding:8px 0 4px}& ~ing-process-status{padding-bottom:0}\
^{display:flex;flex:none;gap:14px;align-items:center;margin:12px 16px 10px;padding:10px 16px;border:1px solid transparent;\
border-radius:10px;background:$bar;color:$text;font-size:14px;line-height:1.4}\
^ svg{flex:none;width:34px;fill:currentColor}^ div{flex:1;min-width:0}^ b{display:block;font-size:17px}^ small{display:block;font-size:13px}\
^ a{color:$text!;text-decoration:underline}^ form{display:flex;gap:8px;margin:6px 0 0}\
^ input,^ button{min-width:0;padding:3px 12px;border:1px solid;border-radius:4px;background:none;color:$text;font:inherit}\
^ button{border-radius:14px;font-weight:bold;cursor:pointer}\
^ ::placeholder{color:$text;opacity:1}^ :focus-visible{outline:2px solid $text;outline-offset:2px}\
~-panel-mini>^{position:absolute;left:0;bottom:calc(100% + 6px);margin:0;padding:4px 12px;white-space:nowrap}\
.callguard-said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\
@media(prefers-reduced-motion){[${MARK}] *{transition:none!;animation:none!}}\
@media(forced-colors:active){[${MARK}] *,[${MARK}] :before,[${MARK}] :after{filter:none!}}`
    .replace(/&/g, `[${MARK}] ~-container`).replace(/~/g, ".im-phone-call").replace(/\^/g, BADGE).replace(/\$([\w-]+)/g, "var(--cg-$1)").replace(/!/g, "!important");

  const attempt = (read) => { try { return read() || null; } catch { return null; } };
  const warn = (error) => console.warn("callguard: the card stays as it is: " + (error.message || error));
  const safely = (act) => (...given) => { try { return act(...given); } catch (error) { warn(error); } };
  const language = () => attempt(() => BX.message("LANGUAGE_ID")) || document.documentElement.lang || "ru";
  const words = () => (language().startsWith("en") ? EN : RU);
  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // --- What the card tells: by its view object, else by the portal's events, else by its title
  let told = {}, seenView = null; // {id, number, direction} · the view of generations that keep it private
  let host = null, call = null, complained; // #im-phone-call-view, or the desktop window's body · the call that it shows
  const digits = (text) => String(text || "").replace(/\D/g, "");
  const container = () => host.querySelector(".im-phone-call-container");
  const folded = () => document.querySelector("body>.im-phone-call-panel-mini");
  const view = () => attempt(() => BX.Messenger.v2.Lib.PhoneManager.getInstance().getPhoneCallView()) ||
    window.PCW || attempt(() => BXIM.webrtc.phoneCallView) || seenView;

  function facts() {
    const card = view();
    if (card) {
      const { phoneNumber: number, callId: id, callState: state, direction, portalCall } = card;
      return {
        number, id, state, direction: direction === "incoming" && card.transfer ? "incomingTransfer" : direction,
        nobody: !number || [true, "Y"].includes(portalCall), // a colleague
        browsing: card.callListId > 0 && !id && state !== "connecting", // a call list: nobody is rung yet
      };
    }
    const title = container().querySelector(".im-phone-calling-text, .im-phone-call-title-text"); // "… NUMBER, to OUR LINE"
    const [inTitle] = (title && title.textContent.split(",")[0].match(/\+?\d[\d\s()-]{3,}\d/)) || [];
    const other = inTitle && told.id !== call?.id && !digits(inTitle).endsWith(digits(told.number).slice(-7)); // shown in another tab
    const { id, number, direction } = other ? {} : told;
    return { id, number: number || inTitle, direction: direction || "incoming" };
  }

  // --- Asking the service
  const { dataset } = script, origin = () => (dataset.api || new URL(script.src).origin).replace(/\/+$/, "");
  let token = {}; // {url, text: a promise}
  const runsOut = (text) => // within a minute
    attempt(() => JSON.parse(atob(text.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).exp * 1000 < Date.now() + 60000);

  async function fetched(url) {
    const answer = await fetch(url, { cache: "no-store" });
    if (!answer.ok) throw new Error("no card token, HTTP " + answer.status);
    const text = (await answer.text()).trim();
    return text.startsWith("{") ? JSON.parse(text).token : text;
  }
  async function tokenFor(again) {
    const url = dataset.tokenUrl;
    if (!url) return dataset.token;
    if (again || token.url !== url || (await token.text.then(runsOut, () => true))) token = { url, text: fetched(url) };
    return token.text;
  }
  async function send(path, { body, again, ...how } = {}) {
    const headers = { Authorization: "Bearer " + (await tokenFor(again)), "Accept-Language": language() };
    if (body) Object.assign(how, { method: "POST", body: JSON.stringify(body) }), (headers["Content-Type"] = "application/json");
    const answer = await fetch(origin() + "/api/v1/" + path, { headers, credentials: "omit", cache: "no-store", ...how });
    if (answer.status === 401 && dataset.tokenUrl && !again) return send(path, { ...how, body, again: true });
    if (!answer.ok) throw Object.assign(new Error("HTTP " + answer.status), { status: answer.status });
    return answer.status === 204 || answer.json();
  }
  const sendOf = (that, what, how) => send(`calls/${encodeURIComponent(that.recordId)}/${what}/`, how);

  function checked(verdict) {
    if (typeof verdict?.colour !== "string") throw new Error("an answer that is no verdict");
    const { palette, message, colour } = verdict;
    if (colour === "none") return verdict;
    const { stripes, text, buttons, label } = palette;
    const colours = JSON.stringify([stripes, text, buttons]).match(/"#[0-9a-f]{6}"/gi) || [];
    if (colours.length < 10 || !label || !message) throw new Error("a palette that cannot be painted");
    return verdict;
  }

  async function ask(now) {
    const { number: phone, direction, recordId: call_id } = now;
    let recorded = !now.lookup, late;
    const enough = new Promise((_, fail) => setTimeout(() => fail((late = new Error(`no answer in ${BUDGET / 1000} s`))), BUDGET));
    const lookUp = () => send("verdict/?" + new URLSearchParams({ phone, direction }));
    const ring = () => send("calls/", { body: { call_id, phone, direction } }).catch((error) => {
      if (error.status !== 409) throw error;
      recorded = false; // a colleague's card was first with this call: see the colour, leave the record to him
      return lookUp();
    });
    try {
      const verdict = checked(await Promise.race([enough, recorded ? ring() : lookUp()]));
      if (call === now) show(verdict, recorded);
      return recorded;
    } catch (error) {
      if (call === now) unpaint();
      warn(error);
      if (late) token = {}; // its address may be what hangs
      return recorded && (now.unsure = late); // recorded perhaps, and answered too late
    }
  }

  // --- One call: {number, id: the portal's, recordId: ours, recorded: a promise, lookup, state, connectedAt, ended}
  let waiting = 0;

  function begin(now) {
    clearTimeout(waiting);
    waiting = 0;
    if (call && call.number !== now.number) unpaint();
    if (call && (!now.id || call.id !== now.id)) finish(call);
    call = now;
    const answer = ask(now);
    if (!now.lookup) now.recorded = answer;
    track(now.state);
  }
  function track(state) {
    if (!call || !state) return;
    call.state = state;
    if (state === "connected") call.connectedAt ||= Date.now();
    else if (state === "idle" && call.rang) finish(call);
    call.rang ||= state !== "idle";
  }
  async function finish(that) { // if it was recorded and the page said whether it was answered
    if (that.ended || !that.recordId || !that.state) return;
    that.ended = true;
    const since = that.connectedAt, body = { answered: !!since, duration_s: since ? Math.round((Date.now() - since) / 1000) : 0 };
    if (!(await that.recorded)) return;
    sendOf(that, "end", { body, keepalive: true }).catch((error) => that.unsure && error.status === 404 || warn(error));
  }

  // --- The paint
  let shown, badge, held, said, mini, sheet; // held: what of the badge was touched last
  const icon = (text) => (parseInt(text.slice(1, 3), 16) + parseInt(text.slice(3, 5), 16) < 256 ? "brightness(0)" : "none");

  function setColours({ stripes, text, buttons }) {
    if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLE); // constructed: not subject to a page's style-src
    if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const [base, client, bar] = stripes; // 92 % and the like, as the portal's own; its icons are white pictures
    const colours = { base, client, bar, text, line: text + "66", mini: base + "eb", icon: icon(text) };
    for (const [kind, { background, text: ink }] of Object.entries(buttons))
      Object.assign(colours, { [kind]: background, [kind + "-text"]: ink, [kind + "-icon"]: icon(ink) });
    for (const name in colours) sheet.cssRules[0].style.setProperty("--cg-" + name, colours[name]);
  }
  function staleWords({ mirror }) {
    if (mirror?.fresh !== false) return "";
    const format = { dateStyle: "medium", timeStyle: "short" }, [, , , , , asOf, partial] = words();
    return mirror.synced_at ? asOf + new Date(mirror.synced_at).toLocaleString(language(), format) : partial;
  }
  function sentence({ message, entity, responsible }) { // the responsible's name leads to his page in the portal
    const url = entity?.url, name = responsible?.name, at = name ? message.lastIndexOf(name) : -1;
    if (at < 0 || !/^https?:/.test(url)) return [message];
    const href = new URL(`/company/personal/user/${responsible.id}/`, url).href;
    return [message.slice(0, at), element("a", { href, target: "_blank", rel: "noopener" }, name), message.slice(at + name.length)];
  }
  function newBadge({ palette: { icon, label } }, ...more) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.ariaHidden = true;
    path.setAttribute("d", ICONS[icon] || ICONS.info);
    svg.append(path);
    return element("div", { className: BADGE.slice(1) }, svg, element("div", {}, element("b", {}, label), ...more));
  }
  function disputeForm(that) {
    const [mine, placeholder, passed, noted, again] = words();
    const comment = element("input", { placeholder, ariaLabel: placeholder, maxLength: 500 }), press = element("button", {}, mine);
    const form = element("form", {}, comment, press);
    form.onsubmit = async (event) => {
      event.preventDefault();
      press.disabled = true;
      try {
        const { told } = await sendOf(that, "dispute", { body: { comment: comment.value } });
        form.replaceChildren((said.textContent = told.length ? passed + told.map((person) => person.name).join(", ") : noted));
      } catch (error) {
        warn(error);
        press.disabled = false;
        press.textContent = said.textContent = again;
      }
    };
    return form;
  }
  function show(verdict, recorded) {
    unpaint();
    const { colour, message, own, reason } = verdict, stale = staleWords(verdict);
    const standsIn = reason === "substituted_client" && message; // none while colours are not shown yet
    const palette = verdict.palette || (standsIn && { ...NEUTRAL, label: words()[7] });
    if (palette) {
      shown = { colour, palette };
      setColours(palette);
      const more = [...sentence(verdict), stale && element("small", {}, stale), recorded && !own && disputeForm(call)];
      badge = newBadge(shown, ...more.filter(Boolean));
      for (const kind of ["mousedown", "dblclick", "keydown", "focusin"]) badge.addEventListener(kind, (event) => {
        event.stopPropagation();
        held = event.target;
      });
      host.append((said = element("div", { className: "callguard-said", role: "status" })));
      place();
      setTimeout(() => said.append(`${palette.label}. ${message} ${stale}`)); // once it is there, to be read aloud
    }
    document.dispatchEvent(new CustomEvent("callguard:verdict", { detail: verdict }));
  }
  const mark = (one) => shown.colour === "none" || one.setAttribute(MARK, shown.colour);
  function place() { // again after each rebuild
    if (!shown) return;
    mark(host);
    const box = container(), top = box.querySelector(":scope>.im-phone-call-header-container, :scope>.im-phone-calling-section");
    if (badge.parentNode !== box) {
      top ? top.after(badge) : box.prepend(badge);
      if (document.activeElement === document.body) held?.focus(); // it was lost with the layout before
    }
    const panel = folded();
    if (!panel || panel === mini) return;
    mark((mini = panel));
    mini.append(newBadge(shown));
  }
  function unpaint() {
    if (!shown) return;
    for (const one of [host, mini]) one?.removeAttribute(MARK);
    for (const one of [badge, said, mini?.lastChild]) one?.remove();
    shown = mini = null;
  }

  // --- Watching the page: the body's children, the popup's only child, and the portal's events; never the whole tree
  const changes = new MutationObserver(safely(() => look()));
  const later = () => setTimeout(safely(look)); // after the portal's own listeners

  function openCard() { // hidden with no panel in its place, it is closed; without a popup it is the desktop's window
    const popup = document.getElementById(ID);
    if (popup) return (popup.style.display !== "none" || folded()) && popup;
    const bare = "body>.im-phone-call-top-level, body>.im-phone-call-wrapper:not(#im-phone-folded-call-view)";
    return document.querySelector(bare) && document.body;
  }
  function watch() {
    changes.disconnect();
    for (const one of [document.body, document.getElementById("popup-window-content-" + ID)])
      if (one) changes.observe(one, { childList: true });
  }
  function look() {
    listen();
    const card = openCard();
    if (!card) return host && close();
    if (card !== host) {
      host = card;
      watch();
    }
    if (!container()) return waitFor(container, () => complain("a card of an unknown make"));
    const now = facts();
    if (now.nobody || /^(hidden|unknown)$/.test(now.number)) return unpaint();
    if (!now.number) return waitFor(() => facts().number, () => complain("a card without a number"));
    if (call && digits(call.number) === digits(now.number)) {
      if (call.recordId && !call.id) call.id = now.id; // recorded under an ID of our own
      if (!now.id || call.id === now.id) return track(now.state), place();
    }
    // The service keeps one verdict per call: a number that changes during a call is looked up, not recorded.
    if (now.id && call?.id === now.id) begin({ ...call, ...now, lookup: true });
    else if (now.browsing) begin({ ...now, lookup: true });
    else if (now.id) begin({ ...now, recordId: now.id });
    else waitFor(() => facts().id, () => begin({ ...facts(), recordId: "local." + Date.now().toString(36) + Math.random().toString(36) }));
  }
  function complain(words) { // once a card
    if (complained !== host) warn(words);
    complained = host;
  }
  function waitFor(has, giveUp, until = Date.now() + ID_WAIT) { // one wait at a time
    waiting ||= setTimeout(safely(() => {
      waiting = 0;
      if (!host || has()) look();
      else if (Date.now() > until) giveUp();
      else waitFor(has, giveUp, until);
    }), 50);
  }
  function close() {
    clearTimeout(waiting);
    if (call) finish(call);
    unpaint();
    waiting = 0;
    call = host = seenView = null;
    told = {};
    watch();
  }
  function tell(id, number, direction) {
    if (!number || (id && call?.state === "connected" && call.id !== id)) return; // another call, while this one is talking
    const same = id ? id === told.id : digits(number) === digits(told.number);
    told = same ? { ...told, number, direction: direction || told.direction } : { id, number, direction };
    later();
  }
  const PUSHES = {
    invite: (p) => tell(p.callId, p.callerId, p.isCallback ? "callback" : p.isTransfer ? "incomingTransfer" : "incoming"),
    outgoing: (p) => tell(p.callId, p.phoneNumber, "outgoing"),
    showExternalCall: (p) => tell(p.callId, p.phoneNumber, p.isCallback ? "callback" : p.fromUserId > 0 ? "outgoing" : "incoming"),
    replaceCallerId: (p) => tell(p.callId, p.callerId),
  };
  function listen() {
    const methods = attempt(() => BX.Voximplant.PhoneCallView.prototype); // of generations that keep the view private
    for (const name of methods && !methods[ONCE] ? ["show", "loadCrmCard"] : []) {
      const original = methods[name];
      if (!original) continue;
      methods[ONCE] = methods[name] = function (...given) {
        seenView = this;
        later();
        return original.apply(this, given);
      };
    }
    if (listen.ing || !attempt(() => BX.addCustomEvent)) return;
    listen.ing = true;
    const on = (name, act) => BX.addCustomEvent(window, name, safely(act));
    BX.addCustomEvent("onPullEvent-voximplant", safely((command, params) => PUSHES[command]?.(params || {})));
    on("onPopupShow", (popup) => popup?.uniquePopupId === ID && later());
    on("CallCard::EntityChanged", (entity) => tell(null, entity?.PHONE_NUMBER));
    on("CallCard::CallStateChanged", (state) => (track(state), later()));
    on("CallCard::AfterClose", close);
  }

  const start = safely(() => {
    document.head.append(element("link", { rel: "preconnect", href: origin(), crossOrigin: "" }));
    if (dataset.tokenUrl) tokenFor().catch(() => {}); // ready when the phone rings
    watch();
    look();
  });
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
