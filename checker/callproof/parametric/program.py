"""One call for whatever resources it is made on: what is required, returned and written, as folded formulas."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from callproof.errors import LimitError
from callproof.expr import Sort
from callproof.model.handles import Universe
from callproof.model.instantiate import record_action, signature
from callproof.model.recording import Recorder
from callproof.model.specification import Operation, Specification
from callproof.model.system import Action, Axiom, ClauseUse, Outcome
from callproof.parametric.fold import BLANK, Folded, NotUniform, moved
from callproof.parametric.places import Place, Places, resources

FIRST = BLANK + 1
"""The index of the first resource that a call names."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A clause or an axiom: `number` is its folded formula."""

    use: ClauseUse | Axiom
    number: int


@dataclass(frozen=True, slots=True)
class Write:
    """A new value for a variable. `over` are the kinds of other resources each of which gets one."""

    place: Place
    value: int
    over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """One outcome: when it is possible and what it writes."""

    name: str
    when: int
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """A result of a call, and when it exists."""

    name: str
    sort: Sort
    when: int


@dataclass(frozen=True, slots=True)
class Program:
    """A call, with a given pattern of handles that name the same resource. Formulas are numbers of `table`."""

    call: str
    is_event: bool
    handles: tuple[tuple[str, str, int], ...]
    """Parameter name, kind, and the index that stands for the resource."""
    params: tuple[tuple[str, Sort], ...]
    results: tuple[Returned, ...]
    clauses: tuple[Rule, ...]
    axioms: tuple[Rule, ...]
    endings: tuple[Ending, ...]
    table: Folded

    @property
    def own(self) -> Mapping[tuple[str, int], int]:
        """The position of the handle by which the call names a resource."""
        found: dict[tuple[str, int], int] = {}
        for position, (_, kind, index) in enumerate(self.handles):
            found.setdefault((kind, index), position)
        return found


def cleared(program: Program, places: Places, ending: Ending) -> tuple[str, ...]:
    """The kinds of which every resource that the call does not name is as in the beginning after an outcome."""
    zero = {
        (w.place.kinds, w.place.slot)
        for w in ending.writes
        if set(w.over) == set(w.place.kinds) and program.table.keys[w.value] == ("const", (), 0)
    }
    return tuple(
        kind
        for kind in places.kinds
        if all((g, slot) in zero for g, fields in places.fields.items() if kind in g for slot in range(len(fields)))
    )


def make_program(
    spec: Specification[Any],
    operation: Operation,
    places: Places,
    readings: Mapping[str, str],
    same: tuple[int, ...],
) -> Program:
    """The program of a call; `same` gives for each handle the first position that names the same resource.

    Raises `LimitError` where the call relates two resources neither of which it names.
    """
    shape = signature(operation.body, 1)
    counts = dict.fromkeys(places.kinds, BLANK)
    picked: list[Any] = []
    for position, (_, kind) in enumerate(shape.handles):
        if same[position] == position:
            counts[kind.__name__] += 1
            picked.append(kind(counts[kind.__name__]))
        else:
            picked.append(picked[same[position]])
    samples = {kind: (count + 1, count + 2) for kind, count in counts.items()}
    universe = Universe({kind: counts[name] + 2 for name, kind in places.kinds.items()})
    recorder = Recorder(universe, frozenset(picked), spec.clauses, readings, frozenset())
    action = record_action(spec, operation, shape, tuple(picked), recorder)
    try:
        return _program(action, Folded(places, samples), places, samples)
    except NotUniform:
        raise LimitError(
            f"{spec.name}: {operation.name} ({operation.location}) relates two resources that it does not name, or "
            "tells resources apart that it does not name; calls on any number of them cannot be judged"
        ) from None


def _program(action: Action, table: Folded, places: Places, samples: Mapping[str, tuple[int, int]]) -> Program:
    results = tuple(Returned(r.name, r.var.sort, table.closed([r.when])) for r in action.results)
    return Program(
        action.call,
        action.is_event,
        action.handles,
        tuple((p.name, p.var.sort) for p in action.params),
        results,
        _rules(action.clauses, table),
        _rules(action.axioms, table),
        tuple(_ending(outcome, table, places, samples) for outcome in action.outcomes),
        table,
    )


def _rules(uses: Iterable[ClauseUse | Axiom], table: Folded) -> tuple[Rule, ...]:
    """A clause that a body states once for each of several resources is one rule."""
    grouped: dict[tuple[str, object], list[ClauseUse | Axiom]] = {}
    for use in uses:
        grouped.setdefault((use.id, use.location), []).append(use)
    found = [Rule(group[0], table.closed([use.formula for use in group])) for group in grouped.values()]
    return tuple(rule for rule in found if rule.number != table.true)


def _ending(outcome: Outcome, table: Folded, places: Places, samples: Mapping[str, tuple[int, int]]) -> Ending:
    values = {name: table.intern(value) for name, value in outcome.writes}
    writes = []
    for name, value in values.items():
        place = places.find(name)
        assert place is not None  # a body writes state variables only
        others = [r for r in resources(name, places) if r[1] in (BLANK, *samples[r[0]])]
        if any(index != samples[kind][0] for kind, index in others):
            _check_sampled(name, values, places, samples)
            continue
        over = tuple(kind for kind, _ in others)
        _check_copies(name, value, over, values, table, places, samples)
        bound = frozenset(over)
        writes.append(Write(place, table.only(table.fold(value, bound), bound), over))
    return Ending(outcome.name, table.closed([outcome.when]), tuple(writes))


def _check_sampled(
    name: str, values: Mapping[str, int], places: Places, samples: Mapping[str, tuple[int, int]]
) -> None:
    """What is written to one other resource is written to the sample too."""
    for kind, index in resources(name, places):
        if index in (BLANK, samples[kind][1]):
            name = moved(name, places, kind, index, samples[kind][0])
    if name not in values:
        raise NotUniform


def _check_copies(
    name: str,
    value: int,
    over: tuple[str, ...],
    values: Mapping[str, int],
    table: Folded,
    places: Places,
    samples: Mapping[str, tuple[int, int]],
) -> None:
    """What is written to the samples is written to each other resource in the same way."""
    if len(set(over)) < len(over):
        raise NotUniform
    for choice in itertools.product(*((BLANK, *samples[kind]) for kind in over)):
        target, wanted = name, value
        for kind, index in zip(over, choice, strict=True):
            target = moved(target, places, kind, samples[kind][0], index)
            wanted = table.rename(wanted, kind, index)
        # A blank resource stays blank: of those that no call has touched there is no end.
        if values.get(target) != wanted or (BLANK in choice and table.keys[table.zeroed(wanted)] != ("const", (), 0)):
            raise NotUniform
