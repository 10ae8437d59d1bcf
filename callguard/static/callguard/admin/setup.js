// Connecting the portal: buttons that copy, and buttons that say that they are at work. Without this file all works.
"use strict";

async function copy(box) {
  try {
    await navigator.clipboard.writeText(box.textContent.trim());
    return true;
  } catch {
    // no clipboard without https: what is selected can be copied by hand
    getSelection().selectAllChildren(box);
    return false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const words = document.querySelector("[data-copied]").dataset;
  const copied = await copy(document.getElementById(button.dataset.copy));
  const said = copied ? words.copied : words.notCopied;
  button.dataset.title ||= button.textContent;
  button.textContent = said;
  document.querySelector("[data-said]").textContent = said;
  setTimeout(() => (button.textContent = button.dataset.title), 2500);
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.dataset.busy) return;
  // after the form's data is taken: a disabled button would not be part of it
  setTimeout(() => {
    button.textContent = button.dataset.busy;
    event.target.querySelectorAll("button").forEach((one) => (one.disabled = true));
    const said = document.querySelector("[data-said]");
    if (said) said.textContent = button.dataset.busy;
  });
});

// Back by the browser's button: the page is as it was left, buttons and all.
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
