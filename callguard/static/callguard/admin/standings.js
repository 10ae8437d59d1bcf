// Statuses on their way to the portal: asked about until each is accepted or refused. Without this file a page says the
// same as of when it was loaded.
"use strict";

(() => {
  const SOON = 2000, LATER = 10000, SOON_FOR = 60000; // ms: the outbox goes out every few seconds, if it goes at all
  const began = Date.now();
  const waiting = () => [...document.querySelectorAll("[data-standing][data-state=pending]")];

  async function renew(part, shown) {
    const query = new URLSearchParams({ part });
    shown.forEach((element) => query.append("company", element.dataset.standing));
    const answer = await fetch(shown[0].dataset.url + "?" + query, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok || answer.redirected) throw new Error("HTTP " + answer.status);
    const pieces = await answer.json();
    for (const element of shown) {
      const piece = pieces[element.dataset.standing];
      if (!piece) element.dataset.state = "unknown"; // somebody else's by now: nothing more is told about it
      const fresh = piece && new DOMParser().parseFromString(piece, "text/html").body.firstElementChild;
      // what says the same stays, so that it is not read aloud again
      if (fresh && fresh.textContent !== element.textContent) element.replaceWith(fresh);
    }
  }

  async function ask() {
    const shown = waiting();
    if (!shown.length) return;
    try {
      for (const part of ["panel", "badge"]) {
        const these = shown.filter((element) => element.dataset.part === part);
        if (these.length) await renew(part, these);
      }
    } catch {
      // the server is away for a moment: asked again below
    }
    setTimeout(ask, Date.now() - began < SOON_FOR ? SOON : LATER);
  }

  document.addEventListener("DOMContentLoaded", () => setTimeout(ask, SOON));
})();
