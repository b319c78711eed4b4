/* The form of a rule set: rules are moved by dragging, by their arrows or from the keyboard, added and removed.
   The order of the hidden `rule` values is the order of the rules: nothing needs a new name when it moves. */
(() => {
  "use strict";
  const editor = document.querySelector("[data-halles-rules]");
  const list = editor && editor.querySelector("[data-halles-list]");
  if (!list) return;
  const told = editor.querySelector("[data-halles-told]");
  const fresh = editor.querySelector("[data-halles-new]");
  const rules = () => [...list.children];
  const nameOf = (rule) => rule.querySelector(".halles-rule-head input[type=text]").value || "–";
  const tell = (text, rule) => {
    told.textContent = text
      .replace("{name}", nameOf(rule))
      .replace("{place}", rules().indexOf(rule) + 1)
      .replace("{count}", rules().length);
  };

  const move = (rule, by) => {
    const place = rules().indexOf(rule) + by;
    if (place < 0 || place >= rules().length) return;
    const focused = document.activeElement;
    list.insertBefore(rule, by < 0 ? rules()[place] : rules()[place].nextElementSibling);
    if (rule.contains(focused)) focused.focus();
    tell(told.dataset.text, rule);
  };

  editor.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const rule = button && button.closest("[data-halles-rule]");
    if (!button) return;
    if (button.hasAttribute("data-halles-add")) return add();
    if (!rule) return;
    if (button.hasAttribute("data-halles-up")) move(rule, -1);
    if (button.hasAttribute("data-halles-down")) move(rule, 1);
    if (button.hasAttribute("data-halles-remove")) {
      const next = rule.nextElementSibling || rule.previousElementSibling;
      tell(told.dataset.gone, rule);
      rule.remove();
      (next ? next.querySelector("[data-halles-handle]") : editor.querySelector("[data-halles-add]")).focus();
    }
  });

  const add = () => {
    const marks = rules().map((rule) => Number(rule.querySelector("input[name=rule]").value));
    const mark = String(Math.max(-1, ...marks) + 1);
    const holder = document.createElement("ol");
    holder.innerHTML = fresh.innerHTML.replaceAll("__new__", mark);
    const rule = holder.firstElementChild;
    list.append(rule);
    offerPicks(rule);
    rule.querySelector(".halles-rule-head input[type=text]").focus();
    tell(told.dataset.text, rule);
  };

  editor.addEventListener("keydown", (event) => {
    const rule = event.target.closest("[data-halles-rule]");
    if (!rule || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    move(rule, event.key === "ArrowUp" ? -1 : 1);
  });

  let dragged = null;
  list.addEventListener("dragstart", (event) => {
    if (!event.target.closest("[data-halles-handle]")) return;
    dragged = event.target.closest("[data-halles-rule]");
    dragged.classList.add("halles-rule--dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", nameOf(dragged));
    event.dataTransfer.setDragImage(dragged, 16, 16);
  });
  const follow = (event) => {
    if (!dragged) return;
    event.preventDefault();
    const over = event.target.closest("[data-halles-rule]");
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    const below = event.clientY > box.top + box.height / 2;
    list.insertBefore(dragged, below ? over.nextElementSibling : over);
  };
  list.addEventListener("dragenter", follow);
  list.addEventListener("dragover", follow);
  list.addEventListener("drop", (event) => dragged && event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.classList.remove("halles-rule--dragged");
    tell(told.dataset.text, dragged);
    dragged = null;
  });

  /* What is known is picked from a list and written behind what stands there. */
  const quoted = (code) => (/[",]/.test(code) ? JSON.stringify(code) : code);
  const pick = (field) => {
    const code = field.value.trim();
    if (!code) return;
    const into = document.getElementById(field.dataset.hallesPick);
    const present = into.value.split(",").map((each) => each.trim());
    if (!present.includes(code)) into.value = [into.value.trim(), quoted(code)].filter(Boolean).join(", ");
    field.value = "";
  };
  const offerPicks = (where) => {
    for (const field of where.querySelectorAll("[data-halles-pick]")) {
      field.hidden = false;
      field.addEventListener("change", () => pick(field));
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        pick(field);
      });
    }
  };
  offerPicks(editor);
})();
