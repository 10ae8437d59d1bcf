// The palette's page: repaints the card while colours are picked, proposes a palette from one colour, and shows what the
// server measures of it. The server decides what is legible, here and on saving; nothing is computed twice.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const PICTURES = { stop: "dangerous" }; // Material Symbols has other names for some icons of the card
  const PAUSE = 150; // ms without a change before the server is asked
  const editor = document.querySelector("[data-callguard-editor]");
  const card = document.querySelector("[data-callguard-card]");
  if (!editor || !card) {
    return;
  }
  const part = (name) => editor.querySelector(`[data-callguard-${name}]`);
  const inputs = [...document.querySelectorAll("input[type=color][name]")];
  const look = () => Object.fromEntries(inputs.map((input) => [input.name, input.value]));
  const paint = (shown, colours) => {
    for (const [name, colour] of Object.entries(colours)) {
      shown.style.setProperty("--" + name.replaceAll("_", "-"), colour);
    }
  };
  const ask = async (address, facts) => {
    const answer = await fetch(address + "?" + new URLSearchParams(facts));
    if (!answer.ok) {
      throw new Error("HTTP " + answer.status);
    }
    return answer.json();
  };

  // --- the real card, in frames of our own origin: they paint what they are sent
  const frames = [...editor.querySelectorAll("iframe[data-src]")];
  const written = (name) => document.getElementById("id_" + name)?.value || "…";
  const send = (frame) => {
    const words = Object.fromEntries(["icon", "label_ru", "label_en"].map((name) => [name, written(name)]));
    const facts = { look: { ...look(), ...words }, scene: part("scene").value, pressed: part("pressed").checked };
    frame.contentWindow.postMessage(facts, location.origin);
  };
  const show = () => frames.forEach(send);

  // --- what the server says
  const cell = (row, text) => (row.insertCell().textContent = text);
  const showPairs = (pairs) => {
    const body = part("pairs");
    body.replaceChildren();
    for (const pair of pairs) {
      const row = body.insertRow();
      row.dataset.passes = String(!pair.nearest);
      [pair.front, pair.back, `${pair.ratio} : 1`, `${pair.needed} : 1`].forEach((text) => cell(row, text));
      const last = row.insertCell();
      if (pair.nearest) {
        const take = document.createElement("button");
        take.type = "button";
        take.textContent = `${body.dataset.take} ${pair.nearest}`;
        take.setAttribute("aria-label", `${body.dataset.take} ${pair.nearest}: ${pair.front}`);
        take.addEventListener("click", () => fill({ [pair.field]: pair.nearest }));
        last.append(take);
      } else {
        last.textContent = "✓";
      }
    }
    const failing = pairs.filter((pair) => pair.nearest).length;
    const verdict = part("verdict");
    verdict.textContent = failing ? `${verdict.dataset.fails}: ${failing}` : verdict.dataset.fine;
  };
  const showWarnings = (sentences) => {
    part("warnings").replaceChildren(
      ...sentences.map((text) => Object.assign(document.createElement("p"), { textContent: text })),
    );
  };
  let looks = null;
  let labels = {};
  const showBeside = () => {
    const seen = looks?.[part("vision").value] || {};
    part("beside").replaceChildren(
      ...Object.entries(seen).map(([code, colours]) => {
        const twin = card.cloneNode(true);
        twin.removeAttribute("data-callguard-card"); // there is one that is edited
        if (code !== editor.dataset.code) {
          twin.querySelector("[data-callguard-label]").textContent = labels[code] || code;
          twin.querySelector("[data-callguard-icon]").textContent = "";
        }
        paint(twin, colours);
        return twin;
      }),
    );
  };
  let asked = 0;
  const measure = async () => {
    const turn = ++asked;
    try {
      const told = await ask(editor.dataset.check, { ...look(), code: editor.dataset.code });
      if (turn !== asked) {
        return; // a later pick is being measured
      }
      ({ looks, labels } = told);
      showPairs(told.pairs);
      showWarnings(told.warnings);
      showBeside();
    } catch {
      showWarnings([part("warnings").dataset.broken]);
    }
  };

  // --- what the person does
  let pause = null;
  const picked = () => {
    paint(card, look());
    show();
    clearTimeout(pause);
    pause = setTimeout(measure, PAUSE);
  };
  const fill = (colours) => {
    inputs.filter((input) => input.name in colours).forEach((input) => (input.value = colours[input.name]));
    picked();
  };
  inputs.forEach((input) => input.addEventListener("input", picked));
  part("propose").addEventListener("click", async () => {
    try {
      fill(await ask(editor.dataset.proposal, { colour: part("seed").value }));
    } catch {
      showWarnings([part("warnings").dataset.broken]);
    }
  });
  part("vision").addEventListener("change", showBeside);
  const follow = (id, selector) => {
    const input = document.getElementById(id);
    const shown = card.querySelector(selector);
    input?.addEventListener("input", () => (shown.textContent = PICTURES[input.value] || input.value));
  };
  follow(document.documentElement.lang.startsWith("en") ? "id_label_en" : "id_label_ru", "[data-callguard-label]");
  follow("id_icon", "[data-callguard-icon]");
  ["icon", "label_ru", "label_en"].forEach((name) => document.getElementById("id_" + name)?.addEventListener("input", show));
  ["scene", "pressed"].forEach((name) => part(name).addEventListener("change", show));
  for (const frame of frames) {
    frame.addEventListener("load", () => send(frame));
    frame.src = frame.dataset.src; // now that its loading is heard
  }
  paint(card, look()); // a refused form comes back with the colours that were picked
  measure();
});
