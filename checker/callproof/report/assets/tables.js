"use strict";
// Filtering the table of clauses.
callproof.tables = (() => {
  const start = () => {
    const form = document.getElementById("clause-filter");
    const rows = [...document.querySelectorAll("table.clauses tbody tr")];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const filter = () => {
      const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const origin = form.elements.origin.value;
      let shown = 0;
      rows.forEach((row, index) => {
        const fits = words.every((word) => texts[index].includes(word)) && (!origin || row.dataset.origin === origin);
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      form.elements.count.value = `${shown} of ${callproof.count(rows.length, "clause")}`;
    };
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    filter();
    return () => {
      form.reset();
      filter();
    };
  };
  return { start };
})();
