"""Which clauses would restore the invariants that a layer breaks: all minimal sets of them, the smallest first.

A set restores an invariant only if it refuses some step of each counterexample, so the sets to try are the hitting sets
of the counterexamples that are known; one that does not restore has a further counterexample, which is learnt from
(implicit hitting sets: Reiter, A Theory of Diagnosis, 1987; Ignatiev and others, SAT 2015 and CP 2015). And a clause
without which all others together do not restore an invariant is in every set that does; to know these takes one proof a
clause, and spares the search for most counterexamples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

from callproof.answers import Answers
from callproof.errors import LimitError, UsageError
from callproof.model.clauses import ALL_LAYERS, HARDENED, Layer
from callproof.model.lint import require_clean
from callproof.model.specification import Specification
from callproof.model.system import System
from callproof.prove.parametric import argue_apart
from callproof.replay import Replay
from callproof.run.edges import Edges
from callproof.run.judged import Judged
from callproof.run.needs import stated
from callproof.run.repairs import Clauses, HardenResult, Known, Repairs, Restoring
from callproof.run.request import Request
from callproof.run.resources import choose
from callproof.trace import Trace
from callproof.verdict import Status


def harden(
    spec: Specification[Any],
    request: Request,
    size: int,
    tick: Callable[[str], None] | None = None,
    answers: Answers | None = None,
) -> HardenResult:
    """Find all minimal sets of up to `size` hardening and caller clauses that restore what the layer breaks.

    `answers` are those of earlier runs, and take in those of this one. Raises `UsageError` for a wrong request,
    `SpecError` for a faulty specification and `LimitError` where the state space is too large.
    """
    if request.layer not in ALL_LAYERS:
        raise UsageError(f"unknown layer {request.layer!r}; the layers are {', '.join(ALL_LAYERS)}")
    for id in request.invariants:
        if id not in spec.invariants:
            raise UsageError(f"unknown invariant {id!r}; {spec.name} has {', '.join(spec.invariants)}")
    require_clean(spec)
    resources = choose(spec, request.graphs, dict(request.resources), request.selection, request.budget, answers)
    if resources.any_number:
        others = {name: count for name, count in resources.counts.items() if name != resources.kind}
        reason = argue_apart(spec, resources.kind, others, request.selection, request.budget)
        if reason:
            resources = resources.fallen_back(2, reason)
    engine = Edges(spec, request, resources, tick or (lambda _: None), answers)
    return _Search(spec, request, engine, ALL_LAYERS[request.layer], size).run()


class _Proofs:
    """What is proved in the layer with some of the candidates, found by taking the others out of all of them."""

    def __init__(self, engine: Edges, whole: Layer, stated: Mapping[str, tuple[str, ...]]) -> None:
        self._standings, self._stated, self._tick = engine.standings(), stated, engine.tick
        self._whole = self._standings.whole(whole)
        self._known: dict[Clauses, frozenset[str] | None] = {tuple(stated): self._whole.ids}
        self.judges = self._standings.known
        """The invariants of which it says something."""

    def of(self, clauses: Clauses) -> frozenset[str] | None:
        """The invariants that are proved with these clauses; None where there are too many control states."""
        if clauses not in self._known:
            self._tick(f"proving with {', '.join(clauses)}")
            dropped = {(call, id) for id in self._stated if id not in clauses for call in self._stated[id]}
            try:
                self._known[clauses] = self._standings.without(self._whole, frozenset(dropped)).ids
            except LimitError:
                self._known[clauses] = None
        return self._known[clauses]

    def refuses(self, id: str, clauses: Clauses) -> bool:
        """The invariant is not proved with these clauses; false where that is not known."""
        proved = self.of(clauses) if id in self.judges else None
        return proved is not None and id not in proved


class _Search:
    """The search for one layer."""

    def __init__(self, spec: Specification[Any], request: Request, engine: Edges, layer: Layer, size: int) -> None:
        self._spec, self._engine, self._layer, self._size = spec, engine, layer, size
        self._asked = request.invariants or tuple(spec.invariants)
        self._stated = {
            id: calls for id, calls in stated(engine, HARDENED).items() if spec.clauses[id].origin not in layer.origins
        }
        self._all = tuple(self._stated)
        self._known: dict[str, list[Known]] = {}
        self._earlier: dict[str, Trace] = {}
        self._sets: dict[str, list[tuple[Clauses, tuple[str, ...]]]] = {}
        self._unknown: dict[str, list[Clauses]] = {}
        self._dead: frozenset[str] = frozenset()
        self._tried = 0

    def run(self) -> HardenResult:
        """Judge the layer, then try sets by size."""
        engine, spec = self._engine, self._spec
        judged = engine.layer(self._layer, self._asked).judged
        self._dead = frozenset(engine.never_accepted())
        broken: dict[str, Known] = {}
        for id, answer in judged.items():
            if answer.status is Status.VIOLATED and answer.replay is not None and answer.system is not None:
                self._known[id], self._sets[id], self._unknown[id] = [], [], []
                steps = len(answer.replay.steps)
                broken[id] = self._cut(answer.replay, answer.system, answer.shortest, steps)
                if answer.shortest:
                    self._earlier[id] = answer.replay.trace
        for id in self._known:
            self._learn(judged[id])
        proofs = _Proofs(engine, self._with(self._all), self._stated)
        required = {id: self._required(id, proofs) for id in self._known}
        for count in range(1, self._size + 1):
            for clauses in combinations(self._all, count):
                self._try(clauses, required, proofs)
        repairs = tuple(
            Repairs(
                id,
                broken[id],
                tuple(self._restoring(id)),
                () if self._sets[id] else self._larger(id, proofs),
                tuple(self._unknown[id]),
            )
            for id in self._known
        )
        unknown = tuple(id for id, answer in judged.items() if answer.status is Status.UNKNOWN)
        return HardenResult(
            spec.name, spec.title, self._layer, self._size, self._all, repairs, unknown, len(self._asked), self._tried
        )

    def _with(self, clauses: Clauses) -> Layer:
        """The layer and some more clauses."""
        without = frozenset((call, id) for id in self._all if id not in clauses for call in self._stated[id])
        name = " + ".join((self._layer.name, *clauses))
        return replace(self._layer, name=name, origins=HARDENED.origins, without=without)

    # -- which sets to try --------------------------------------------------------------------------------------

    def _required(self, id: str, proofs: _Proofs) -> Clauses:
        """The clauses without which all others do not restore an invariant: they are in every set that does."""
        return tuple(clause for clause in self._all if proofs.refuses(id, tuple(c for c in self._all if c != clause)))

    def _may_restore(self, id: str, clauses: Clauses, required: Clauses) -> bool:
        """The set holds what is required, and none that restores, and refuses every counterexample that is known."""
        if not set(required) <= set(clauses) or any(set(known) <= set(clauses) for known, _ in self._sets[id]):
            return False
        return not any(known.survives(clauses) for known in self._known[id])

    def _try(self, clauses: Clauses, required: Mapping[str, Clauses], proofs: _Proofs) -> None:
        """Prove what no known counterexample keeps the clauses from restoring, and learn from what is found."""
        may = (id for id in self._known if not proofs.refuses(id, self._all))
        wanted = tuple(id for id in may if self._may_restore(id, clauses, required[id]))
        if not wanted:
            return
        self._tried += 1
        judged = self._judge(clauses, wanted)
        if judged is None:
            for id in wanted:
                self._unknown[id].append(clauses)
            return
        restored = [id for id in wanted if judged[id].status is Status.PROVED]
        dead = tuple(call for call in self._engine.never_accepted() if call not in self._dead) if restored else ()
        for id in wanted:
            if id in restored:
                self._sets[id].append((clauses, dead))
            elif judged[id].status is Status.VIOLATED:
                self._learn(judged[id])
            else:
                self._unknown[id].append(clauses)

    def _judge(self, clauses: Clauses, wanted: tuple[str, ...]) -> Mapping[str, Judged] | None:
        """Proofs and counterexamples with some clauses; None where there are too many control states."""
        layer = self._with(clauses)
        self._engine.tick(layer.name)
        try:
            return self._engine.layer(layer, wanted, self._earlier).judged
        except LimitError:
            return None

    # -- counterexamples ----------------------------------------------------------------------------------------

    def _learn(self, answer: Judged) -> None:
        """Keep a counterexample, for every invariant that it breaks on its way."""
        if answer.replay is None or answer.system is None:
            return
        first: dict[str, int] = {}
        for broken in answer.replay.broken:
            first.setdefault(broken.property.id, broken.step)
        for id, step in first.items():
            if id in self._known:
                self._known[id].append(self._cut(answer.replay, answer.system, answer.shortest, step))

    def _cut(self, replay: Replay, system: System, shortest: bool, step: int) -> Known:
        """The first steps of a counterexample."""
        trace = replace(replay.trace, steps=replay.trace.steps[:step])
        refused: dict[str, int] = {}
        for made in replay.steps[:step]:
            for use in made.outside(self._layer):
                refused.setdefault(use.id, made.number)
        return Known(replace(replay, trace=trace, steps=replay.steps[:step]), system, shortest, refused)

    # -- what is told -------------------------------------------------------------------------------------------

    def _restoring(self, id: str) -> Iterator[Restoring]:
        for clauses, dead in self._sets[id]:
            yield Restoring(clauses, tuple(self._forbidden(id, clauses, clause) for clause in clauses), dead)

    def _forbidden(self, id: str, clauses: Clauses, clause: str) -> Known | None:
        """The shortest known counterexample that this clause alone of the set refuses; sought where there is none."""
        rest = tuple(other for other in clauses if other != clause)
        if not any(known.survives(rest) for known in self._known[id]):
            judged = self._judge(rest, (id,))
            if judged is not None:
                self._learn(judged[id])
        alone = [known for known in self._known[id] if known.survives(rest)]
        return min(alone, key=lambda known: known.calls, default=None)

    def _larger(self, id: str, proofs: _Proofs) -> Clauses:
        """Where no small set restores an invariant: all clauses, less one after another that is not missed."""
        if id not in proofs.judges or proofs.refuses(id, self._all):
            return ()
        kept = self._all
        for clause in self._all:
            rest = tuple(other for other in kept if other != clause)
            if not any(known.survives(rest) for known in self._known[id]):
                proved = proofs.of(rest)
                kept = rest if proved is not None and id in proved else kept
        return kept
