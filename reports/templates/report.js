"use strict";
// Sorting and filtering of the tables. Without it the page shows everything, in the order of the methods.

const value = (row, column) => row.cells[column].dataset.v;

function sort(table, column, direction) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  rows.sort((a, b) => {
    const [x, y] = [value(a, column), value(b, column)];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined); // n/a comes last
    const difference = column === 0 ? x.localeCompare(y) : Number(x) - Number(y);
    return direction * difference;
  });
  body.append(...rows);
}

function sortable(table) {
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(table, column, up ? 1 : -1);
    });
  });
}

// A bar's length is the place of the number between the column's extremes, on a logarithmic scale.
function bars(table) {
  for (let column = 0; column < table.tHead.rows[0].cells.length; column++) {
    const cells = Array.from(table.tBodies[0].rows, (row) => row.cells[column]).filter((c) => "bar" in c.dataset);
    const logs = cells.map((cell) => Math.log(Math.max(Number(cell.dataset.v), 1e-12)));
    const [low, high] = [Math.min(...logs), Math.max(...logs)];
    cells.forEach((cell, i) => {
      cell.style.setProperty("--bar", `${high > low ? 6 + (94 * (logs[i] - low)) / (high - low) : 100}%`);
    });
  }
}

function filterable(form) {
  const rows = Array.from(document.getElementById(form.dataset.for).tBodies[0].rows);
  const search = form.querySelector("input");
  const pressed = (by) =>
    Array.from(form.querySelectorAll(`[data-by=${by}] [aria-pressed=true]`), (button) => button.value);
  const update = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [families, nfes] = [pressed("family"), pressed("nfe")];
    let shown = 0;
    for (const row of rows) {
      const text = `${row.cells[0].textContent} ${row.dataset.family} ${row.id}`.toLowerCase();
      const fits =
        words.every((word) => text.includes(word)) &&
        (!families.length || families.includes(row.dataset.family)) &&
        (!nfes.length || nfes.includes(row.dataset.nfe));
      row.hidden = !fits;
      shown += fits;
    }
    form.querySelector("output").value = `${shown} of ${rows.length} rows`;
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", update);
  form.querySelectorAll("button").forEach((button) =>
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      update();
    }),
  );
  form.hidden = false;
  update();
}

document.querySelectorAll("table.numbers").forEach((table) => {
  sortable(table);
  bars(table);
});
document.querySelectorAll("form.filters").forEach(filterable);
