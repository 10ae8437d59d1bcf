// A frame of the palette's page. The stand-in portal (bitrix-card.js) shows its card, and here stands in the service:
// card.js, unchanged, asks whose client it is and paints the look that the editor sent last. No request leaves the page.
"use strict";

(() => {
  const portal = window.portalStandIn;
  const told = JSON.parse(document.getElementById("told").textContent);
  const isCrm = document.body.dataset.layout === "crm";
  // what happens in the call → the state of the card's buttons, and its word
  const SCENES = {
    ringing: ["incoming", "ringing"],
    talking: ["connected", "talking"],
    transferring: ["transferring", "talking"],
    over: ["idle", "ended"],
    folded: ["connected", "talking"],
  };
  const PRESSED = ["hold", "transfer"]; // their neighbours stay as they are, to compare
  let sent = null; // {look, scene, pressed}
  portal.words = told.words;

  const palette = () =>
    JSON.parse(JSON.stringify(told.verdict.palette), (_, value) => (Object.hasOwn(sent.look, value) ? sent.look[value] : value));
  const answer = (path) => (path.endsWith("/calls/") ? { ...told.verdict, palette: palette() } : { told: [] });
  window.fetch = async (address) => ({ ok: true, status: 200, json: async () => answer(String(address)) });

  function ring() {
    portal.ring(told.phone);
    if (isCrm) {
      portal.open.crmData = told.client;
      portal.open.onCrmAnswer();
    }
    play();
  }
  function play() {
    const view = portal.open;
    const [buttons, word] = SCENES[sent.scene];
    view.setUiState(buttons);
    view.setStatusText(told.words[word]);
    if (view.folded !== (sent.scene === "folded")) view.folded ? view.unfold() : view.fold();
    for (const name of PRESSED) view.elements.buttons[name]?.classList.toggle("active", sent.pressed);
    const comment = document.querySelector(".im-phone-call-crm-button-comment");
    if (comment && comment.classList.contains("im-phone-call-crm-button-active") !== sent.pressed) comment.click();
  }
  /** The same card, another call: the script asks anew, as it does on a portal. */
  function repaint() {
    portal.open.callId = portal.callId();
    BX.onCustomEvent(window, "onPopupShow", [portal.open.popup]);
  }

  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || source !== window.parent || !SCENES[data?.scene]) return;
    const before = sent;
    sent = data;
    if (!portal.open) return ring();
    if (before.scene !== sent.scene || before.pressed !== sent.pressed) play();
    repaint();
  });
  document.addEventListener("portal:closed", ring); // its own buttons work; there is always a card to look at
  document.addEventListener("click", (event) => event.target.closest("a") && event.preventDefault());
  // what is read aloud once a call would be read at every colour that is tried
  document.addEventListener("callguard:verdict", () => document.querySelector(".callguard-said")?.remove());
})();
