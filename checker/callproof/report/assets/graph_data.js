"use strict";
// The sequence graph, unpacked: states as bytes, edges in arrays, and the shortest ways in each layer.
callproof.graphData = (() => {
  const inflate = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  // Numbers of seven bits a byte, the lowest first.
  const reader = (bytes, start) => {
    let at = start;
    return () => {
      let value = 0;
      let weight = 1;
      for (;;) {
        const byte = bytes[at++];
        value += (byte & 127) * weight;
        if (byte < 128) return value;
        weight *= 128;
      }
    };
  };

  const load = async (given) => {
    const bytes = await inflate(given.packed);
    const next = reader(bytes, given.states * given.bytes);
    const first = new Int32Array(given.states + 1);
    const target = new Int32Array(given.edges);
    const label = new Int32Array(given.edges);
    const strictest = new Uint8Array(given.edges);
    let edge = 0;
    for (let state = 0; state < given.states; state++) {
      first[state] = edge;
      for (let left = next(); left > 0; left--) {
        const code = next();
        const away = next();
        label[edge] = Math.floor(code / given.layers.length);
        strictest[edge] = code % given.layers.length;
        target[edge] = state + (away % 2 ? -(away + 1) / 2 : away / 2);
        edge++;
      }
    }
    first[given.states] = edge;
    let shift = 0;
    const slots = given.slots.map((slot) => {
      const made = { ...slot, shift };
      shift += slot.width;
      return made;
    });
    return { ...given, raw: bytes, first, target, label, strictest, slots, ways: new Map() };
  };

  // The value of a control variable in a state.
  const value = (graph, state, slot) => {
    let found = 0;
    for (let bit = 0; bit < slot.width; bit++) {
      const at = slot.shift + bit;
      if (graph.raw[state * graph.bytes + (at >> 3)] & (1 << (at & 7))) found += 1 << bit;
    }
    return found;
  };

  const wording = (slot, number) => {
    if (!slot.members.length) return number ? slot.name : `${slot.name}=false`;
    return `${slot.name}=${slot.members[number] ?? number}`;
  };

  // What is not as it was at first.
  const words = (graph, state) =>
    graph.slots.flatMap((slot) => {
      const number = value(graph, state, slot);
      return number ? [wording(slot, number)] : [];
    });

  // Breadth first from the initial state by the edges of a layer: how far each state is, and the edge that leads there.
  const ways = (graph, layer) => {
    const known = graph.ways.get(layer);
    if (known) return known;
    const depth = new Int32Array(graph.states).fill(-1);
    const by = new Int32Array(graph.states).fill(-1);
    const from = new Int32Array(graph.states).fill(-1);
    const queue = [0];
    depth[0] = 0;
    for (let head = 0; head < queue.length; head++) {
      const state = queue[head];
      for (let edge = graph.first[state]; edge < graph.first[state + 1]; edge++) {
        const to = graph.target[edge];
        if (graph.strictest[edge] < layer || depth[to] >= 0) continue;
        depth[to] = depth[state] + 1;
        by[to] = edge;
        from[to] = state;
        queue.push(to);
      }
    }
    const made = { depth, by, from, order: queue };
    graph.ways.set(layer, made);
    return made;
  };

  const way = (graph, layer, state) => {
    const { by, from } = ways(graph, layer);
    const found = [];
    for (let at = state; from[at] >= 0; at = from[at]) found.push({ edge: by[at], state: at });
    return found.reverse();
  };

  // States of a layer, the nearest first, that have all the words and accept the call.
  const find = (graph, layer, text, call) => {
    const tests = text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
      const not = word.startsWith("-") && word.length > 1;
      const wanted = not ? word.slice(1) : word;
      const hits = graph.slots.map((slot) =>
        Array.from({ length: 1 << slot.width }, (_, number) =>
          (number > 0 || wanted.includes("=")) && wording(slot, number).toLowerCase().includes(wanted)));
      return (state) => graph.slots.some((slot, n) => hits[n][value(graph, state, slot)]) !== not;
    });
    const calls = graph.labels.map(([name]) => name === call);
    const accepts = (state) => {
      for (let edge = graph.first[state]; edge < graph.first[state + 1]; edge++) {
        if (graph.strictest[edge] >= layer && calls[graph.label[edge]]) return true;
      }
      return false;
    };
    return ways(graph, layer).order.filter((state) => tests.every((test) => test(state)) && (!call || accepts(state)));
  };

  return { load, words, ways, way, find };
})();
