// What unfold and select2 leave out for people who do not see the page: where the content is, and what a box is for.
// And how pages are drawn under a content security policy without 'unsafe-inline' (docs/adr/0011): a script may set an
// element's style, a page's text may not.
"use strict";

if (window.htmx) {
  window.htmx.config.includeIndicatorStyles = false; // else it writes a <style>
}

// unfold's bar of actions has its width as a text, which Alpine would set as an attribute; an object it sets by itself.
document.addEventListener("alpine:init", () => {
  document.querySelectorAll("[x-bind\\:style]").forEach((element) => {
    const width = /^'width: ' \+ (\w+) \+ 'px'$/.exec(element.getAttribute("x-bind:style"));
    if (width) {
      element.setAttribute("x-bind:style", `{ width: ${width[1]} + 'px' }`);
    }
  });
});

function paint() {
  document.querySelectorAll("[data-css]").forEach((element) => {
    element.style.cssText = element.dataset.css;
  });
}

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
  paint();
  (document.getElementById("main") || document.getElementById("page"))?.setAttribute("role", "main");
  window.django?.jQuery?.(nameBoxes); // after select2, which begins in the same way but asked earlier
});
window.addEventListener("load", nameScrollers); // simplebar begins with DOMContentLoaded
