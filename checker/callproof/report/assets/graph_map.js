"use strict";
// The map of the graph: a point for each state, in the column of the fewest calls that reach it.
callproof.graphMap = (() => {
  const HEIGHT = 320;
  const FOOT = 22;
  const BIGGEST = 10;
  let laid = null;

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // The largest cells with which the points of every column find room.
  const lay = (columns, width) => {
    for (let cell = BIGGEST; cell >= 1; cell -= cell > 2 ? 1 : 0.25) {
      const rows = Math.max(1, Math.floor((HEIGHT - FOOT) / cell));
      const gap = Math.max(4, cell);
      const total = columns.reduce((sum, c) => sum + Math.ceil(c.length / rows) * cell + gap, 0);
      if (total <= width || cell <= 1) return { cell, rows, gap };
    }
    return { cell: 1, rows: HEIGHT - FOOT, gap: 4 };
  };

  const layout = (graph, layer, width) => {
    const { depth, order } = callproof.graphData.ways(graph, layer);
    const columns = [];
    for (const state of order) (columns[depth[state]] ||= []).push(state);
    const { cell, rows, gap } = lay(columns, width);
    const x = new Float32Array(graph.states);
    const y = new Float32Array(graph.states);
    const heads = [];
    let left = gap / 2;
    for (const states of columns) {
      const wide = Math.ceil(states.length / rows) * cell;
      states.forEach((state, n) => {
        x[state] = left + Math.floor(n / rows) * cell + cell / 2;
        y[state] = (n % rows) * cell + cell / 2 + 2;
      });
      heads.push({ x: left + wide / 2, count: states.length });
      left += wide + gap;
    }
    return { graph, layer, width, cell, x, y, heads, order };
  };

  const point = (pen, at, state, scale) => {
    const size = Math.max(1, laid.cell * scale);
    pen.fillRect(at.x[state] - size / 2, at.y[state] - size / 2, size, size);
  };

  const trail = (pen, way) => {
    if (!way.length) return;
    pen.strokeStyle = style("--ink");
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.moveTo(laid.x[0], laid.y[0]);
    for (const { state } of way) pen.lineTo(laid.x[state], laid.y[state]);
    pen.stroke();
  };

  const ring = (pen, state) => {
    pen.strokeStyle = style("--ink");
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(laid.x[state], laid.y[state], Math.max(6, laid.cell), 0, 2 * Math.PI);
    pen.stroke();
  };

  const heads = (pen) => {
    pen.fillStyle = style("--quiet");
    pen.font = "11px system-ui, sans-serif";
    pen.textAlign = "center";
    let free = -Infinity;
    laid.heads.forEach((head, depth) => {
      if (head.x - free < 18) return;
      pen.fillText(String(depth), head.x, HEIGHT - 6);
      free = head.x;
    });
  };

  const draw = (canvas, graph, layer, found, chosen) => {
    const width = canvas.parentElement.clientWidth;
    if (!laid || laid.graph !== graph || laid.layer !== layer || laid.width !== width) {
      laid = layout(graph, layer, width);
    }
    const ratio = devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = HEIGHT * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${HEIGHT}px`;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.clearRect(0, 0, width, HEIGHT);
    const wanted = new Set(found);
    pen.fillStyle = style("--faint");
    for (const state of laid.order) if (!wanted.has(state)) point(pen, laid, state, 0.35);
    // Where everything is found nothing stands out, and nothing should.
    const all = found.length === laid.order.length;
    pen.fillStyle = style(all ? "--quiet" : "--accent");
    for (const state of found) point(pen, laid, state, all ? 0.5 : 0.8);
    heads(pen);
    if (chosen >= 0) {
      trail(pen, callproof.graphData.way(graph, layer, chosen));
      ring(pen, chosen);
    }
  };

  // The state nearest to a place of the map, or -1 where there is none near.
  const at = (x, y) => {
    let best = -1;
    let least = 20 * 20;
    for (const state of laid ? laid.order : []) {
      const away = (laid.x[state] - x) ** 2 + (laid.y[state] - y) ** 2;
      if (away < least) [best, least] = [state, away];
    }
    return best;
  };

  return { draw, at };
})();
