"use strict";
// What every part of the report uses. Text reaches the page by textContent only, so that none of it can be markup.
const callproof = {};

callproof.data = JSON.parse(document.getElementById("report-data").textContent);

// An element with properties and children; a child is a node or text, and null stands for nothing.
callproof.el = (tag, properties, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) made.append(child);
  }
  return made;
};

callproof.fill = (place, ...children) => place.replaceChildren(...children.flat().filter((child) => child !== null));

callproof.count = (number, noun) => `${number.toLocaleString("en")} ${noun}${Number(number) === 1 ? "" : "s"}`;

// The pattern of a name: without the numbers of the resources in it.
callproof.pattern = (name) => name.replace(/\[\d+\]/g, "[]");

// A mark that says with its shape what its colour says, and a word for those who see neither.
callproof.mark = (shape) => callproof.el("span", { class: "mark", "aria-hidden": "true" }, shape);

callproof.clause = (id) => {
  const known = callproof.data.clauses[id];
  return known ? { origin: known[0], text: known[1], citation: known[2] } : { origin: "", text: "", citation: "" };
};
