/* Names for what Select2 draws in place of the admin's fields: a screen reader hears the label, not only the choice. */
(() => {
  "use strict";

  const label = (select) => {
    const told = select.labels?.[0]?.innerText ?? select.getAttribute("aria-label") ?? "";
    return told.replace(/[*:]/g, "").trim();
  };

  const name = (drawn) => {
    const select = drawn.previousElementSibling;
    if (!select || select.tagName !== "SELECT") return;
    const told = label(select);
    if (!told) return;
    for (const part of drawn.querySelectorAll(".select2-selection__rendered[role=textbox], .select2-search__field")) {
      part.setAttribute("aria-label", told);
    }
    const single = drawn.querySelector(".select2-selection--single");
    if (single) {
      // What it is, then what is chosen.
      single.removeAttribute("aria-labelledby");
      single.setAttribute("aria-label", [told, select.selectedOptions[0]?.text.trim()].filter(Boolean).join(": "));
    }
  };

  const nameAll = () => document.querySelectorAll(".select2-container").forEach(name);

  document.addEventListener("DOMContentLoaded", () => {
    nameAll();
    new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
  });
})();

/* Fields of several parts: one more of the last part, the hours of the day above, and which days are closed. */
(() => {
  "use strict";

  const partsOf = (whole) => [...whole.querySelectorAll(":scope > [data-repeat]")];

  const addPart = (whole) => {
    const last = partsOf(whole).at(-1);
    const added = last.cloneNode(true);
    added.classList.remove("halles-day--wrong");
    for (const input of added.querySelectorAll("input")) {
      input.value = "";
      input.removeAttribute("value");
      input.removeAttribute("aria-invalid");
    }
    last.after(added);
    return added;
  };

  const inputsOf = (day) => [...day.querySelectorAll("input[type=time]")];

  const tellClosed = (day) => {
    const badge = day.querySelector(".halles-day-closed");
    if (badge) badge.hidden = inputsOf(day).some((input) => input.value);
  };

  const copyAbove = (day) => {
    const above = inputsOf(day.previousElementSibling);
    while (inputsOf(day).length < above.length) addPart(day);
    inputsOf(day).forEach((input, place) => { input.value = above[place]?.value ?? ""; });
    tellClosed(day);
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-one-more], [data-as-above]").forEach((button) => { button.hidden = false; });
    document.querySelectorAll("[data-week] [data-repeated]").forEach(tellClosed);
  });
  document.addEventListener("input", (event) => {
    const day = event.target.closest("[data-week] [data-repeated]");
    if (day) tellClosed(day);
  });
  document.addEventListener("click", (event) => {
    const more = event.target.closest("[data-one-more]");
    if (more) {
      const whole = more.closest("[data-repeated]") ?? more.parentElement.querySelector("[data-repeated]");
      addPart(whole).querySelector("input").focus();
    }
    const above = event.target.closest("[data-as-above]");
    if (above) copyAbove(above.closest("[data-repeated]"));
  });
})();

/* Django's picker of several names its hints on an element without a role, which no screen reader may read. */
window.addEventListener("load", () => setTimeout(() => {
  // The pickers are drawn at the same event.
  for (const hint of document.querySelectorAll(".search-label-icon[aria-label]")) hint.setAttribute("role", "img");
}));

/* A rule that was previewed and is changed is counted anew before it is saved: its button says so. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const label = document.querySelector("[data-halles-recount]");
  const form = label?.closest("button").form;
  if (!form) return;
  const saving = label.textContent;
  const filledIn = () => new URLSearchParams(new FormData(form)).toString();
  const previewed = filledIn();
  const tell = () => {
    label.textContent = filledIn() === previewed ? saving : label.dataset.hallesRecount;
  };
  form.addEventListener("input", tell);
  form.addEventListener("change", tell);
  // What Select2 chooses is told by jQuery alone.
  window.django?.jQuery?.(form).on("change", tell);
});
