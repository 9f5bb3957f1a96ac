"""Every fault of a specification at once, each with the file and line where it stands."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from callproof.errors import SpecError, SpecFaults, collect_faults, fault, raised_location
from callproof.expr import And, Const, Ite, Node, Not, Or, Var, children
from callproof.model.clauses import Treatment
from callproof.model.handles import Handle, Universe
from callproof.model.instantiate import (
    STATE_PARAMETERS,
    Signature,
    combinations,
    handle_kinds,
    invariant_property,
    record_action,
    signature,
)
from callproof.model.recording import Recorder
from callproof.model.records import declared
from callproof.model.specification import Invariant, Operation, Specification

Spec = Specification[Any]


def lint(spec: Spec) -> list[SpecError]:
    """All faults in the order of file and line, each said once.

    Every body runs in a universe with two resources of each kind. That a clause is used nowhere is said only if every
    body ran to its end, for the rest of a body might use it.
    """
    with collect_faults() as found:
        run = _run_bodies(spec)
        _check_uses(spec, run)
        _check_facts(spec)
        _check_questions(spec)
        _check_drivers(spec)
    return _distinct([*spec.faults, *found])


def require_clean(spec: Spec) -> None:
    """Raise one error that lists every fault, one a line, if there is any."""
    faults = lint(spec)
    if faults:
        raise SpecFaults(faults)


def _distinct(faults: Iterable[SpecError]) -> list[SpecError]:
    """Sorted, and without those that differ only in the number of a resource: a body runs for each of them."""
    kept: dict[tuple[str, int, str], SpecError] = {}
    for error in faults:
        message = re.sub(r"[\[(]\d+[\])]", "[]", error.message)
        kept.setdefault((error.location.file, error.location.line, message), error)
    return sorted(kept.values(), key=lambda error: (error.location.file, error.location.line))


@dataclass(slots=True)
class _Run:
    """What running every body has shown."""

    used: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    """The clauses and readings that each call states."""
    complete: bool = True


def _run_bodies(spec: Spec) -> _Run:
    run = _Run()
    operations = [(o, _signature(run, o, 1)) for o in spec.operations.values()]
    invariants = [(i, _signature(run, i, STATE_PARAMETERS[i.over_step])) for i in spec.invariants.values()]
    universe = _universe(spec, [shape for _, shape in (*operations, *invariants)])
    check = _control_check(spec, universe)
    readings = spec.default_readings
    for operation, shape in operations:
        if not operation.summary:
            fault(f"{operation.name} has no docstring", operation.location)
        used = run.used.setdefault(operation.name, set())
        for picked in _telling(combinations(shape, universe), universe):
            recorder = Recorder(universe, frozenset(picked), spec.clauses, readings, frozenset())
            recorder.on_write = check
            _attempt(run, operation, record_action, spec, operation, shape, picked, recorder)
            used.update(recorder.used)
    for invariant, shape in invariants:
        if not invariant.summary:
            fault(f"invariant {invariant.id} has no docstring", invariant.location)
        for picked in _telling(combinations(shape, universe), universe):
            if len(set(picked)) == len(picked):
                _attempt(run, invariant, invariant_property, spec, invariant, shape, picked, universe)
    return run


def _signature(run: _Run, owner: Operation | Invariant, skip: int) -> Signature:
    """The signature of a body; a body whose annotations cannot be read is taken to have no parameters to run with."""
    return _attempt(run, owner, signature, owner.body, skip) or _UNREADABLE


class _Unreadable(Handle):
    """Stands for parameters that cannot be read: there is none of it, so that the body is not run."""


_UNREADABLE = Signature((("", _Unreadable),), (), ())


def _universe(spec: Spec, shapes: list[Signature]) -> Universe:
    """Two resources of each kind, or as many as one body names."""
    counts = dict.fromkeys(handle_kinds(spec.state), 2)
    for shape in shapes:
        for kind, named in Counter(kind for _, kind in shape.handles).items():
            counts[kind] = max(counts.get(kind, 2), named)
    return Universe(counts | {_Unreadable: 0})


def _telling(choices: Iterable[tuple[Handle, ...]], universe: Universe) -> Iterator[tuple[Handle, ...]]:
    """Choices of handles that count up from the first resource, or down from the last; others rename one of these."""
    for picked in choices:
        up: dict[type[Handle], dict[int, None]] = {}
        for handle in picked:
            up.setdefault(type(handle), {})[handle.index] = None
        counts = [(list(seen), universe.count(kind)) for kind, seen in up.items()]
        if all(seen == list(range(1, len(seen) + 1)) for seen, _ in counts) or all(
            seen == list(range(count, count - len(seen), -1)) for seen, count in counts
        ):
            yield picked


def _attempt(run: _Run, owner: Operation | Invariant, act: Callable[..., Any], *args: object) -> Any:
    """Run a part of the specification; what it raises is a fault at the line that raised it."""
    try:
        return act(*args)
    except SpecError as error:
        fault(error.message, error.location)
    except (Exception, SystemExit) as error:
        text = " ".join(str(error).split())
        fault(f"the body raises {type(error).__name__}: {text}", raised_location(error) or owner.location)
    run.complete = False
    return None


# -- control and data ----------------------------------------------------------------------------------------------


def _control_check(spec: Spec, universe: Universe) -> Callable[[str, Node], None]:
    """A check of one assignment: control must follow from control, for the sequence graph enumerates it."""
    is_data = {var.name: item.data for var, item in declared(spec.state, universe)}

    def check(name: str, value: Node) -> None:
        if is_data.get(name, True):
            return
        mentioned = sorted(name for name, var in _relevant(value).items() if is_data.get(name, _is_data(var)))
        if mentioned:
            fault(
                f"{name} is control, but it is assigned from data ({', '.join(mentioned)}): "
                "split the cases with outcome(..., when=...)"
            )

    return check


def _is_data(var: Var) -> bool:
    """Options, and words that are passed or returned; other parameters and results are enumerated."""
    return var.sort.is_word or var.name.startswith("option:")


def _relevant(root: Node) -> dict[str, Var]:
    """The variables on which a formula can depend, past constants that decide a part of it."""
    memo: dict[int, tuple[int | None, dict[str, Var]]] = {}

    def visit(node: Node) -> tuple[int | None, dict[str, Var]]:
        known = memo.get(id(node))
        if known is None:
            known = memo[id(node)] = look(node)
        return known

    def look(node: Node) -> tuple[int | None, dict[str, Var]]:
        match node:
            case Const(_, value):
                return value, {}
            case Var(_, name):
                return None, {name: node}
            case Not(arg):
                decided, names = visit(arg)
                return (None, names) if decided is None else (1 - decided, {})
            case And() | Or():
                decisive = 0 if isinstance(node, And) else 1
                parts = [visit(arg) for arg in node.args]
                if any(value == decisive for value, _ in parts):
                    return decisive, {}
                if all(value is not None for value, _ in parts):
                    return 1 - decisive, {}
                return None, functools.reduce(dict.__or__, (names for _, names in parts), {})
            case Ite(cond, then, other):
                decided, names = visit(cond)
                if decided is not None:
                    return visit(then if decided else other)
                return None, names | visit(then)[1] | visit(other)[1]
            case _:
                return None, functools.reduce(dict.__or__, (visit(arg)[1] for arg in children(node)), {})

    return visit(root)[1]


# -- the tables ----------------------------------------------------------------------------------------------------


def _check_uses(spec: Spec, run: _Run) -> None:
    """Clauses and readings that the table declares, but that calls do not state."""
    stated = set().union(*run.used.values())
    for clause in spec.clauses.values():
        if not run.complete:
            continue
        where = clause.location or spec.location
        if not any(used == clause.id for used, _ in stated):
            fault(f"no call states the clause {clause.id}", where)
            continue
        for reading in clause.readings:
            if (clause.id, reading) not in stated:
                fault(f"no call states the reading {reading} of clause {clause.id}", where)
    for name, used in run.used.items():
        for clause in spec.clauses.values():
            mine = [r for r in clause.readings if (clause.id, r) in used]
            missing = [r for r in clause.readings if (clause.id, r) not in used]
            if mine and missing and run.complete:
                fault(
                    f"{name} states clause {clause.id} as {', '.join(mine)}, but not as {', '.join(missing)}",
                    spec.operations[name].location,
                )


def _check_facts(spec: Spec) -> None:
    for name, count in Counter(fact.id for fact in spec.facts).items():
        if count > 1:
            fault(f"fact {name} is listed {count} times", spec.location)
    for fact in spec.facts:
        if fact.treatment is Treatment.CLAUSE and not any(
            name == fact.id or name.startswith(f"{fact.id}-") for name in spec.clauses
        ):
            fault(f"fact {fact.id} is said to be a clause, but there is none of that id", spec.location)


def _check_drivers(spec: Spec) -> None:
    for name, driver in spec.drivers.items():
        for deviation in driver.deviations:
            unknown = [id for id in deviation.clauses if id not in spec.clauses]
            if deviation.call not in spec.operations:
                fault(f"driver {name} deviates in the unknown call {deviation.call}", spec.location)
            elif unknown:
                fault(f"driver {name} deviates from the unknown clause {', '.join(unknown)}", spec.location)


def _check_questions(spec: Spec) -> None:
    known = Counter(question.id for question in spec.questions)
    for name, count in known.items():
        if count > 1:
            fault(f"question {name} is listed {count} times", spec.location)
    for clause in spec.clauses.values():
        for name in filter(None, map(str.strip, clause.question.split(","))):
            if name not in known:
                fault(f"clause {clause.id} cites the unknown question {name}", clause.location or spec.location)
    for invariant in spec.invariants.values():
        for name in invariant.answers:
            if name not in known:
                fault(f"invariant {invariant.id} answers the unknown question {name}", invariant.location)
