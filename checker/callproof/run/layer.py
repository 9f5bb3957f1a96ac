"""One layer of the contract: its graph, its proof, and a shortest counterexample for what fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from callproof.answers import Answers
from callproof.errors import InternalError
from callproof.graph import Reach, Stepper, Tables, explore
from callproof.minimise import shorten
from callproof.model.clauses import Layer
from callproof.prove.goals import Goals
from callproof.prove.induction import Cone, Induction, Proof
from callproof.prove.pairs import Pairs
from callproof.prove.paths import Paths
from callproof.prove.search import PATH_LIMIT, Found, Search
from callproof.prove.spaces import GraphSpace, PairSpace
from callproof.prove.states import Projections
from callproof.replay import Replay, certify
from callproof.residue import Model
from callproof.run.memory import Memory, once
from callproof.semantics import Machine
from callproof.symbolic import Answer, Solver
from callproof.trace import Trace

Tick = Callable[[str], None]

FIRST_LOOK = 1_000
"""Walks of two resources that are tried before a property that may hold after all is proved the long way."""


@dataclass(slots=True)
class Side:
    """One system with everything that its layers share."""

    model: Model
    solver: Solver
    goals: Goals
    paths: Paths
    machine: Machine
    tables: Tables = field(default_factory=dict)
    known: dict[int, bool] = field(default_factory=dict)
    """Residue -> whether it is feasible."""

    @classmethod
    def of(cls, model: Model, budget: int, answers: Answers | None = None) -> Side:
        solver = Solver(model.pool, budget, answers)
        return cls(model, solver, Goals(model), Paths(model, solver), Machine(model.system))

    def feasible(self, residue: int) -> bool:
        """The residue can be satisfied, or the budget was too small to tell."""
        found = self.known.get(residue)
        if found is None:
            found = self.known[residue] = self.solver.check([residue], likely=True) is not Answer.UNSAT
        return found


@dataclass(slots=True)
class Times:
    """Seconds spent by what."""

    graph: float = 0.0
    proof: float = 0.0
    search: float = 0.0


@dataclass(frozen=True, slots=True)
class Shown:
    """One inductive proof, for a certificate of it."""

    side: Side
    states: Reach | Pairs
    given: tuple[int, ...]
    """Properties that were taken to hold."""
    stands: frozenset[int]
    used: Mapping[tuple[int, int], frozenset[int]]
    """(property, move) -> the properties that were assumed."""
    parts: Mapping[tuple[int, int], frozenset[int]]
    """(property, move) that was shown for all control states at once -> formulas of the pool that this took."""
    by_state: frozenset[tuple[int, int]]
    """Properties and moves for which control states had to be looked at one by one."""


@dataclass(slots=True)
class LayerRun:
    """The state of one layer's check. Counterexamples of an earlier, weaker layer are tried first."""

    layer: Layer
    bound: int
    times: Times
    tick: Tick
    wanted: tuple[str, ...] = ()
    """The invariants for which a counterexample is sought; all where none is named."""
    obligations: int = 0
    distinct: int = 0
    stands: set[str] = field(default_factory=set)
    fell: dict[str, Answer] = field(default_factory=dict)
    found: dict[str, tuple[Replay, Side, bool]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)
    memory: Memory | None = None
    """What other runs of the same layers have explored and proved, where invariants are judged a few at a time."""
    settled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What need not be proved again, see `Edges.shares`: the invariants that a weaker layer proved, by how it did."""
    stood: dict[str, frozenset[str]] = field(default_factory=dict)
    """The same for this layer."""
    shares: bool = False
    """A counterexample of a weaker layer that this one accepts settles an invariant before it is proved."""

    def explore(self, side: Side) -> Reach:
        """The sequence graph of the system in this layer."""
        return once(self.memory, ("explored", id(side), self.layer), lambda: self._explore(side))

    def _explore(self, side: Side) -> Reach:
        started = time.perf_counter()
        stepper = Stepper(side.model, self.layer, side.feasible, side.tables)
        reach = explore(
            stepper,
            self.layer,
            len(side.model.moves),
            lambda states, edges: self.tick(f"{self.layer.name}: {states:,} states, {edges:,} edges"),
        )
        self.times.graph += time.perf_counter() - started
        return reach

    def prove(
        self,
        side: Side,
        reach: Reach,
        props: list[int],
        earlier: dict[str, Trace],
        lemmas: list[int] | None = None,
        how: str = "alone",
    ) -> frozenset[int]:
        """The properties of one system that stand, over its explored graph; `lemmas` are known to hold.

        `how` they are proved is the same in each layer.
        """
        started = time.perf_counter()
        asked = props
        props, stand = self._open(side, asked, earlier, how)
        lemmas = sorted({*(lemmas or ()), *stand})
        key = "proved", id(side), self.layer, tuple(props), tuple(lemmas)
        projections, induction, proof = once(self.memory, key, lambda: self._proved(side, reach, props, lemmas))
        self.shown.append(Shown(side, reach, tuple(lemmas), proof.stands, proof.used, proof.parts, proof.by_state))
        self._take(side, proof, props)
        self._note(side, asked, how)
        self.times.proof += time.perf_counter() - started
        self._search(side, sorted(proof.fell), earlier, lambda prop: GraphSpace(reach, projections, induction, prop))
        return proof.stands | stand

    def _proved(
        self, side: Side, reach: Reach, props: list[int], lemmas: list[int]
    ) -> tuple[Projections, Induction, Proof]:
        projections = Projections(reach)
        induction = Induction(side.goals, self.layer, side.solver, projections, self._say("proving"))
        return projections, induction, induction.run(props, lemmas)

    def prove_pairs(
        self, side: Side, pairs: Pairs, props: list[int], lemmas: list[int], earlier: dict[str, Trace]
    ) -> None:
        """The properties between two resources, over the joins of what one alone can reach.

        What is not shown for all joins at once is mostly broken: a counterexample is sought before the joins are
        looked at one by one.
        """
        induction = once(self.memory, ("of pairs", id(pairs)), lambda: self._of_pairs(side, pairs))
        stepper = Stepper(side.model, self.layer, side.feasible, side.tables)
        ids = side.model.system.properties
        asked = props
        props, stand = self._open(side, asked, earlier, "between two")
        lemmas = sorted({*lemmas, *stand})
        given, stands = tuple(lemmas), set[int]()
        used: dict[tuple[int, int], frozenset[int]] = {}
        parts: dict[tuple[int, int], frozenset[int]] = {}
        by_state: set[tuple[int, int]] = set()
        for joins, limit in ((False, FIRST_LOOK), (True, PATH_LIMIT)):
            started = time.perf_counter()
            key = "proved of pairs", id(pairs), tuple(props), tuple(lemmas), joins
            proof = once(self.memory, key, partial(induction.run, props, lemmas, pairs.moves, joins))
            stands |= proof.stands
            used.update(proof.used)
            parts.update(proof.parts)
            by_state |= proof.by_state
            self._take(side, proof, props)
            self.times.proof += time.perf_counter() - started
            fell = pairs.representatives(sorted(proof.fell), mirrored=True)
            self._search(side, fell, earlier, lambda prop: PairSpace(pairs, stepper, induction, prop), limit)
            lemmas = sorted({*lemmas, *proof.stands})
            open_ = [p for p, answer in sorted(proof.fell.items()) if answer is Answer.SAT]
            props = [p for p in open_ if ids[p].id not in self.found and self._is_wanted(ids[p].id)]
            if not props:
                break
        self._note(side, asked, "between two")
        self.shown.append(Shown(side, pairs, given, frozenset(stands), used, parts, frozenset(by_state)))

    def _of_pairs(self, side: Side, pairs: Pairs) -> Induction:
        return Induction(
            side.goals,
            self.layer,
            side.solver,
            pairs.project,
            self._say("proving"),
            deepest=Cone.CALL,
            symbolic=True,
        )

    def _open(
        self, side: Side, props: list[int], earlier: dict[str, Trace], how: str
    ) -> tuple[list[int], frozenset[int]]:
        """The properties that are left to prove, and those that stand since a weaker layer proved them.

        What a weaker layer's counterexample breaks here as well is neither.
        """
        named = side.model.system.properties
        proved = self.settled.get(how, frozenset())
        for id in dict.fromkeys(named[p].id for p in props) if self.shares else ():
            known = earlier.get(id)
            if id not in proved and id not in self.found and known is not None and self._is_wanted(id):
                replay = self._holds_here(side, known, id)
                if replay is not None:
                    self.found[id], self.fell[id] = (replay, side, True), Answer.SAT
        stand = frozenset(p for p in props if named[p].id in proved)
        self.stands |= {named[p].id for p in stand}
        return [p for p in props if named[p].id not in proved and named[p].id not in self.found], stand

    def _note(self, side: Side, props: list[int], how: str) -> None:
        ids = {side.model.system.properties[p].id for p in props}
        self.stood[how] = frozenset(ids & self.stands)

    def _is_wanted(self, id: str) -> bool:
        return not self.wanted or id in self.wanted

    def _say(self, doing: str) -> Tick:
        return lambda what: self.tick(f"{self.layer.name}: {doing} {what}")

    def _take(self, side: Side, proof: Proof, props: Iterable[int]) -> None:
        self.obligations += proof.obligations
        self.distinct += proof.distinct
        named = side.model.system.properties
        for prop in props:
            self.fell.pop(named[prop].id, None)
        for prop in props:
            if prop in proof.fell and self.fell.get(named[prop].id) is not Answer.SAT:
                self.fell[named[prop].id] = proof.fell[prop]
        self.stands |= {named[p].id for p in props} - set(self.fell)

    def _search(
        self,
        side: Side,
        props: list[int],
        earlier: dict[str, Trace],
        space: Callable[[int], GraphSpace | PairSpace],
        limit: int = PATH_LIMIT,
    ) -> None:
        started = time.perf_counter()
        for prop in props:
            id = side.model.system.properties[prop].id
            if not self._is_wanted(id):
                continue
            if self.fell[id] is Answer.UNKNOWN:
                self.reasons.setdefault(id, "the budget ran out in its proof")
                continue
            known = earlier.get(id)
            if id not in self.found and known is not None:
                replay = self._holds_here(side, known, id)
                if replay is not None:
                    self.found[id] = (replay, side, True)
            bound = len(self.found[id][0].steps) - 1 if id in self.found else self.bound
            start = len(known.steps) if known is not None else 1
            if bound < start:
                continue
            found = Search(side.goals, side.paths, space(prop), prop, self._lengths(id), limit).run(bound, start)
            self._keep(side, id, found)
        self.times.search += time.perf_counter() - started

    def _lengths(self, id: str) -> Callable[[int], None]:
        return lambda length: self.tick(f"{self.layer.name}: {id}, traces of {length} calls")

    def _keep(self, side: Side, id: str, found: Found) -> None:
        if found.trace is not None:
            trace = found.trace
            if not found.shortest:  # a shorter one may have been missed for want of budget: leave out what can go
                trace = shorten(trace, lambda t: self._holds_here(side, t, id) is not None)
            self.found[id] = (certify(side.machine, trace, self.layer, id), side, found.shortest)
        elif id not in self.found:
            self.reasons[id] = found.reason

    def _holds_here(self, side: Side, trace: Trace, id: str) -> Replay | None:
        """The weaker layer's counterexample, if this layer accepts it too; then it is shortest here as well."""
        try:
            return certify(side.machine, trace, self.layer, id)
        except InternalError:
            return None
