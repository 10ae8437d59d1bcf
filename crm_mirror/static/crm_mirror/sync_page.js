// The sync page: how far the work is, asked every other second while it goes on; and charts whose words can be read in
// both themes. Without this file the page says the same, as of when it was loaded.
"use strict";

function colourCharts() {
  if (!window.Chart) return;
  Chart.defaults.color = document.documentElement.classList.contains("dark") ? "#d4d4d8" : "#3f3f46";
  document.querySelectorAll("canvas.chart").forEach((canvas) => Chart.getChart(canvas)?.update());
}

function watchProgress(box) {
  const part = (name) => box.querySelector(`[data-${name}]`);
  const bar = box.querySelector("[role=progressbar]");
  const EVERY = 1500; // ms

  function show(now) {
    // a screen reader reads the headline each time it is written: only when it is another
    if (part("headline").textContent !== now.headline) part("headline").textContent = now.headline;
    part("detail").textContent = now.detail;
    bar.dataset.state = now.state;
    bar.setAttribute("aria-valuetext", now.detail || now.headline);
    if (now.percent === null) bar.removeAttribute("aria-valuenow");
    else bar.setAttribute("aria-valuenow", now.percent);
    bar.firstElementChild.style.width = now.percent === null ? "" : now.percent + "%";
    part("run").hidden = !now.link;
    if (now.link) part("run").href = now.link;
    part("again").hidden = now.goes_on;
    box.hidden = now.state === "none";
  }

  async function ask() {
    let goesOn = true;
    try {
      const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok || answer.redirected) throw new Error("HTTP " + answer.status);
      const now = await answer.json();
      show(now);
      goesOn = now.goes_on;
    } catch {
      part("detail").textContent = box.dataset.lost;
    }
    if (goesOn) setTimeout(ask, EVERY);
  }

  const percent = bar.getAttribute("aria-valuenow");
  if (percent !== null) bar.firstElementChild.style.width = percent + "%";
  if (box.dataset.goesOn === "yes") setTimeout(ask, EVERY);
}

document.addEventListener("DOMContentLoaded", () => {
  colourCharts(); // before unfold draws them, which it does on load
  new MutationObserver(colourCharts).observe(document.documentElement, { attributeFilter: ["class"] });
  watchProgress(document.getElementById("progress"));
});
