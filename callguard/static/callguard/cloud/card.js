// The call card's tab: the palette's full background, whose client it is, and since when we know.
"use strict";

(async () => {
  const { callOf, on, said, verdictOn } = window.callguard;
  const main = document.querySelector("main");
  const part = (name) => main.querySelector(`[data-${name}]`);
  const words = (name) => main.querySelector(`[data-words=${name}]`).content.textContent;
  const ICONS = {
    stop: "M8 2h8l6 6v8l-6 6H8l-6-6V8zm-2 8.5v3h12v-3z",
    warning: "M12 2 1 21h22zm-1.2 7h2.4l-.3 6h-1.8zm1.2 9.4a1.3 1.3 0 1 1 0-2.6 1.3 1.3 0 0 1 0 2.6z",
    info: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-1.3 8.4h2.6V18h-2.6zm1.3-4.2a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
  };

  function row(name, text, link) {
    const shown = main.querySelector(`[data-row=${name}]`);
    shown.hidden = !text;
    const place = shown.querySelector("a") || shown.querySelector("dd");
    place.textContent = text || "";
    if (link) place.href = link;
  }

  function draw(icon) {
    part("icon").replaceChildren();
    if (!ICONS[icon]) return;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    path.setAttribute("d", ICONS[icon]);
    svg.append(path);
    part("icon").append(svg);
  }

  function paint(palette) {
    const [base, client, bar] = palette ? palette.stripes : ["", "", ""];
    const style = document.documentElement.style;
    Object.entries({ base, client, bar, text: palette ? palette.text : "" }).forEach(([name, colour]) =>
      colour ? style.setProperty("--" + name, colour) : style.removeProperty("--" + name),
    );
    draw(palette && palette.icon);
  }

  function show(verdict) {
    const person = verdict.responsible;
    const portal = main.querySelector("a[data-portal]").dataset.portal;
    main.dataset.state = verdict.colour;
    paint(verdict.palette);
    part("label").textContent = verdict.palette ? verdict.palette.label : words("none");
    part("message").textContent = verdict.message;
    row("responsible", person && person.name, person && `${portal}/company/personal/user/${person.id}/`);
    row("status", verdict.status && verdict.status.name);
    row("contact", verdict.contact && verdict.contact.title);
    row("stale", !verdict.mirror.fresh && verdict.mirror.synced_at && new Date(verdict.mirror.synced_at).toLocaleString());
  }

  function say(name) {
    main.dataset.state = name;
    paint(null);
    part("label").textContent = "Call Guard";
    part("message").textContent = words(name);
    ["responsible", "status", "contact", "stale"].forEach((one) => row(one, ""));
  }

  let asked = "";
  async function ask(frame, options) {
    const call = callOf(options);
    if (!call.phone || ["hidden", "unknown"].includes(call.phone)) return say("hidden");
    if (asked === call.phone + " " + call.id) return;
    asked = call.phone + " " + call.id;
    try {
      show(await verdictOn(frame, call));
    } catch (error) {
      asked = "";
      console.warn("callguard: no verdict: " + error.message);
      say("failed");
    }
  }

  try {
    const frame = await B24Js.initializeB24Frame();
    let options = frame.placement.options || {};
    await ask(frame, options);
    // a call list's next client: the number changes while the card stays
    on(frame, "CallCard::EntityChanged", (facts) => {
      const phone = said(facts && facts.PHONE_NUMBER);
      options = { ...options, ...(phone && phone !== options.PHONE_NUMBER ? { PHONE_NUMBER: phone, CALL_ID: "" } : {}) };
      ask(frame, options);
    });
  } catch (error) {
    console.warn("callguard: " + error.message);
    say("outside");
  }
})();
