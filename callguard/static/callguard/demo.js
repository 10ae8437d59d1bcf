/* The demonstration page: rings the stand-in portal, shows the phone book and why a card has its colour. */
(() => {
  "use strict";
  const portal = window.portalStandIn;
  const config = JSON.parse(document.getElementById("demo-config").textContent);
  const $ = (id) => document.getElementById(id);
  const cardScript = document.querySelector("script[data-token-url]");
  let client = null; // what /demo/about/ said of the number that was dialled

  function node(tag, attributes, ...children) {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }
  async function read(url, query) {
    const answer = await fetch(url + "?" + new URLSearchParams(query), { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`);
    return answer.json();
  }
  const employee = () => $("employee").value;
  const direction = () => document.querySelector("[name=direction]:checked").value;

  // -------------------------------------------------------------------------------------------------------- phone book
  function entry(row) {
    const dot = node("i", { ariaHidden: "true" });
    if (row.background) dot.style.setProperty("--dot", row.background);
    const button = node("button", { type: "button", className: "entry" }, dot,
      node("b", {}, row.phone), node("span", {}, [row.colour, row.name, row.note].filter(Boolean).join(" · ")));
    button.addEventListener("click", () => {
      $("phone").value = row.phone;
      document.querySelectorAll(".entry[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
      button.setAttribute("aria-current", "true");
      ring();
    });
    return button;
  }

  async function fillBook() {
    if (!employee()) return;
    const wanted = employee();
    cardScript.dataset.tokenUrl = config.urls.token + "?" + new URLSearchParams({ employee: wanted });
    const { groups } = await read(config.urls.book, { employee: wanted });
    if (wanted !== employee()) return; // somebody else was chosen meanwhile
    const parts = groups.flatMap((group) => [node("h4", { className: "group" }, group.title), ...group.entries.map(entry)]);
    $("book").replaceChildren(...parts);
    document.body.dataset.ready = wanted;
  }

  // ------------------------------------------------------------------------------------------------------------ a call
  async function ring() {
    if (portal.open) portal.open.close();
    const phone = $("phone").value.trim();
    if (!phone || !employee()) return;
    const way = direction();
    client = await read(config.urls.about, { phone, employee: employee(), direction: way });
    $("screen-hint").hidden = true;
    const crm = $("blind").checked ? null : client.crm;
    const shown = phone.replace(/[^\p{L}\d+#*;,. ()-]/gu, "");
    if (way === "outgoing") portal.dial(shown, { crm });
    else portal.ring(shown, { crm, direction: way });
    levers();
    if (window.matchMedia("(max-width: 1000px)").matches) $("screen").scrollIntoView({ block: "start" });
  }

  /** Where the page shows a card: in the middle of the employee's screen. */
  portal.place = (card, overlay) => {
    const box = $("screen").getBoundingClientRect();
    const put = (element, left, top, more = {}) => {
      const values = { left: `${Math.round(left + window.scrollX)}px`, top: `${Math.round(top + window.scrollY)}px`, ...more };
      for (const [name, value] of Object.entries(values)) element.style.setProperty(name, value);
    };
    put(overlay, box.left, box.top, { width: `${box.width}px`, height: `${box.height}px`, "border-radius": "16px" });
    put(card, box.left + (box.width - card.offsetWidth) / 2, box.top + 46 + (box.height - 46 - card.offsetHeight) / 2);
  };
  const placeAgain = () => portal.open && portal.open.popup && portal.place(portal.open.popup.popupContainer, portal.open.popup.overlay);
  window.addEventListener("resize", placeAgain);
  new ResizeObserver(placeAgain).observe(document.body);

  const LEVERS = {
    connect: (view) => view.callState !== "connected" && view._uiState !== "idle" && portal.connect(),
    hangup: (view) => view._uiState !== "idle" && portal.hangup(),
    fold: (view) => !view.folded && view.fold(),
    unfold: (view) => view.folded && view.unfold(),
    close: (view) => view.close(),
  };
  /** Only what can happen now; the same can be done with the card's own buttons. */
  function levers() {
    const view = portal.open;
    const over = view && view._uiState === "idle";
    const able = view && {
      connect: !over && view.callState !== "connected", hangup: !over, fold: !view.folded, unfold: view.folded, close: true,
    };
    document.querySelectorAll("#levers button").forEach((button) => {
      button.hidden = !able || !able[button.dataset.act];
    });
  }
  $("levers").addEventListener("click", (event) => {
    const act = LEVERS[event.target.dataset.act];
    if (act && portal.open) act(portal.open);
    levers();
  });
  document.addEventListener("click", () => setTimeout(levers));
  document.addEventListener("portal:closed", () => {
    $("screen-hint").hidden = false;
    levers();
  });

  // ------------------------------------------------------------------------------------------------------- explanation
  function outcomeBox(verdict) {
    const palette = verdict.palette;
    const box = node("div", { className: "outcome" },
      node("div", {}, node("b", {}, palette ? palette.label : config.words.no_colour), node("span", {}, verdict.message)));
    if (palette) {
      box.style.setProperty("--colour", palette.background);
      box.style.setProperty("--on-colour", palette.text);
    }
    return box;
  }
  const finding = (row) =>
    node("div", { className: row.decisive ? "found decisive" : "found" }, node("strong", {}, row.title), ...row.lines.map((line) => node("div", {}, line)));
  const step = (row) =>
    node("li", { className: row.state }, node("b", {}, row.name), node("p", {}, row.text), ...row.found.map(finding));

  document.addEventListener("callguard:verdict", async ({ detail: verdict }) => {
    if (!client) return;
    $("why").replaceChildren(outcomeBox(verdict),
      node("ul", { className: "facts" }, ...client.facts.map((fact) => node("li", {}, fact))),
      node("ol", { className: "steps" }, ...client.steps.map(step)));
    const call = portal.open && portal.open.callId;
    const record = call ? await read(config.urls.record, { call_id: call }) : {};
    $("record").hidden = !record.url;
    if (record.url) $("record").replaceChildren(record.text + " ", node("a", { href: record.url }, record.link));
  });

  // ------------------------------------------------------------------------------------------------------------- start
  portal.words = config.words;
  $("dial").addEventListener("submit", (event) => {
    event.preventDefault();
    ring();
  });
  $("employee").addEventListener("change", () => {
    if (portal.open) portal.open.close();
    fillBook();
  });
  levers();
  fillBook();
})();
