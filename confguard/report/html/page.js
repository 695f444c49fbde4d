"use strict";
(() => {
  // Paper cannot be clicked: what is folded away is unfolded for it.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open])")];
    unfolded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => unfolded.forEach((details) => { details.open = false; }));

  // The whole row opens its details, unless someone is selecting text in it.
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr.opens");
    if (!row || event.target.closest("details") || String(getSelection())) return;
    const details = row.querySelector("details");
    details.open = !details.open;
  });
  document.documentElement.classList.add("scripted");

  const bar = document.getElementById("filter");
  if (!bar) return;
  const search = bar.querySelector("input");
  const count = bar.querySelector("output");
  const every = bar.querySelector("[data-all]");
  const chips = [...bar.querySelectorAll("[data-status]")];
  const tables = [...document.querySelectorAll(".table")].map((table) => ({
    none: table.querySelector(".none"),
    rows: [...table.querySelectorAll("tbody > tr")].map((row) => ({
      row, status: row.dataset.status, text: row.textContent.toLowerCase(),
    })),
  }));
  const total = tables.reduce((sum, table) => sum + table.rows.length, 0);

  const isPressed = (chip) => chip.getAttribute("aria-pressed") === "true";
  const press = (chip, pressed) => chip.setAttribute("aria-pressed", String(pressed));

  const apply = () => {
    const off = new Set(chips.filter((chip) => !isPressed(chip)).map((chip) => chip.dataset.status));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const isShown = ({ status, text }) => !off.has(status) && words.every((word) => text.includes(word));
    let shown = 0;
    for (const { none, rows } of tables) {
      const here = rows.filter((each) => { each.row.hidden = !isShown(each); return !each.row.hidden; }).length;
      none.hidden = here > 0;
      shown += here;
    }
    press(every, off.size === 0);
    count.textContent = count.dataset.text.replace("{shown}", shown).replace("{all}", total);
  };

  chips.forEach((chip) => chip.addEventListener("click", () => { press(chip, !isPressed(chip)); apply(); }));
  every.addEventListener("click", () => { chips.forEach((chip) => press(chip, true)); apply(); });
  search.addEventListener("input", apply);
  bar.addEventListener("submit", (event) => event.preventDefault());

  // The heads of tables stick below the bar, however many lines it takes.
  bar.hidden = false;
  new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
  apply();
})();
