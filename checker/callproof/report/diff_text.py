"""The result of `diff` as text, and as the JSON document that tools read."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from callproof import __version__
from callproof.model.product import NO_CALL, RESULTS, Parting
from callproof.report.check_text import calls
from callproof.run.diff import Contract, Difference, DiffResult

FORMAT, VERSION = "callproof-diff", 1


def diff_text(result: DiffResult, *, verbose: int = 0, width: int = 100) -> str:
    """Each clause that makes a difference, with the shortest sequence up to it; with -v the one of each call."""
    lines = [f"{_named(result, 0)} against {_named(result, 1)}", _resources(result), ""]
    for number in (0, 1):
        groups = grouped(result, number)
        if groups:
            lines += [f"accepted by {_named(result, number)}, not by {_named(result, 1 - number)}:", ""]
        for clause, found in groups.items():
            lines += [*_group(result, number, clause, found, verbose), ""]
    for parting, why in result.open:
        lines.append(f"undecided: {_said(parting)} of {_named(result, 1 - parting.accepted_by)}: {why}")
    wrapped = [part for line in lines for part in _wrapped(line, width)]
    return "\n".join([*wrapped, verdict(result)]) + "\n"


def verdict(result: DiffResult) -> str:
    """The last line: whether the two differ, and how far that goes."""
    one, two = (_named(result, number) for number in (0, 1))
    counts = [len(grouped(result, number)) for number in (0, 1)]
    if any(counts):
        said = f"{one} and {two} differ: in {_clauses(counts[0])} one way, in {_clauses(counts[1])} the other"
    elif result.complete:
        said = f"{one} and {two} accept the same sequences of any length"
    else:
        said = f"{one} and {two}: no difference was found"
    rest = f"; {result.never} other ways to part are ruled out for any length" if any(counts) else ""
    are = "is" if len(result.open) == 1 else "are"
    left = f"; {len(result.open)} {are} undecided" if result.open else ""
    return f"{said}{rest}{left} ({_resources(result)})"


def _clauses(count: int) -> str:
    return f"{count} clause{'' if count == 1 else 's'}"


def _resources(result: DiffResult) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in result.resources)


def _named(result: DiffResult, number: int) -> str:
    """A contract as a person names it; its layer and readings where the name alone does not tell the two apart."""
    one, two = result.contracts
    mine = result.contracts[number]
    said = [mine.spec.name]
    if one.layer != two.layer:
        said.append(mine.layer.name)
    if one.selection != two.selection or one.spec.name == two.spec.name:
        said += [f"{id}={name}" for id, name in (*mine.selection.readings, *mine.selection.options)]
    if one.spec.name == two.spec.name and one.spec is not two.spec and len(said) == 1:
        said.append(("(first)", "(second)")[number])
    return " ".join(said)


def grouped(result: DiffResult, number: int) -> dict[str, list[Difference]]:
    """What one contract accepts and the other does not, by the clause; the shortest sequences first."""
    groups: dict[str, list[Difference]] = {}
    for found in result.differences:
        if found.parting.accepted_by == number:
            groups.setdefault(found.parting.clause, []).append(found)
    return groups


def _group(result: DiffResult, number: int, clause: str, found: list[Difference], verbose: int) -> Iterator[str]:
    yield f"{clause}  {_meaning(result.contracts[1 - number], clause)}"
    shown = found if verbose else found[:1]
    for difference in shown:
        yield from _example(difference)
    if not verbose and len(found) > 1:
        yield f"  also {', '.join(_short(difference) for difference in found[1:])}"


def _meaning(contract: Contract, clause: str) -> str:
    if clause == NO_CALL:
        return f"{contract.spec.name} has no such call"
    if clause == RESULTS:
        return f"{contract.spec.name} rules out what was returned"
    known = contract.spec.clauses[clause]
    return f"{known.text} ({known.citation})"


def _said(parting: Parting) -> str:
    return f"{parting.call}: {parting.clause}"


def _short(difference: Difference) -> str:
    return f"{_last(difference.parting)} ({calls(len(difference.example.steps))})"


def _last(parting: Parting) -> str:
    """The last call, as both name it."""
    return parting.call if parting.other in ("", parting.call) else f"{parting.call} for {parting.other}"


def _example(difference: Difference) -> Iterator[str]:
    example = difference.example
    how = "" if example.shortest else ", perhaps not the shortest"
    yield f"  {_last(difference.parting)}, {calls(len(example.steps))}{how}"
    if example.trace.options:
        yield f"    with {', '.join(f'{name}={value}' for name, value in example.trace.options.items())}"
    for n, step in enumerate(example.steps, 1):
        yield f"  {n:>2}. {step.call}({step.arguments}){f' -> {step.result}' if step.result else ''}"


def _wrapped(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def diff_json(result: DiffResult, z3: str) -> str:
    """The document: each difference with its trace, as `callproof trace replay` reads it."""
    made = {
        "format": FORMAT,
        "version": VERSION,
        "tool": {"callproof": __version__, "z3": z3},
        "contracts": [
            {
                "spec": contract.spec.name,
                "layer": contract.layer.name,
                "readings": dict(contract.selection.readings),
                "options": dict(contract.selection.options),
            }
            for contract in result.contracts
        ],
        "resources": dict(result.resources),
        "graph": {"states": result.states, "edges": result.edges},
        "complete": result.complete,
        "ruled_out": result.never,
        "differences": [_difference(found) for found in result.differences],
        "undecided": [_parting(parting) | {"reason": why} for parting, why in result.open],
        "exit": int(result.exit),
    }
    return json.dumps(made, indent=2) + "\n"


def _parting(parting: Parting) -> dict[str, object]:
    return {
        "accepted_by": parting.accepted_by,
        "call": parting.call,
        "other_call": parting.other or None,
        "clause": parting.clause,
    }


def _difference(found: Difference) -> dict[str, object]:
    example = found.example
    return _parting(found.parting) | {"shortest": example.shortest, "trace": json.loads(example.text)}
