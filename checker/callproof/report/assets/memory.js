"use strict";
// The memory map: which bytes are bound or allocated after a step, drawn to scale, with overlaps found by arithmetic.
callproof.memory = (() => {
  const { el, count } = callproof;
  const END = 1n << 64n; // one past the last address
  const STABLE = 40; // spans up to which the stretches of a map stay the same from step to step
  const ONE_SCALE = 16n; // longest stretch to shortest, up to which all are drawn to one scale
  const kinds = new Map(callproof.data.memory.map((kind) => [kind.path, kind]));

  const hex = (address) => `0x${address.toString(16)}`;
  const bytes = (size) => count(size, "byte");
  const last = (from, to) => `${hex(from)} to ${hex(to - 1n)}`;

  // The bytes of a span as stretches that do not wrap: one, or two where it passes the end of the address space.
  const pieces = ({ base, size }) => {
    if (size === 0n) return [];
    if (base + size <= END) return [{ from: base, to: base + size }];
    return [{ from: base, to: END }, { from: 0n, to: base + size - END }];
  };

  // Everything that is ever bound or allocated in a trace, each with the steps [first, until) after which it is so.
  const timeline = (trace) => {
    const state = new Map();
    const open = new Map();
    const spans = [];
    const read = (path, kind, field) => state.get(`${path}.${field}`);
    const look = (path, kind, step) => {
      const base = BigInt(read(path, kind, kind.base) || "0");
      const size = BigInt(read(path, kind, kind.size) || "0");
      const flag = kind.present ? read(path, kind, kind.present) === "true" : size > 0n;
      const gone = kind.allocated !== "" && read(path, kind, kind.allocated) !== "true";
      const known = open.get(path);
      const same = known && flag && known.base === base && known.size === size && known.gone === gone;
      if (same) return;
      if (known) {
        known.until = step;
        known.ends = !flag;
        open.delete(path);
      }
      if (flag) {
        const stays = known && known.base === base && known.size === size;
        const bound = stays ? known.bound : step; // the step that bound it here, which may be before it was freed
        const span = { path, kind, base, size, gone, bound, first: step, until: Infinity, ends: false };
        open.set(path, span);
        spans.push(span);
      }
    };
    trace.steps.forEach((step, number) => {
      const touched = new Set();
      for (const [name, , value] of step.changes) {
        const full = trace.names[name];
        state.set(full, value);
        const path = full.slice(0, full.lastIndexOf("."));
        if (kinds.has(callproof.pattern(path))) touched.add(path);
      }
      for (const path of touched) look(path, kinds.get(callproof.pattern(path)), number + 1);
    });
    return spans;
  };

  const shared = (a, b) => {
    const found = [];
    for (const p of pieces(a)) {
      for (const q of pieces(b)) {
        const from = p.from > q.from ? p.from : q.from;
        const to = p.to < q.to ? p.to : q.to;
        if (from < to) found.push({ from, to });
      }
    }
    return found;
  };

  const overlaps = (spans) => {
    const found = [];
    spans.forEach((a, i) => {
      for (const b of spans.slice(0, i)) {
        if (a.kind.group !== b.kind.group || a.freed || b.freed) continue;
        for (const range of shared(a, b)) found.push({ ...range, spans: [b, a] });
      }
    });
    return found;
  };

  // What is there after a step, what has just gone, and freed memory that something is still bound to.
  const at = (spans, step) => {
    const here = spans.filter((span) => span.first <= step && step < span.until);
    const past = spans.filter((span) => span.ends && span.until <= step);
    const freed = past.filter((span) => {
      if (span.until === step) return true;
      return here.some((other) => other.kind.group !== span.kind.group && other.gone && shared(span, other).length);
    });
    const all = [...here, ...freed.map((span) => ({ ...span, freed: true }))];
    const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    return all.sort((a, b) => order(a.base, b.base) || order(b.size, a.size));
  };

  // Stretches of the address space that hold everything, with some room around; what lies between is not drawn.
  const stretches = (spans) => {
    const all = spans.flatMap(pieces).sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
    const found = [];
    for (const piece of all) {
      const open = found[found.length - 1];
      const near = open && piece.from <= open.to + (open.to - open.from) / 2n;
      if (near) open.to = piece.to > open.to ? piece.to : open.to;
      else found.push({ from: piece.from, to: piece.to });
    }
    return found;
  };

  const percent = (part, whole) => Number((part * 1000000n) / whole) / 10000;

  const place = (element, stretch, from, to) => {
    const whole = stretch.to - stretch.from;
    element.style.left = `${percent(from - stretch.from, whole)}%`;
    element.style.width = `${Math.max(percent(to - from, whole), 0.4)}%`;
    return element;
  };

  const notes = (span, step) => {
    const said = [];
    if (span.freed) said.push(span.until === step ? "gone with this step" : `freed by step ${span.until}`);
    else if (span.bound === step) said.push("new with this step");
    if (!span.freed && span.gone) {
      const word = span.kind.allocated === "live" ? "not allocated" : `not ${span.kind.allocated}`;
      said.push(span.first === step && span.bound < step ? `now ${word}` : word);
    }
    if (span.base + span.size > END) said.push("wraps");
    return said;
  };

  const extent = ({ base, size }) =>
    size ? `${hex(base)} to ${hex((base + size - 1n) % END)}, ${bytes(size)}` : `${hex(base)}, no byte`;

  const lane = (span, stretch, step) => {
    const inside = pieces(span).filter((p) => p.from < stretch.to && stretch.from < p.to);
    const said = notes(span, step);
    const shape = span.freed ? "freed" : span.gone ? "gone" : span.kind.group === "region" ? "region" : "block";
    const bars = inside.map((piece) => place(el("span", { class: `bar-of ${shape}` }), stretch, piece.from, piece.to));
    return el(
      "li",
      { class: "lane" },
      el(
        "span",
        { class: "lane-name" },
        el("code", {}, span.path),
        " ",
        el("span", { class: "quiet" }, extent(span)),
        said.length ? el("span", { class: "lane-note" }, ` ${said.join(", ")}`) : null,
      ),
      el("span", { class: "track", "aria-hidden": "true" }, bars),
    );
  };

  const panel = (stretch, spans, meetings, step, width) => {
    const inside = spans.filter((s) => pieces(s).some((p) => p.from < stretch.to && stretch.from < p.to));
    const bands = meetings
      .filter((m) => m.from < stretch.to && stretch.from < m.to)
      .map((m) => place(el("span", { class: "overlap-band", "aria-hidden": "true" }), stretch, m.from, m.to));
    const whole = inside.length === 1 && pieces(inside[0]).some((p) => p.from === stretch.from && p.to === stretch.to);
    const scaled = el(
      "div",
      { class: whole ? "scaled plain" : "scaled" },
      el("div", { class: "bands", "aria-hidden": "true" }, bands),
      el("ul", { class: "lanes" }, inside.map((span) => lane(span, stretch, step))),
      el(
        "div",
        { class: "ruler" },
        el("code", {}, hex(stretch.from)),
        el("span", { class: "quiet" }, bytes(stretch.to - stretch.from)),
        el("code", {}, hex(stretch.to - 1n)),
      ),
    );
    scaled.style.width = `${width}%`;
    return el("li", { class: "stretch" }, inside.length ? scaled : null);
  };

  const alerts = (spans, meetings, step) => {
    const said = meetings.map((m) => {
      const names = m.spans.map((span) => span.path);
      const fresh = m.spans.some((span) => span.bound === step) ? "" : ", as before";
      return ["overlap", [el("code", {}, names[0]), " and ", el("code", {}, names[1]),
        ` overlap: ${last(m.from, m.to)}, ${bytes(m.to - m.from)}${fresh}`]];
    });
    for (const span of spans.filter((s) => !s.freed)) {
      const name = el("code", {}, span.path);
      const over = span.base + span.size - END;
      if (over > 0n) said.push(["end", [name, ` passes the end of the address space: ${bytes(over)} go on at 0x0`]]);
      else if (span.base === 0n && span.size > 0n) said.push(["null", [name, " starts at the null address"]]);
      if (span.size === 0n) said.push(["empty", [name, ` has no byte (base ${hex(span.base)}, size 0)`]]);
    }
    return said.map(([kind, parts]) =>
      el("li", { class: `alert ${kind}` }, callproof.mark("!"), " ", parts));
  };

  const rangeOf = (known) => known.reduce((most, s) => (s.to - s.from > most ? s.to - s.from : most), 0n);

  // The map after a step. `spans` is the timeline of the trace.
  const draw = (holder, spans, step) => {
    const here = at(spans, step);
    if (!here.length) {
      callproof.fill(holder, el("p", { class: "quiet" }, "No memory is bound or allocated."));
      return;
    }
    const meetings = overlaps(here);
    const parts = stretches(spans.length <= STABLE ? spans : here);
    const shown = parts.filter((p) => here.some((s) => pieces(s).some((q) => q.from < p.to && p.from < q.to)));
    const longest = rangeOf(shown);
    const one = shown.every((p) => (p.to - p.from) * ONE_SCALE >= longest);
    const rows = [];
    shown.forEach((part, index) => {
      if (index) {
        const gap = part.from - shown[index - 1].to;
        rows.push(el("li", { class: "gap" }, `⋮ ${bytes(gap)} not drawn`));
      }
      rows.push(panel(part, here, meetings, step, one ? percent(part.to - part.from, longest) : 100));
    });
    const scale = shown.length < 2 ? "To scale." : one ? "All to one scale." : "Each stretch has a scale of its own.";
    callproof.fill(
      holder,
      el("ul", { class: "alerts" }, alerts(here, meetings, step)),
      el("ol", { class: "map" }, rows),
      el("p", { class: "quiet key" }, `Lowest address first. ${scale}`),
    );
  };

  return { timeline, draw, overlapsAt: (spans, step) => overlaps(at(spans, step)) };
})();
