/* What forms and fields do beyond HTML. Without it everything still works: keys make a double click harmless. */
"use strict";

/* One click, one request: the button that was pressed says that it is busy. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || (form.method || "").toLowerCase() !== "post") return;
  if (form.dataset.isSent) {
    event.preventDefault();
    return;
  }
  form.dataset.isSent = "true";
  form.setAttribute("aria-busy", "true");
});

/* A scan looks the page up again: what was typed elsewhere on it goes along. */
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-carries]")) return;
  for (const kept of event.target.querySelectorAll("input[type=hidden]")) {
    const typed = document.getElementById(kept.name);
    if (typed) kept.value = typed.value;
  }
});

/* Coming back with the browser's button finds forms as they were, ready to be sent. */
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-is-sent]")) {
    delete form.dataset.isSent;
    form.removeAttribute("aria-busy");
  }
  focusScan();
  showTop();
});

/* A field that has the focus from the start must not hide what the page says before it. */
function showTop() {
  if (document.activeElement.matches("[autofocus]") && !window.location.hash) window.scrollTo(0, 0);
}

/* A scanner types wherever the cursor stands: unless somebody writes elsewhere, that is the scan field. */
function focusScan() {
  const field = document.querySelector("[data-scan]");
  if (field && !document.activeElement.matches("input, select, textarea")) field.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.key === " ") return;
  if (!document.activeElement.matches("input, select, textarea, button, a, summary")) focusScan();
});

/* Buttons that only make sense with a script appear with it. */
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const form of document.querySelectorAll("form[data-send-on-change]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }
});

/* A page that waits for something looks again by itself: <main data-look-again-in="3">. */
document.addEventListener("DOMContentLoaded", () => {
  const waiting = document.querySelector("[data-look-again-in]");
  if (waiting) setTimeout(() => window.location.reload(), 1000 * Number(waiting.dataset.lookAgainIn || 3));
});
