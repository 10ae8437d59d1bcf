// Repaints the preview of a palette while colours are picked. The server decides what is legible, on saving.
"use strict";

const PICTURES = { stop: "dangerous" }; // Material Symbols has other names for some icons of the card

document.addEventListener("DOMContentLoaded", () => {
  const card = document.querySelector("[data-callguard-card]");
  if (!card) {
    return;
  }
  const paint = (input) => card.style.setProperty("--" + input.name.replaceAll("_", "-"), input.value);
  document.querySelectorAll("input[type=color]").forEach((input) => {
    paint(input); // a refused form comes back with the colours that were picked
    input.addEventListener("input", () => paint(input));
  });
  const follow = (id, selector) => {
    const input = document.getElementById(id);
    const shown = card.querySelector(selector);
    input?.addEventListener("input", () => {
      shown.textContent = PICTURES[input.value] || input.value;
    });
  };
  follow(document.documentElement.lang.startsWith("en") ? "id_label_en" : "id_label_ru", "[data-callguard-label]");
  follow("id_icon", "[data-callguard-icon]");
});
