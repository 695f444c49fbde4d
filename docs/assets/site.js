// Rows of an index can be chosen: by words, and by the columns that the table names. Without scripts all rows are there.
for (const box of document.querySelectorAll(".filtered")) {
  const rows = [...box.querySelectorAll("tbody tr")];
  const heads = [...box.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  const bar = document.createElement("form");
  const count = document.createElement("output");
  const search = Object.assign(document.createElement("input"), { type: "search", placeholder: "Filter" });
  search.setAttribute("aria-label", "Show the rows with these words");
  const asked = new URLSearchParams(location.search);
  const choices = box.dataset.by.split(" ").filter(Boolean).map((name) => {
    const column = heads.indexOf(name);
    const choice = document.createElement("select");
    choice.setAttribute("aria-label", name);
    const values = new Set(rows.map((row) => row.cells[column].textContent.trim()));
    choice.append(new Option(`any ${name}`, ""), ...[...values].map((value) => new Option(value)));
    choice.value = values.has(asked.get(name)) ? asked.get(name) : "";
    return { choice, column };
  });

  const choose = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !(words.every((word) => text.includes(word))
        && choices.every(({ choice, column }) => !choice.value || row.cells[column].textContent.trim() === choice.value));
    }
    count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  };

  bar.className = "filter";
  bar.append(search, ...choices.map(({ choice }) => choice), count);
  bar.addEventListener("input", choose);
  bar.addEventListener("submit", (event) => event.preventDefault());
  box.prepend(bar);
  choose();
}
