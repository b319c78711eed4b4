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
