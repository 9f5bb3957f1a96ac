"use strict";
// Copying a sequence: a button for each format that the report carries, and the text itself.
callproof.copies = (() => {
  const { el } = callproof;

  // Browsers refuse the clipboard to some pages; then the text is selected, so that a key copies it.
  const copy = async (text, pre) => {
    try {
      await navigator.clipboard.writeText(text);
      return "copied";
    } catch {
      const range = document.createRange();
      pre.closest("details").open = true;
      range.selectNodeContents(pre);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return "selected: press Ctrl+C";
    }
  };

  const draw = (holder, trace) => {
    const said = el("span", { class: "quiet", role: "status" });
    const rows = Object.entries(trace.copies).map(([format, text]) => {
      const pre = el("pre", { tabindex: "0" }, text);
      const act = async () => {
        said.textContent = `${format} ${await copy(text, pre)}`;
      };
      return [
        el("button", { type: "button", onclick: act }, `Copy as ${format}`),
        el("details", {}, el("summary", {}, `Show the ${format}`), pre),
      ];
    });
    callproof.fill(holder, el("p", { class: "buttons" }, rows.map((row) => row[0]), " ", said), rows.map((row) => row[1]));
  };

  return { draw };
})();
