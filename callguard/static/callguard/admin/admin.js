// What unfold and select2 leave out for people who do not see the page: where the content is, and what a box is for.
"use strict";

function nameBoxes() {
  document.querySelectorAll("[id^=select2-][id$=-container]").forEach((shown) => {
    const label = document.getElementById(shown.id.slice("select2-".length, -"-container".length))?.labels?.[0];
    if (label) {
      label.id ||= shown.id + "-label";
      shown.setAttribute("aria-labelledby", label.id);
      shown.closest("[role=combobox]")?.setAttribute("aria-labelledby", label.id + " " + shown.id);
    }
  });
}

function nameScrollers() {
  const title = document.querySelector("h1")?.textContent.trim();
  document.querySelectorAll("#main .simplebar-content-wrapper").forEach((box) => box.setAttribute("aria-label", title));
}

document.addEventListener("DOMContentLoaded", () => {
  (document.getElementById("main") || document.getElementById("page"))?.setAttribute("role", "main");
  window.django?.jQuery?.(nameBoxes); // after select2, which begins in the same way but asked earlier
});
window.addEventListener("load", nameScrollers); // simplebar begins with DOMContentLoaded
