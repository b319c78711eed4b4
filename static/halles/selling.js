// The countdown to the end of a reservation, the question whether it was paid, the print button.
// Without this file the time still stands in words, and “Look again” asks.
(() => {
  "use strict";

  const left = (until) => Math.max(0, Math.round((until - Date.now()) / 1000));

  const tick = (element, until) => {
    const seconds = left(until);
    const minutes = Math.floor(seconds / 60);
    element.textContent = `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds > 0) {
      window.setTimeout(() => tick(element, until), 1000);
    }
  };

  for (const element of document.querySelectorAll("[data-countdown]")) {
    // What is left, as the server counts it: the tablet's own clock may be off.
    const seconds = Number.parseInt(element.dataset.countdown, 10);
    if (!Number.isNaN(seconds)) {
      tick(element, Date.now() + seconds * 1000);
    }
  }

  const poll = async (address) => {
    try {
      const answer = await fetch(address, { credentials: "same-origin", redirect: "error" });
      if (answer.status === 200) {
        window.location.reload();
        return;
      }
    } catch {
      // The line is down for a moment: asked again like before.
    }
    window.setTimeout(() => poll(address), 2000);
  };

  for (const element of document.querySelectorAll("[data-poll]")) {
    window.setTimeout(() => poll(element.dataset.poll), 2000);
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }
})();
