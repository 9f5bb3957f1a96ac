"use strict";
// The sequence of calls between the caller and the driver, a part of it at a time where it is long.
callproof.diagram = (() => {
  const { el, data } = callproof;
  const PART = 100; // steps that are drawn at once
  const events = new Set(data.events);

  const row = (step, number, current, choose) => {
    const isEvent = events.has(step.call);
    const args = step.args.map(([name, value]) => `${name}=${value}`).join(", ");
    const results = step.result.map(([name, value]) => `${name}=${value}`).join(", ");
    const answer = [step.returned, results].filter(Boolean).join(" ");
    const refused = step.accepted ? "" : " refused";
    return el(
      "li",
      { class: `message${isEvent ? " event" : ""}${refused}${step.broken.length ? " breaks" : ""}` },
      el(
        "button",
        { type: "button", "aria-current": current === number ? "step" : null, onclick: () => choose(number) },
        el("span", { class: "sent" }, el("span", { class: "number" }, `${number}`), " ",
          el("span", { class: "call" }, step.call), el("span", { class: "args" }, ` (${args})`),
          isEvent ? el("span", { class: "quiet" }, " beside the API") : null),
        el("span", { class: "line", "aria-hidden": "true" }),
        answer || !step.accepted
          ? el("span", { class: "answer" }, step.accepted ? `returns ${answer}` : `refused ${answer}`)
          : null,
        step.clauses.length && step.accepted
          ? el("span", { class: "let" }, callproof.mark("⚑"), ` let through: ${step.clauses.join(", ")}`)
          : null,
        step.broken.length
          ? el("span", { class: "broken" }, callproof.mark("✕"),
            ` breaks ${[...new Set(step.broken.map((b) => b[0]))].join(", ")}`)
          : null,
      ),
    );
  };

  const draw = (holder, trace, current, choose) => {
    const part = Math.floor(Math.max(current - 1, 0) / PART);
    const from = part * PART;
    const steps = trace.steps.slice(from, from + PART);
    const more = (number, text) => el("button", { type: "button", class: "more", onclick: () => choose(number) }, text);
    callproof.fill(
      holder,
      el("div", { class: "parties", "aria-hidden": "true" }, el("span", {}, "Caller"), el("span", {}, "Driver")),
      from ? more(from, `Steps ${from - PART + 1} to ${from}`) : null,
      el("ol", { class: "messages", start: from + 1 },
        steps.map((step, index) => row(step, from + index + 1, current, choose))),
      from + PART < trace.steps.length
        ? more(from + PART + 1, `Steps ${from + PART + 1} to ${Math.min(from + 2 * PART, trace.steps.length)}`)
        : null,
    );
  };

  // Marks another step of the part that is drawn; false where the step is not in it.
  const move = (holder, current) => {
    const list = holder.querySelector(".messages");
    const row = list && list.children[current - list.start];
    if (!row && current > 0) return false;
    for (const button of holder.querySelectorAll("[aria-current]")) button.removeAttribute("aria-current");
    if (row) row.firstElementChild.setAttribute("aria-current", "step");
    return true;
  };

  return { draw, move };
})();
