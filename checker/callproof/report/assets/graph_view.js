"use strict";
// Finding states in the sequence graph, and the shortest way to one of them.
callproof.graph = (() => {
  const { el, fill, count } = callproof;
  const by = (id) => document.getElementById(id);
  const LISTED = 100; // states that are listed at once
  let graph = null;
  let found = [];
  let chosen = -1;
  let started = false;

  const layer = () => Number(by("graph-filter").elements.layer.value);
  const paint = () => callproof.graphMap.draw(by("graph-map"), graph, layer(), found, chosen);
  const words = (state) => callproof.graphData.words(graph, state).join(", ") || "the initial state";

  const link = (state, text) =>
    el("button", { type: "button", class: "state", onclick: () => choose(state) }, text);

  const edges = (state) => {
    const rows = [];
    for (let edge = graph.first[state]; edge < graph.first[state + 1]; edge++) {
      if (graph.strictest[edge] < layer()) continue;
      const to = graph.target[edge];
      const only = graph.strictest[edge];
      rows.push(el("li", {}, link(to, graph.labels[graph.label[edge]][1]),
        el("span", { class: "quiet" }, to === state ? " stays here" : ` to state ${to}`),
        only < graph.layers.length - 1 ? [" ", el("span", { class: "tag" }, `not in ${graph.layers[only + 1]}`)] : null));
    }
    return rows;
  };

  const choose = (state) => {
    chosen = state;
    const way = callproof.graphData.way(graph, layer(), state);
    const leaving = edges(state);
    by("state-title").textContent = `State ${state}: ${way.length ? `${count(way.length, "call")} away` : "where all begins"}`;
    fill(
      by("state-body"),
      el("p", { class: "words" }, words(state)),
      el("h4", {}, "A shortest way here"),
      way.length
        ? el("ol", { class: "way" }, way.map((s) => el("li", {}, link(s.state, graph.labels[graph.label[s.edge]][1]))))
        : el("p", { class: "quiet" }, "No call is needed."),
      el("h4", {}, `Accepted here: ${count(leaving.length, "call")}`),
      el("ul", { class: "leaving" }, leaving),
    );
    paint();
    by("state-title").focus({ preventScroll: true });
    by("state-title").scrollIntoView({ block: "nearest" });
  };

  const search = () => {
    const form = by("graph-filter").elements;
    found = callproof.graphData.find(graph, layer(), form.text.value, form.call.value);
    const { depth, order } = callproof.graphData.ways(graph, layer());
    if (chosen >= 0 && depth[chosen] < 0) {
      chosen = -1;
      by("state-title").textContent = "No state chosen";
      fill(by("state-body"), el("p", { class: "quiet" }, "Choose a state in the list or in the map."));
    }
    form.count.value = `${found.length.toLocaleString("en")} of ${count(order.length, "state")}`;
    fill(
      by("found-states"),
      found.slice(0, LISTED).map((state) => el("li", {}, link(state, words(state)),
        el("span", { class: "quiet" }, ` ${count(depth[state], "call")}`))),
      found.length > LISTED
        ? el("li", { class: "quiet" }, `and ${(found.length - LISTED).toLocaleString("en")} farther ones`)
        : null,
    );
    paint();
  };

  const fillFilters = () => {
    const form = by("graph-filter").elements;
    const calls = [...new Set(graph.labels.map(([call]) => call))].sort();
    form.call.append(...calls.map((call) => el("option", {}, call)));
    form.layer.append(...graph.layers.map((name, n) => el("option", { value: n }, name)));
    form.layer.value = graph.layers.length - 1;
  };

  const listen = () => {
    const canvas = by("graph-map");
    by("graph-filter").addEventListener("input", search);
    by("graph-filter").addEventListener("submit", (event) => event.preventDefault());
    canvas.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect();
      const state = callproof.graphMap.at(event.clientX - box.left, event.clientY - box.top);
      if (state >= 0) choose(state);
    });
    addEventListener("resize", () => by("graph").hidden || paint());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  };

  const start = async () => {
    if (started) {
      if (graph) paint();
      return;
    }
    started = true;
    const given = JSON.parse(by("graph-data").textContent);
    if (!given) return;
    try {
      graph = await callproof.graphData.load(given);
    } catch (error) {
      fill(by("state-body"), el("p", { class: "note" }, `This browser cannot unpack the graph: ${error.message}`));
      return;
    }
    fillFilters();
    listen();
    search();
  };

  return { start };
})();
