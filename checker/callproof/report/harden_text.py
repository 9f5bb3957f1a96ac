"""The result of `harden` as text, and as the JSON document that tools read."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from callproof import __version__
from callproof.model.clauses import Clause
from callproof.report.check_text import calls, example_lines
from callproof.run.propose import Proposal
from callproof.run.repairs import HardenResult, Known, Repairs, Restoring
from callproof.run.shown import shown
from callproof.trace.writing import sorts_of, trace_text
from callproof.verdict import Counterexample

FORMAT, VERSION = "callproof-harden", 1


def numbered(result: HardenResult) -> dict[int, Counterexample]:
    """The counterexamples that the result speaks of, each once, in order."""
    found: dict[int, Counterexample] = {}
    for number, known in _numbers(result).values():
        found[number] = shown(number, known.replay, result.layer, known.system, shortest=known.shortest)
    return found


def _text(known: Known) -> str:
    """What tells two counterexamples apart."""
    return trace_text(known.replay.trace, sorts_of(known.system))


def _numbers(result: HardenResult) -> dict[str, tuple[int, Known]]:
    numbers: dict[str, tuple[int, Known]] = {}
    for repairs in result.repairs:
        forbidden = [known for made in repairs.sets for known in made.forbids if known is not None]
        for known in (repairs.broken, *forbidden):
            numbers.setdefault(_text(known), (len(numbers) + 1, known))
    return numbers


def harden_text(
    result: HardenResult,
    clauses: Mapping[str, Clause],
    proposals: Sequence[Proposal] | None = None,
    *,
    verbose: int = 0,
    width: int = 100,
) -> str:
    """Everything that a person wants to see: for each invariant the sets, proposals, and with -v the traces."""
    numbers = {text: number for text, (number, _) in _numbers(result).items()}
    lines = [
        f"{result.spec}: {result.title}",
        f"layer {result.layer.name}; sets of up to {result.size} of {', '.join(result.candidates) or 'no clauses'}",
        "",
    ]
    for repairs in result.repairs:
        lines += [*_repairs(repairs, numbers, clauses, result.size), ""]
    if proposals is not None:
        lines += [*_proposals(proposals), ""]
    if verbose:
        for number, example in numbered(result).items():
            lines += [f"#{number}  {calls(len(example.steps))}", *example_lines(example, clauses), ""]
    if result.unknown:
        lines.append(f"unknown whether {result.layer.name} breaks {', '.join(result.unknown)}")
    wrapped = [part for line in lines for part in _wrapped(line, width)]
    return "\n".join([*wrapped, verdict(result)]) + "\n"


def _wrapped(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def _repairs(repairs: Repairs, numbers: Mapping[str, int], clauses: Mapping[str, Clause], size: int) -> Iterator[str]:
    yield f"{repairs.invariant}  VIOLATED #{numbers[_text(repairs.broken)]}, {calls(repairs.broken.calls)}"
    for made in repairs.sets:
        yield from _restoring(made, numbers, clauses)
    if not repairs.sets:
        yield f"  no set of up to {size} restores it" + (
            f"; this one does, and none of its clauses can be left out: {', '.join(repairs.larger)}"
            if repairs.larger
            else ", nor do all clauses together"
        )
    if repairs.unknown:
        yield f"  unknown: {'; '.join(' + '.join(found) for found in repairs.unknown)}"


def _proposals(proposals: Sequence[Proposal]) -> Iterator[str]:
    yield "conditions that nobody wrote" if proposals else "no condition of the simple ones that are tried restores any"
    for made in proposals:
        yield f"  {made.invariant}: {made.condition}, in {', '.join(made.calls)}"


def _restoring(made: Restoring, numbers: Mapping[str, int], clauses: Mapping[str, Clause]) -> Iterator[str]:
    indent = "  "
    if len(made.clauses) > 1:
        yield f"  {' + '.join(made.clauses)}"
        indent = "    "
    for id, known in zip(made.clauses, made.forbids, strict=True):
        forbids = "whether it is needed is unknown"
        if known is not None:
            step = known.replay.steps[known.refused[id] - 1].step.call
            forbids = f"refuses {step} in step {known.refused[id]} of #{numbers[_text(known)]}"
        yield f"{indent}{id} ({clauses[id].origin.value}): {clauses[id].text}; {forbids}"
    if made.never_accepted:
        yield f"{indent}but no state accepts {', '.join(made.never_accepted)} any more"


def verdict(result: HardenResult) -> str:
    """The last line."""
    restored = sum(bool(repairs.sets) for repairs in result.repairs)
    return (
        f"{result.spec} {result.layer.name}: {len(result.repairs)} of {result.invariants} invariants violated, "
        f"{restored} restored by up to {result.size} clause{'s' * (result.size != 1)} ({result.tried} sets proved)"
    )


def harden_json(result: HardenResult, z3: str, proposals: Sequence[Proposal] | None = None) -> str:
    """The document as text; equal results give equal bytes."""
    numbers = _numbers(result)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "spec": result.spec,
        "tool": {"callproof": __version__, "z3": z3},
        "layer": result.layer.name,
        "size": result.size,
        "candidates": list(result.candidates),
        "tried": result.tried,
        "invariants": [
            {
                "id": repairs.invariant,
                "counterexample": numbers[_text(repairs.broken)][0],
                "sets": [_set(made, numbers) for made in repairs.sets],
                "larger": list(repairs.larger) or None,
                "unknown": [list(found) for found in repairs.unknown],
            }
            for repairs in result.repairs
        ],
        "unknown": list(result.unknown),
        "proposals": None
        if proposals is None
        else [{"invariant": p.invariant, "condition": p.condition, "calls": list(p.calls)} for p in proposals],
        "counterexamples": [
            {"number": number, "shortest": known.shortest, "trace": json.loads(text)}
            for text, (number, known) in numbers.items()
        ],
        "exit": int(result.exit),
    }
    return json.dumps(document, indent=2) + "\n"


def _set(made: Restoring, numbers: Mapping[str, tuple[int, Known]]) -> dict[str, object]:
    forbids = [
        None if known is None else {"counterexample": numbers[_text(known)][0], "step": known.refused[id]}
        for id, known in zip(made.clauses, made.forbids, strict=True)
    ]
    return {
        "clauses": list(made.clauses),
        "forbids": dict(zip(made.clauses, forbids, strict=True)),
        "never_accepted": list(made.never_accepted),
    }
