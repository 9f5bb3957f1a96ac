"""Which clauses would restore the invariants that a layer breaks: all minimal sets of them, the smallest first.

A set restores an invariant only if it refuses some step of each counterexample, so the sets to try are the hitting sets
of the counterexamples that are known; one that does not restore has a further counterexample, which is learnt from
(implicit hitting sets: Reiter, A Theory of Diagnosis, 1987; Ignatiev and others, SAT 2015 and CP 2015).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from callproof.errors import Exit, UsageError, worst
from callproof.model.clauses import ALL_LAYERS, HARDENED, Layer
from callproof.model.lint import require_clean
from callproof.model.specification import Specification
from callproof.model.system import System
from callproof.prove.parametric import argue_apart
from callproof.replay import Replay
from callproof.run.edges import Edges
from callproof.run.needs import stated
from callproof.run.request import Judged, Request
from callproof.run.resources import choose
from callproof.trace import Trace
from callproof.verdict import Status

Clauses = tuple[str, ...]
"""Ids of clauses, in the order of the specification."""


@dataclass(frozen=True, slots=True)
class Known:
    """A counterexample to one invariant, in the layer or in it with some of the clauses added."""

    replay: Replay
    system: System
    shortest: bool
    refused: Mapping[str, int]
    """Each clause that would refuse a step, and the first step that it refuses."""

    @property
    def calls(self) -> int:
        return len(self.replay.steps)

    def survives(self, clauses: Clauses) -> bool:
        """No clause of a set refuses a step."""
        return not any(id in self.refused for id in clauses)


@dataclass(frozen=True, slots=True)
class Restoring:
    """A minimal set of clauses that restores an invariant."""

    clauses: Clauses
    forbids: tuple[Known | None, ...]
    """For each clause a counterexample that it alone of the set refuses; None where the budget hides whether one is."""
    never_accepted: tuple[str, ...]
    """Calls that the layer accepts in some state, and with the clauses in none."""


@dataclass(frozen=True, slots=True)
class Repairs:
    """What restores one invariant."""

    invariant: str
    broken: Known
    """The counterexample in the layer as it is."""
    sets: tuple[Restoring, ...]
    larger: Clauses = ()
    """Where no set is small enough: one of more clauses that is minimal; empty where all of them do not restore it."""
    unknown: tuple[Clauses, ...] = ()
    """Sets for which there is neither a proof nor a counterexample."""


@dataclass(frozen=True, slots=True)
class HardenResult:
    """The result of `callproof harden`."""

    spec: str
    title: str
    layer: Layer
    size: int
    """The most clauses of a set."""
    candidates: Clauses
    repairs: tuple[Repairs, ...]
    unknown: tuple[str, ...]
    """Invariants of which it is not known whether the layer breaks them."""
    invariants: int
    tried: int
    """Sets for which everything was proved again."""

    @property
    def exit(self) -> Exit:
        """OK if every violated invariant has a set; `UNKNOWN` where a budget may hide one, or a violation."""
        without = [repairs for repairs in self.repairs if not repairs.sets]
        found = [Exit.UNKNOWN if repairs.unknown else Exit.VIOLATED for repairs in without]
        return worst([*found, *([Exit.UNKNOWN] if self.unknown else [])])


def harden(
    spec: Specification[Any], request: Request, size: int, tick: Callable[[str], None] | None = None
) -> HardenResult:
    """Find all minimal sets of up to `size` hardening and caller clauses that restore what the layer breaks.

    Raises `UsageError` for a wrong request, `SpecError` for a faulty specification and `LimitError` where the state
    space is too large.
    """
    if request.layer not in ALL_LAYERS:
        raise UsageError(f"unknown layer {request.layer!r}; the layers are {', '.join(ALL_LAYERS)}")
    for id in request.invariants:
        if id not in spec.invariants:
            raise UsageError(f"unknown invariant {id!r}; {spec.name} has {', '.join(spec.invariants)}")
    require_clean(spec)
    resources = choose(spec, request.graphs, dict(request.resources), request.selection, request.budget)
    if resources.any_number:
        others = {name: count for name, count in resources.counts.items() if name != resources.kind}
        reason = argue_apart(spec, resources.kind, others, request.selection, request.budget)
        if reason:
            resources = resources.fallen_back(2, reason)
    engine = Edges(spec, request, resources, tick or (lambda _: None))
    return _Search(spec, request, engine, ALL_LAYERS[request.layer], size).run()


class _Search:
    """The search for one layer."""

    def __init__(self, spec: Specification[Any], request: Request, engine: Edges, layer: Layer, size: int) -> None:
        self._spec, self._engine, self._layer, self._size = spec, engine, layer, size
        self._asked = request.invariants or tuple(spec.invariants)
        outside = {origin for origin in HARDENED.origins if origin not in layer.origins}
        self._stated = {
            id: calls for id, calls in stated(engine, HARDENED).items() if spec.clauses[id].origin in outside
        }
        self._known: dict[str, list[Known]] = {}
        self._earlier: dict[str, Trace] = {}
        self._sets: dict[str, list[tuple[Clauses, tuple[str, ...]]]] = {}
        self._unknown: dict[str, list[Clauses]] = {}
        self._dead: frozenset[str] = frozenset()
        self._tried = 0

    def run(self) -> HardenResult:
        engine = self._engine
        engine.tick(f"{self._layer.name}: judging")
        judged = engine.layer(self._layer, self._asked).judged
        self._dead = frozenset(engine.never_accepted())
        for id, answer in judged.items():
            if answer.status is Status.VIOLATED and answer.replay is not None:
                self._known[id], self._sets[id], self._unknown[id] = [], [], []
                if answer.shortest:
                    self._earlier[id] = answer.replay.trace
        for id in self._known:
            self._learn(id, judged[id])
        broken = {id: known[0] for id, known in self._known.items()}
        for count in range(1, self._size + 1):
            for clauses in combinations(self._stated, count):
                self._try(clauses)
        larger = self._larger()
        spec = self._spec
        return HardenResult(
            spec.name,
            spec.title,
            self._layer,
            self._size,
            tuple(self._stated),
            tuple(
                Repairs(id, broken[id], tuple(self._restoring(id)), larger.get(id, ()), tuple(self._unknown[id]))
                for id in self._known
            ),
            tuple(id for id, answer in judged.items() if answer.status is Status.UNKNOWN),
            len(self._asked),
            self._tried,
        )

    def _with(self, clauses: Clauses) -> Layer:
        """The layer and some more clauses."""
        others = [id for id in self._stated if id not in clauses]
        without = frozenset((call, id) for id in others for call in self._stated[id])
        name = " + ".join((self._layer.name, *clauses))
        return replace(self._layer, name=name, origins=HARDENED.origins, without=without)

    def _learn(self, id: str, answer: Judged) -> None:
        """Keep a counterexample, for every invariant that it breaks on its way."""
        assert answer.replay is not None
        assert answer.system is not None
        first: dict[str, int] = {}
        for broken in answer.replay.broken:
            first[broken.property.id] = min(broken.step, first.get(broken.property.id, broken.step))
        for other, step in first.items():
            if other in self._known:
                steps = answer.replay.steps[:step]
                trace = replace(answer.replay.trace, steps=answer.replay.trace.steps[:step])
                refused: dict[str, int] = {}
                for made in steps:
                    for use in made.outside(self._layer):
                        refused.setdefault(use.id, made.number)
                replay = replace(answer.replay, trace=trace, steps=steps)
                known = Known(replay, answer.system, answer.shortest, refused)
                # The first one kept of an invariant is the one that was found for it.
                if other == id and not self._tried:
                    self._known[other].insert(0, known)
                else:
                    self._known[other].append(known)

    def _try(self, clauses: Clauses) -> None:
        """Prove what no known counterexample keeps the clauses from restoring, and learn from what is found."""
        wanted = tuple(id for id in self._known if self._may_restore(id, clauses))
        if not wanted:
            return
        self._tried += 1
        layer = self._with(clauses)
        self._engine.tick(layer.name)
        judged = self._engine.layer(layer, wanted, self._earlier).judged
        restored = [id for id in wanted if judged[id].status is Status.PROVED]
        dead = tuple(call for call in self._engine.never_accepted() if call not in self._dead) if restored else ()
        for id in wanted:
            if id in restored:
                self._sets[id].append((clauses, dead))
            elif judged[id].status is Status.VIOLATED:
                self._learn(id, judged[id])
            else:
                self._unknown[id].append(clauses)

    def _may_restore(self, id: str, clauses: Clauses) -> bool:
        """The set holds none that is known to restore, and refuses every counterexample that is known."""
        if any(set(known) <= set(clauses) for known, _ in self._sets[id]):
            return False
        return not any(known.survives(clauses) for known in self._known[id])

    def _restoring(self, id: str) -> Iterator[Restoring]:
        for clauses, dead in self._sets[id]:
            yield Restoring(clauses, tuple(self._forbidden(id, clauses, clause) for clause in clauses), dead)

    def _forbidden(self, id: str, clauses: Clauses, clause: str) -> Known | None:
        """The shortest counterexample that this clause alone of the set refuses."""
        rest = tuple(other for other in clauses if other != clause)
        alone = [known for known in self._known[id] if known.survives(rest)]
        return min(alone, key=lambda known: known.calls, default=None)

    def _larger(self) -> dict[str, Clauses]:
        """For what no small set restores, a minimal set: all clauses, less one after another that is not missed."""
        left = [id for id in self._known if not self._sets[id]]
        found: dict[str, Clauses] = {}
        if not left:
            return found
        standings = self._engine.standings()
        whole = standings.whole(self._with(tuple(self._stated)))
        proved: dict[Clauses, frozenset[str]] = {}
        for id in left:
            if id not in whole.ids:
                continue
            kept = tuple(self._stated)
            for clause in self._stated:
                rest = tuple(other for other in kept if other != clause)
                if any(known.survives(rest) for known in self._known[id]):
                    continue
                if rest not in proved:
                    self._engine.tick(f"{id}: without {clause}")
                    dropped = {(call, c) for c in self._stated if c not in rest for call in self._stated[c]}
                    proved[rest] = standings.without(whole, frozenset(dropped)).ids
                if id in proved[rest]:
                    kept = rest
            found[id] = kept
        return found
