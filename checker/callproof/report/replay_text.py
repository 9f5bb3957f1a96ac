"""A replayed trace as text for a person, and as data for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callproof.model.system import Property
from callproof.replay import Replay, ReplayedStep
from callproof.trace import Value
from callproof.trace.writing import written

FORMAT, VERSION = "callproof-replay", 1

_CONFORMS = {True: "conforms", False: "DOES NOT CONFORM", None: "not judged"}


def replay_text(result: Replay) -> str:
    """One paragraph a step, then what broke."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Replay) -> Iterator[str]:
    yield f"{result.trace.spec}: {counted(len(result.steps), 'step')}{_settings(result)}"
    yield from (f"  initially, invariant broken: {_named(b.property)}" for b in result.broken if b.step == 0)
    width = len(str(len(result.steps)))
    for step in result.steps:
        yield f"{step.number:>{width}}. {_call(step)}"
        yield from (f"{'':{width}}  {line}" for line in _details(step))
    yield _verdict(result)


def _settings(result: Replay) -> str:
    chosen = [f"{name}={value}" for name, value in (*result.readings.items(), *result.options.items())]
    return f" ({', '.join(chosen)})" if chosen else ""


def _call(step: ReplayedStep) -> str:
    returned = "" if step.step.returned is None else f" -> {printable(step.step.returned)}"
    results = f" {{{shown_values(step.step.result)}}}" if step.step.result else ""
    return f"{step.step.call}({shown_values(step.step.args)}){returned}{results}"


def shown_values(values: Mapping[str, Value]) -> str:
    """Named values as a person reads them."""
    return ", ".join(f"{name}={_value(value)}" for name, value in values.items())


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return hex(value) if isinstance(value, int) and value >= 1 << 16 else printable(value)


def printable(value: object) -> str:
    """Text from a file without anything that would steer a terminal."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value))


def _details(step: ReplayedStep) -> Iterator[str]:
    verdict = step.verdict.value + (f" ({', '.join(step.clause_ids)} fails)" if step.clauses else "")
    done = "accepted" if step.accepted else "refused"
    yield f"{verdict}, {done}: {_CONFORMS[step.conforms]}"
    if step.axioms:
        ids = ", ".join(dict.fromkeys(axiom.id for axiom in step.axioms))
        yield f"what came back contradicts {ids}" if step.step.result else f"ruled out by {ids}"
    if step.outcome:
        yield f"outcome: {step.outcome}"
    for name, (old, new) in step.changed.items():
        yield f"{name}: {_value(old)} -> {_value(new)}"
    for prop in step.broken:
        yield f"invariant broken: {_named(prop)}"


def _named(prop: Property) -> str:
    handles = ", ".join(f"{kind} {index}" for kind, index in prop.handles)
    return f"{prop.id} [{prop.cls.value}]{' on ' if handles else ''}{handles}"


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _verdict(result: Replay) -> str:
    """The last line."""
    wrong = [str(step.number) for step in result.steps if step.conforms is False]
    said = []
    if wrong:
        said.append(f"{counted(len(wrong), 'step')} not conforming: {', '.join(wrong)}")
    if result.broken:
        broken = dict.fromkeys(f"{b.property.id} at step {b.step}" for b in result.broken)
        said.append(f"{counted(len(broken), 'invariant')} broken: {', '.join(broken)}")
    if not said:
        judged = sum(step.conforms is not None for step in result.steps)
        said.append(f"every judged step conforms ({judged} of {len(result.steps)}), and no invariant broke")
    return "; ".join(said)


def replay_document(result: Replay) -> dict[str, object]:
    """The answer of `trace replay --json`."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "spec": result.trace.spec,
        "readings": dict(result.readings),
        "options": dict(result.options),
        "steps": [_step_document(step) for step in result.steps],
        "broken": [
            {
                "invariant": b.property.id,
                "class": b.property.cls.value,
                "handles": [list(handle) for handle in b.property.handles],
                "step": b.step,
            }
            for b in result.broken
        ],
        "exit": int(result.exit),
    }


def _step_document(step: ReplayedStep) -> dict[str, object]:
    return {
        "step": step.number,
        "call": step.step.call,
        "verdict": step.verdict.value,
        "clauses": list(step.clause_ids),
        "axioms": list(dict.fromkeys(axiom.id for axiom in step.axioms)),
        "accepted": step.accepted,
        "conforms": step.conforms,
        "outcome": step.outcome,
        "state": {name: [written(old, None), written(new, None)] for name, (old, new) in step.changed.items()},
    }
