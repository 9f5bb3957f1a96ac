"""Why a step is allowed or not, in one line."""

from __future__ import annotations

from collections.abc import Mapping

from callproof.model.clauses import Clause
from callproof.report.replay_text import shown_values
from callproof.semantics import Verdict
from callproof.trace import Step
from callproof.why import DEPTH, Why


def why_text(found: Why, clauses: Mapping[str, Clause]) -> str:
    """One line: the call, the verdict, the clauses that decide it, and the calls that would change it."""
    head = f"step {found.number}, {_call(found.step)}: {found.verdict.value}"
    if found.verdict is Verdict.MUST_ACCEPT:
        text = f"{head}: {', '.join(found.holding) or 'no clause is stated, so all'} hold"
    else:
        failing = dict.fromkeys(use.id for use in found.failing)
        text = f"{head}: {', '.join(f'{id} fails ({clauses[id].text})' for id in failing)}; {_enabling(found)}"
    if found.against:
        text += f"; what was returned contradicts {', '.join(dict.fromkeys(a.id for a in found.against))}"
    return text + "\n"


def _enabling(found: Why) -> str:
    if found.enabling is not None:
        return f"allowed after {' ; '.join(map(_call, found.enabling))}"
    return f"no sequence of up to {DEPTH} calls allows it" + ("" if found.exhausted else ", as far as was searched")


def _call(step: Step) -> str:
    return f"{step.call}({shown_values(step.args)})"
