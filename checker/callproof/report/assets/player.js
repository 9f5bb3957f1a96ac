"use strict";
// The player: one trace, one step of it at a time.
callproof.player = (() => {
  const { el, data, fill, count, mark } = callproof;
  const by = (id) => document.getElementById(id);
  const keys = new Map(data.traces.map((trace) => [trace.key, trace]));
  const verdicts = {
    must_accept: "The contract accepts it.",
    must_reject: "The contract refuses it.",
    may: "A hazard: the pages let it pass, only checks that no page names refuse it.",
    undefined: "Not judged: a duty of the caller is not kept.",
  };
  let trace = null;
  let step = 0;
  let state = new Map();
  let spans = [];

  const apply = (to) => {
    while (step < to) {
      for (const [name, , value] of trace.steps[step].changes) state.set(trace.names[name], value);
      step += 1;
    }
    while (step > to) {
      step -= 1;
      for (const [name, value] of trace.steps[step].changes) state.set(trace.names[name], value);
    }
  };

  const pairs = (list, isResult) =>
    list.length
      ? el("dl", { class: isResult ? "values results" : "values" },
        list.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, el("code", {}, value)))))
      : null;

  const clauseItem = (id) => {
    const known = callproof.clause(id);
    return el("li", {}, el("a", { href: `#clause-${id}` }, id), " ",
      el("span", { class: `tag ${known.origin}` }, known.origin), ` ${known.text} `,
      el("span", { class: "quiet" }, known.citation));
  };

  const brokenItem = ([id, resources]) =>
    el("li", {}, el("a", { href: `#invariant-${id}` }, id), resources ? ` (${resources})` : "",
      ` ${data.invariants[id] || ""}`);

  const box = (kind, shape, title, items) =>
    items.length
      ? el("div", { class: `box ${kind}` }, el("h4", {}, mark(shape), ` ${title}`), el("ul", { class: "plain" }, items))
      : null;

  const body = (made) => {
    const judged = trace.breaks.length ? "" : verdicts[made.verdict] || "";
    const breach = made.conforms === false ? "The driver must not do this. " : "";
    return [
      pairs(made.args, false),
      made.returned || made.result.length || !made.accepted
        ? el("p", {}, made.accepted ? "Accepted" : "Refused", made.returned ? `, returned ${made.returned}` : "",
          made.outcome ? `, outcome “${made.outcome}”` : "", made.result.length ? "; the driver chose:" : "")
        : made.outcome ? el("p", {}, `Outcome “${made.outcome}”`) : null,
      pairs(made.result, true),
      judged ? el("p", { class: made.conforms === false ? "bad" : "" }, breach, judged) : null,
      made.axioms.length ? el("p", { class: "bad" }, `What came back contradicts ${made.axioms.join(", ")}.`) : null,
      box("broken", "✕", "Breaks", made.broken.map(brokenItem)),
      made.clauses.length
        ? box("let", "⚑", made.accepted
          ? trace.breaks.length ? "Let through: the layer lacks these clauses" : "Accepted although these clauses fail"
          : "Refused by", made.clauses.map(clauseItem))
        : null,
    ];
  };

  // The changed fields, those of one record together.
  const changes = (made) => {
    if (!made.changes.length) return el("p", { class: "quiet" }, "Nothing changes.");
    const records = new Map();
    for (const [number, old, value] of made.changes) {
      const name = trace.names[number];
      const dot = name.lastIndexOf(".");
      const record = dot < 0 ? "session" : name.slice(0, dot);
      if (!records.has(record)) records.set(record, []);
      records.get(record).push([name.slice(dot + 1), old, value]);
    }
    const row = ([name, old, value]) =>
      el("tr", {}, el("th", { scope: "row" }, el("code", {}, name)),
        el("td", {}, el("code", {}, old)), el("td", {}, el("code", {}, value)));
    return el("table", { class: "changes" },
      el("thead", {}, el("tr", {}, ["Field", "Before", "After"].map((h) => el("th", { scope: "col" }, h)))),
      [...records].map(([record, rows]) => el("tbody", {},
        el("tr", { class: "record" }, el("th", { scope: "rowgroup", colspan: 3 }, el("code", {}, record))),
        rows.map(row))));
  };

  const wholeState = () => {
    const shown = [...state].filter(([, value]) => !["false", "0", "0x0"].includes(value)).sort();
    return shown.length
      ? el("dl", { class: "values" },
        shown.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, el("code", {}, value)))))
      : el("p", { class: "quiet" }, "Everything is as it was at first.");
  };

  const refreshState = () => {
    if (by("whole-state").open) fill(by("state"), wholeState());
  };

  const show = () => {
    const made = step ? trace.steps[step - 1] : null;
    by("step-slide").value = step;
    by("step-slide").setAttribute("aria-valuetext", made ? `step ${step}, ${made.call}` : "before the first call");
    by("step-count").textContent = `Step ${step.toLocaleString("en")} of ${trace.steps.length.toLocaleString("en")}`;
    for (const id of ["go-first", "go-back"]) by(id).disabled = step === 0;
    for (const id of ["go-on", "go-last"]) by(id).disabled = step === trace.steps.length;
    by("step-title").textContent = made ? `${step}. ${made.call}` : "Before the first call";
    fill(by("step-body"), made ? body(made) : box("broken", "✕", "Does not hold", trace.initially.map(brokenItem))
      || el("p", { class: "quiet" }, "Every field has its first value."));
    callproof.memory.draw(by("memory-map"), spans, step);
    fill(by("changes"), made ? changes(made) : el("p", { class: "quiet" }, "Nothing changes."));
    refreshState();
    if (!callproof.diagram.move(by("diagram"), step)) callproof.diagram.draw(by("diagram"), trace, step, go);
    const current = by("diagram").querySelector("[aria-current]");
    const list = by("diagram").parentElement;
    if (current && list.scrollHeight > list.clientHeight) {
      const top = current.offsetTop - list.clientHeight / 2;
      if (Math.abs(list.scrollTop - top) > list.clientHeight / 3) list.scrollTop = top;
    }
    const broken = made && made.broken.length ? `; breaks ${made.broken.map((b) => b[0]).join(", ")}` : "";
    by("step-said").textContent = made ? `Step ${step}: ${made.call}${broken}` : "Before the first call";
  };

  // Goes to a step, which the address of the page then names; a click is undone by the browser's Back.
  const go = (to) => {
    const next = Math.min(Math.max(to, 0), trace.steps.length);
    if (next === step) return;
    apply(next);
    history.replaceState(null, "", `#${trace.key}-${step}`);
    show();
  };

  // Opens a trace at a step. Where none is given: a counterexample at its last, another trace at the first that is
  // wrong.
  const open = (key, at) => {
    const found = keys.get(key);
    if (!found) return false;
    const wrong = found.steps.findIndex((made) => made.broken.length || made.conforms === false);
    const wanted = at ?? (found.breaks.length || wrong < 0 ? found.steps.length : wrong + 1);
    if (found !== trace) {
      trace = found;
      step = 0;
      state = new Map();
      spans = callproof.memory.timeline(trace);
      by("trace-choice").value = key;
      const settings = trace.settings.map(([name, value]) => `${name} = ${value}`).join(", ");
      by("trace-title").textContent = settings ? `${trace.says} With ${settings}.` : trace.says;
      by("step-slide").max = trace.steps.length;
      fill(by("diagram"));
      callproof.copies.draw(by("copies"), trace);
      by("player").hidden = false;
    }
    apply(Math.min(Math.max(wanted, 0), trace.steps.length));
    show();
    return true;
  };

  const start = () => {
    if (!data.traces.length) {
      fill(by("examples"), el("h2", {}, "Counterexamples"), el("p", {}, "There is none."));
      return;
    }
    fill(by("trace-choice"), data.traces.map((t) =>
      el("option", { value: t.key }, `${t.title} — ${count(t.steps.length, "call")}`)));
    by("trace-choice").addEventListener("change", (event) => {
      location.hash = `#${event.target.value}`;
    });
    by("go-first").addEventListener("click", () => go(0));
    by("go-back").addEventListener("click", () => go(step - 1));
    by("go-on").addEventListener("click", () => go(step + 1));
    by("go-last").addEventListener("click", () => go(trace.steps.length));
    by("step-slide").addEventListener("input", (event) => go(Number(event.target.value)));
    by("whole-state").addEventListener("toggle", refreshState);
    document.addEventListener("keydown", (event) => {
      const elsewhere = by("examples").hidden || event.ctrlKey || event.altKey || event.metaKey;
      if (elsewhere || /^(INPUT|SELECT|TEXTAREA|PRE)$/.test(event.target.tagName)) return;
      const to = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: trace && trace.steps.length }[event.key];
      if (to === undefined || !trace) return;
      event.preventDefault();
      go(to);
    });
  };

  return { start, open, first: () => (trace || data.traces[0] || { key: "" }).key };
})();
