/* A stand-in for the portal's own page: `BX`, `BXIM` and the call card, element by element as the portal builds them.
 *
 * card.js must not be able to tell. Names, nesting, properties, events and their order are those of the portal's call card
 * of 2017–2026 (modules im and voximplant); the code is ours. `generation` says how the open card can be reached:
 * "im" (BXIM.webrtc.phoneCallView), "messenger" (PhoneManager), "private" (only this class), "desktop" (window.PCW), "none".
 */
(() => {
  "use strict";
  const CARD = "im-phone-call-view";
  const PUSH_AFTER = 250; // ms until the telephony server names an outgoing call
  const CRM_AFTER = 350; // ms until the CRM answers with the client's card

  // ------------------------------------------------------------------------------------------------------------- events
  const listeners = {};
  const named = (args) => (typeof args[0] === "string" ? args : args.slice(1)); // the target object may be left out
  window.BX = {
    addCustomEvent(...args) {
      const [name, fn] = named(args);
      (listeners[name] = listeners[name] || []).push(fn);
    },
    onCustomEvent(...args) {
      const [name, given = []] = named(args);
      (listeners[name] || []).forEach((fn) => fn(...given));
    },
    message: (name) => ({ LANGUAGE_ID: document.documentElement.lang, USER_ID: "" })[name],
    Voximplant: {},
  };
  const fire = (name, ...given) => BX.onCustomEvent(window, name, given);
  const push = (command, params) => BX.onCustomEvent("onPullEvent-voximplant", [command, params]);

  // ----------------------------------------------------------------------------------------------------------- elements
  function node(name, ...children) {
    const [tag, ...classes] = name.split(".");
    const element = document.createElement(tag || "div");
    if (classes.length) element.className = classes.join(" ");
    element.append(...children.filter(Boolean));
    return element;
  }
  const section = (...children) => node(".im-phone-call-section", ...children);
  const words = (key) => portal.words[key] || key;

  function shortCard({ name, post, url, responsible }) {
    const link = node(url ? "a.crm-card-show-user-name-link" : "span.crm-card-show-user-name-link", name);
    if (url) Object.assign(link, { href: url, target: "_blank", rel: "noopener" });
    const person = responsible && node(".crm-card-show-user-responsible",
      node(".crm-card-show-user-responsible-title", words("responsible")),
      node(".crm-card-show-user-responsible-user",
        node(".crm-card-show-user-responsible-user-icon"),
        node(".crm-card-show-user-responsible-user-info",
          node("span.crm-card-show-user-responsible-user-name", responsible.name),
          node(".crm-card-show-user-responsible-user-info-position", responsible.position || ""))));
    const profile = node("input");
    Object.assign(profile, { type: "hidden" }).dataset.role = "crm-card-vk-profile";
    return [profile, node(".crm-card-show-main",
      node(".crm-card-show-user", node(".crm-card-show-user-item")),
      node(".crm-card-show-user-name",
        node(".crm-card-show-user-name-item", link),
        node(".crm-card-show-user-name-desc", post || "")),
      person)];
  }

  // state: the buttons in order; a leading "<" or ">" puts one into the left or right group of the "spaced" layout
  const BUTTONS = {
    incoming: ["answer", "skip"],
    outgoing: ["call"],
    connectingIncoming: ["hangup"],
    connectingOutgoing: ["hangup"],
    connected: ["<hold", "<mute", "<transfer", "<dialpad", ">hangup", "signal"],
    transferring: ["complete", "return"],
    transferFailed: ["return"],
    transferConnected: ["hangup"],
    idleIncoming: ["close"],
    idleOutgoing: ["redial", "close"],
    error: ["close"],
    moneyError: ["notify", "close"],
    redial: ["redial"],
    externalCard: ["close"],
  };
  const LOOKS = {
    answer: "green", call: "green", redial: "green", skip: "red", hangup: "red.im-phone-call-btn-tube", return: "red",
    complete: "blue.im-phone-call-btn-arrow", notify: "blue", close: "red", next: "gray.im-phone-call-btn-arrow",
  };

  // ----------------------------------------------------------------------------------------------------------- the card
  class PhoneCallView {
    constructor(params) {
      Object.assign(this, {
        id: CARD, phoneNumber: "", lineNumber: "", companyPhoneNumber: "", direction: "incoming", callId: "",
        callState: "idle", crmEntityType: "", crmEntityId: 0, crmBindings: [], crmData: {}, fromUserId: 0, toUserId: 0,
        portalCall: false, transfer: false, deviceCall: false, callListId: 0, folded: false, title: "", statusText: "",
        _uiState: "incoming", currentLayout: "simple", elements: { buttons: {} }, popup: null,
      }, params);
    }

    show() {
      const container = node("div.popup-window");
      container.id = CARD;
      container.setAttribute("role", "dialog");
      container.tabIndex = -1;
      const content = node(".popup-window-content", this.createSimpleLayout());
      content.id = "popup-window-content-" + CARD;
      container.append(content);
      const overlay = node("div");
      overlay.id = "popup-window-overlay-" + CARD;
      document.body.append(overlay, container);
      this.popup = { uniquePopupId: CARD, popupContainer: container, overlay };
      this.setTitle(this.titleText());
      portal.place(container, overlay);
      document.body.classList.add("im-phone-call-disable-scroll");
      ["onPopupFirstShow", "onPopupShow", "onAfterPopupShow"].forEach((name) => fire(name, this.popup));
    }

    titleText() {
      return (portal.words["title_" + this.direction] || "{number}").replace("{number}", this.phoneNumber);
    }

    stripe() {
      const fold = node(".im-phone-btn-arrow", node(".im-phone-btn-arrow-inner"));
      fold.title = words("fold");
      fold.addEventListener("click", () => this.fold());
      this.elements.buttonsContainer = node(".im-phone-call-buttons-container");
      return [this.elements.buttonsContainer, node(".im-phone-call-buttons-container-top", fold)];
    }

    createSimpleLayout() {
      this.currentLayout = "simple";
      const e = this.elements;
      e.title = node(".im-phone-calling-text", this.title);
      e.status = node(".im-phone-calling-process-status", this.statusText);
      e.main = node(".im-phone-call-wrapper", node(".im-phone-call-container",
        node(".im-phone-calling-section", e.title),
        node(".im-phone-call-section.im-phone-calling-progress-section", node(".im-phone-calling-progress-container",
          node(".im-phone-calling-progress-container-block-l", node(".im-phone-calling-progress-phone")),
          node(".im-phone-calling-progress-container-block-c", node(".im-phone-calling-progress-bar")),
          node(".im-phone-calling-progress-container-block-r", node(".im-phone-calling-progress-customer")))),
        section(e.status), ...this.stripe()));
      e.main.style.setProperty("width", "550px");
      e.main.style.setProperty("height", "492px");
      this.renderButtons();
      return e.main;
    }

    createCrmLayout() {
      this.currentLayout = "crm";
      const e = this.elements;
      e.title = node(".im-phone-call-title-text", this.title);
      e.status = node(".im-phone-call-status-description-item", this.statusText);
      e.timer = node("span", "00:00");
      e.crmCard = node(".im-phone-call-crm-card", ...shortCard(this.crmData));
      const textarea = node("textarea.im-phone-call-comments-textarea");
      textarea.placeholder = words("comment");
      textarea.setAttribute("aria-label", words("comment"));
      e.comments = section(node(".im-phone-call-comments", textarea));
      e.comments.hidden = true;
      e.crmButtonsContainer = node(".im-phone-call-crm-buttons");
      e.main = node(".im-phone-call-top-level", node("div"),
        node(".im-phone-call-wrapper.im-phone-call-wrapper-without-sidebar",
          node(".im-phone-call-container.im-phone-call-container-without-sidebar",
            node(".im-phone-call-header-container", node(".im-phone-call-header", e.title)),
            e.crmCard,
            section(node(".im-phone-call-status-description", e.status)),
            section(node(".im-phone-call-status-timer", node(".im-phone-call-status-timer-item", e.timer))),
            e.comments, section(e.crmButtonsContainer), ...this.stripe())));
      e.main.style.setProperty("width", "550px");
      e.main.style.setProperty("height", "650px");
      e.main.addEventListener("dblclick", () => this.fold());
      this.renderCrmButtons();
      this.renderButtons();
      return e.main;
    }

    loadCrmCard(type, id) {
      this.crmEntityType = type;
      this.crmEntityId = id;
      fire("CallCard::EntityChanged", { CRM_ENTITY_TYPE: type, CRM_ENTITY_ID: id, PHONE_NUMBER: this.phoneNumber });
      setTimeout(() => this.popup && this.onCrmAnswer(), CRM_AFTER);
    }

    onCrmAnswer() {
      if (this.currentLayout === "crm") return this.elements.crmCard.replaceChildren(...shortCard(this.crmData));
      const before = this.elements.main; // every node inside is new
      before.parentNode.replaceChild(this.createCrmLayout(), before);
      portal.place(this.popup.popupContainer, this.popup.overlay);
    }

    renderCrmButtons() {
      const item = (text) => node("span.im-phone-call-crm-button-item", text);
      const comment = node("span.im-phone-call-crm-button.im-phone-call-crm-button-comment", item(words("comment")));
      comment.addEventListener("click", () => {
        this.elements.comments.hidden = !comment.classList.toggle("im-phone-call-crm-button-active");
      });
      const others = ["deal", "invoice", "activity"].map((k) => node("span.im-phone-call-crm-button", item(words(k))));
      this.elements.crmButtonsContainer.replaceChildren(comment, ...others);
    }

    renderButtons() {
      const box = this.elements.buttonsContainer;
      const state = this._uiState === "idle" ? (this.direction === "incoming" ? "idleIncoming" : "idleOutgoing") : this._uiState;
      const left = node(".im-phone-call-buttons-container-left");
      const right = node(".im-phone-call-buttons-container-right");
      const parts = BUTTONS[state].map((key) => {
        const side = { "<": left, ">": right }[key[0]];
        const button = this.button(side ? key.slice(1) : key);
        return side ? side.append(button) : button;
      });
      box.replaceChildren(...[left, right].filter((side) => side.childNodes.length), ...parts.filter(Boolean));
    }

    button(key) {
      if (key === "signal") return node("span.im-phone-call-btn-signal", node("span.im-phone-call-btn-signal-active"));
      const round = !LOOKS[key];
      const button = round ? node("span.im-phone-call-btn-" + key) : node(`span.im-phone-call-btn.im-phone-call-btn-${LOOKS[key]}`, words(key));
      if (round) button.title = words(key);
      button.addEventListener("click", () => (round ? button.classList.toggle("active") : this.press(key)));
      this.elements.buttons[key] = button;
      return button;
    }

    press(key) {
      if (key === "answer") portal.connect();
      else if (key === "call" || key === "redial") portal.redial();
      else if (key === "hangup") portal.hangup();
      else if (key === "skip" || key === "close") this.close();
    }

    setTitle(text) {
      this.title = this.elements.title.textContent = text;
      this.popup.popupContainer.setAttribute("aria-label", text);
    }
    setStatusText(text) {
      this.statusText = this.elements.status.textContent = text;
    }
    setUiState(state) {
      this._uiState = state;
      this.renderButtons();
    }
    setCallState(state) {
      if (state === this.callState) return;
      this.callState = state;
      if (state === "connected") this.startTimer();
      else clearInterval(this.ticking);
      fire("CallCard::CallStateChanged", state, {});
    }
    setPhoneNumber(number) {
      this.phoneNumber = number;
    }
    isPortalCall() {
      return this.portalCall;
    }
    isFolded() {
      return this.folded;
    }
    startTimer() {
      const since = Date.now();
      const two = (n) => String(n).padStart(2, "0");
      this.ticking = setInterval(() => {
        const s = Math.floor((Date.now() - since) / 1000);
        const text = `${two(Math.floor(s / 60))}:${two(s % 60)}`;
        for (const clock of [this.elements.timer, this.miniTime]) if (clock) clock.textContent = text;
      }, 500);
    }

    fold() {
      this.folded = true; // nothing is destroyed: the popup stays in the page, hidden
      this.popup.popupContainer.style.display = this.popup.overlay.style.display = "none";
      fire("onPopupClose", this.popup);
      document.body.classList.remove("im-phone-call-disable-scroll");
      const button = (name, act) => {
        const span = node("span.im-phone-call-panel-mini-" + name);
        span.title = words(name);
        span.addEventListener("click", act);
        return span;
      };
      this.miniTime = node(".im-phone-call-panel-mini-time", "00:00");
      this.mini = node(".im-phone-call-panel-mini", this.miniTime,
        node(".im-phone-call-panel-mini-buttons", button("cancel", () => portal.hangup())),
        button("expand", () => this.unfold()));
      this.mini.style.setProperty("z-index", "15000");
      document.body.append(this.mini);
    }
    unfold() {
      this.folded = false;
      this.mini.remove();
      this.mini = this.miniTime = null;
      this.popup.popupContainer.style.display = this.popup.overlay.style.display = "block";
      document.body.classList.add("im-phone-call-disable-scroll");
      ["onPopupShow", "onAfterPopupShow"].forEach((name) => fire(name, this.popup));
    }

    close() {
      fire("CallCard::BeforeClose");
      if (this.mini) this.mini.remove();
      clearInterval(this.ticking);
      const popup = this.popup;
      fire("onPopupClose", popup);
      popup.popupContainer.remove();
      popup.overlay.remove();
      document.body.classList.remove("im-phone-call-disable-scroll");
      this.popup = null;
      portal.reach(null);
      fire("onPopupDestroy", popup);
      fire("CallCard::AfterClose");
      document.dispatchEvent(new CustomEvent("portal:closed"));
    }
  }
  BX.PhoneCallView = PhoneCallView;

  // --------------------------------------------------------------------------------------- the telephony behind the card
  let calls = 0;
  const portal = {
    generation: "im",
    words: {},
    open: null,
    place() {}, // the page says where a card appears
    callId: () => `demo.${Date.now().toString(36)}.${(calls += 1)}`,

    reach(view) {
      this.open = view;
      window.BXIM = { webrtc: { phoneCallView: this.generation === "im" ? view : null } };
      const manager = { getPhoneCallView: () => view };
      BX.Messenger = this.generation === "messenger" ? { v2: { Lib: { PhoneManager: { getInstance: () => manager } } } } : undefined;
      window.PCW = this.generation === "desktop" ? view : undefined;
      BX.Voximplant = this.generation === "private" ? { PhoneCallView } : {};
    },

    /** client: {crm: {type, id, name, post, url, responsible}} or null when the portal's CRM shows nobody. */
    dial(number, { crm = null, ...params } = {}) {
      const view = new PhoneCallView({
        phoneNumber: number, direction: "outgoing", crmData: crm, callState: "connecting", _uiState: "connectingOutgoing",
        statusText: words("connecting"), ...params,
      });
      this.reach(view);
      view.show();
      setTimeout(() => view.popup && this.name(view, "outgoing", { phoneNumber: number, callDevice: "WEBRTC" }), PUSH_AFTER);
    },

    /** The push that brings a call's ID and the client it found. */
    name(view, command, params) {
      const callId = this.callId();
      push(command, { callId, portalCall: view.portalCall, ...params });
      view.callId = callId;
      if (view.crmData) view.loadCrmCard(view.crmData.type, view.crmData.id);
    },

    ring(number, { crm = null, direction = "incoming", ...params } = {}) {
      const callId = this.callId();
      push("invite", { callId, callerId: number, isCallback: direction === "callback", portalCall: false });
      const view = new PhoneCallView({
        phoneNumber: number, direction, callId, crmData: crm, statusText: words("ringing"), ...params,
      });
      this.reach(view);
      view.show();
      if (crm) view.loadCrmCard(crm.type, crm.id);
    },

    connect() {
      this.open.setUiState("connected");
      this.open.setStatusText(words("talking"));
      this.open.setCallState("connected");
    },
    hangup() {
      this.open.setUiState("idle");
      this.open.setStatusText(words("ended"));
      this.open.setCallState("idle");
      if (this.open.folded) this.open.unfold();
    },
    redial() {
      const view = this.open;
      view.callId = "";
      view.setUiState("connectingOutgoing");
      view.setStatusText(words("connecting"));
      view.setCallState("connecting");
      setTimeout(() => view.popup && this.name(view, "outgoing", { phoneNumber: view.phoneNumber }), PUSH_AFTER);
    },
    /** During a call the portal learns who is really there: consultation ended, or the next one of a call list. */
    replaceNumber(number) {
      push("replaceCallerId", { callId: this.open.callId, callerId: number });
      this.open.setPhoneNumber(number);
      this.open.setTitle(this.open.titleText());
      this.open.loadCrmCard(this.open.crmEntityType, this.open.crmEntityId);
    },
  };
  portal.reach(null);
  window.portalStandIn = portal;
})();
