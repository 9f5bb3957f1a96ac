"""New clauses for what a layer breaks: conditions that nobody wrote, in as few calls as restore an invariant.

A condition is taken up only if it refuses a step of the counterexample; it is proved in the calls that it refuses there
first, then in all calls that can state it, out of which it is taken one by one as long as the invariant stands. It
speaks of the touched resource and of what is passed only, so that the argument for any number of resources
(`prove.parametric`) holds with it as it does without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from callproof.answers import Answers
from callproof.errors import LimitError
from callproof.model.clauses import ALL_LAYERS, HARDENED, Layer, Origin
from callproof.model.guesses import guessed, guessed_ids
from callproof.model.lint import require_clean
from callproof.model.specification import Specification
from callproof.prove.coverage import Coverage, projected
from callproof.replay import Replay
from callproof.run.edges import Edges
from callproof.run.request import Request
from callproof.run.resources import choose
from callproof.run.standing import Standing, Standings
from callproof.verdict import Status

Pairs = frozenset[tuple[str, str]]
"""(call, id of a condition)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A condition that restores an invariant if some calls demand it; taken out of any of them, it does not."""

    invariant: str
    condition: str
    calls: tuple[str, ...]


def propose(
    spec: Specification[Any],
    request: Request,
    tick: Callable[[str], None] | None = None,
    answers: Answers | None = None,
) -> tuple[Proposal, ...]:
    """Conditions for the violated invariants that are proved of one resource at a time.

    `answers` are those of earlier runs, and take in those of this one.
    """
    require_clean(spec)
    resources = choose(spec, request.graphs, dict(request.resources), request.selection, request.budget, answers)
    engine = Edges(spec, request, resources, tick or (lambda _: None), answers, guessed)
    return tuple(_Proposer(spec, request, engine, ALL_LAYERS[request.layer]).all())


class _Proposer:
    """The search in one layer."""

    def __init__(self, spec: Specification[Any], request: Request, engine: Edges, layer: Layer) -> None:
        self._engine, self._layer = engine, layer
        self._ids = guessed_ids(engine.one.model.system)
        alone = engine.resources.alone()
        self._wanted = tuple(id for id in request.invariants or spec.invariants if id in alone)
        self._calls: dict[str, tuple[str, ...]] = {}
        known, hardening = frozenset(self._ids), set()
        for action in engine.one.model.system.actions:
            for use in action.clauses:
                if use.id in known:
                    self._calls[use.id] = tuple(dict.fromkeys((*self._calls.get(use.id, ()), action.call)))
                elif use.origin is Origin.HARDENING and use.origin not in layer.origins:
                    hardening.add((action.call, use.id))
        self._written = frozenset(hardening)
        """The specification's own hardening, which the layer lacks."""
        self._every: Pairs = frozenset((call, id) for id, calls in self._calls.items() for call in calls)
        self._standings = Standings(engine.one, None, engine.resources, engine.tick)
        self._proved: dict[Pairs, Standing | None] = {}

    def all(self) -> Iterator[Proposal]:
        """The proposals for each invariant, those for the fewest calls first."""
        judged = self._engine.layer(self._with(frozenset()), self._wanted).judged
        accepted = self._accepted(frozenset())
        for invariant, answer in judged.items():
            if answer.status is not Status.VIOLATED or answer.replay is None:
                continue
            found = []
            for id, calls in self._refusing(answer.replay).items():
                self._engine.tick(f"{invariant}: {id}")
                chosen = self._calls_for(invariant, id, calls)
                if chosen and self._accepted(frozenset((call, id) for call in chosen)) == accepted:
                    found.append(Proposal(invariant, id, chosen))
            yield from sorted(found, key=lambda proposal: len(proposal.calls))

    def _with(self, pairs: Pairs) -> Layer:
        """The layer, and some conditions in some calls."""
        without = (self._every - pairs) | self._written
        origins = self._layer.origins | {Origin.HARDENING}
        return replace(HARDENED, name=f"{self._layer.name} + proposals", origins=origins, without=without)

    def _refusing(self, replay: Replay) -> dict[str, tuple[str, ...]]:
        """The conditions that refuse steps of a counterexample, and of which calls."""
        found: dict[str, dict[str, None]] = {}
        for step in replay.steps:
            for use in step.clauses:
                if use.id in self._calls:
                    found.setdefault(use.id, {})[step.step.call] = None
        return {id: tuple(found[id]) for id in self._ids if id in found}

    def _standing(self, pairs: Pairs) -> Standing | None:
        if pairs not in self._proved:
            try:
                self._proved[pairs] = self._standings.whole(self._with(pairs))
            except LimitError:
                self._proved[pairs] = None
        return self._proved[pairs]

    def _restores(self, invariant: str, id: str, calls: tuple[str, ...]) -> bool:
        standing = self._standing(frozenset((call, id) for call in calls))
        return standing is not None and invariant in standing.ids

    def _calls_for(self, invariant: str, id: str, refusing: tuple[str, ...]) -> tuple[str, ...]:
        """Calls out of none of which the condition can be taken; empty where it does not restore the invariant."""
        calls = next((c for c in (refusing, self._calls[id]) if self._restores(invariant, id, c)), ())
        for call in calls:
            rest = tuple(other for other in calls if other != call)
            if rest and self._restores(invariant, id, rest):
                calls = rest
        return calls

    def _accepted(self, pairs: Pairs) -> frozenset[str]:
        """The calls that some state accepts."""
        standing = self._standing(pairs)
        if standing is None:
            return frozenset()
        one = self._engine.one
        known = [n for n, prop in enumerate(one.model.system.properties) if prop.id in standing.ids]
        coverage = Coverage(one.model, one.solver, one.goals, known, projected(standing.reach))
        calls = dict.fromkeys(action.call for action in one.model.system.actions)
        return frozenset(call for call in calls if coverage.accepts(call, standing.layer))
