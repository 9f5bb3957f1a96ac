"""One obligation for each edge and invariant, solved once for each residue; the proof holds for any length.

The obligation of an edge is: the conjunct before the call, the call's constraints and its effect imply the
conjunct after it. It is first tried with nothing else assumed, and where that fails with every invariant that
stands (Houdini: Flanagan and Leino, FME 2001). An invariant that fails is assumed nowhere.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from callproof.graph import Reach
from callproof.model.clauses import Layer
from callproof.prove.goals import Goal, Goals
from callproof.residue import FALSE, TRUE, Model, Move
from callproof.symbolic import Answer, Solver

Projection = Callable[[int, int], Iterable[int]]
"""(move, mask) -> the distinct projections on `mask` of the control states in which the move may be accepted."""


class Cone(enum.Enum):
    """Which hypotheses an obligation is tried with: a small question is answered in a fraction of the time."""

    OWN = 0
    """Those on the goal's own data."""
    CALL = 1
    """And on data that the call's constraints tie to it."""
    NEAR = 2
    """And on data that any hypothesis ties to it."""
    ALL = 3
    """And so on, through any number of ties."""


@dataclass(frozen=True, slots=True)
class Group:
    """The obligation of one goal on every edge whose source state projects on `key`."""

    goal: Goal
    mask: int
    key: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of one inductive proof."""

    stands: frozenset[int]
    """Properties that hold in every reachable state and step."""
    fell: dict[int, Answer]
    """The other ones: SAT where an obligation has a counterexample, UNKNOWN where only the budget ran out."""
    obligations: int
    """Edges' residues that were shown or refuted, before equal ones were merged."""
    distinct: int


def projections(reach: Reach) -> Projection:
    """The projections of an explored graph."""
    cache: dict[tuple[int, int], set[int]] = {}

    def project(move: int, mask: int) -> Iterable[int]:
        key = move, mask
        found = cache.get(key)
        if found is None:
            found = cache[key] = {state & mask for state in reach.sources[move]}
        return sorted(found)

    return project


class Induction:
    """Proves a model's properties in one layer over given control states."""

    def __init__(
        self,
        goals: Goals,
        layer: Layer,
        solver: Solver,
        project: Projection,
        tick: Callable[[str], None] | None = None,
    ) -> None:
        self.goals, self.model, self.layer, self.solver, self.project = goals, goals.model, layer, solver, project
        self._guards = [move.guard(self.model.pool, layer) for move in self.model.moves]
        self._tick = tick or (lambda _: None)
        self._seen: set[frozenset[int]] = set()
        self._total = 0
        self.lemmas: frozenset[int] = frozenset()
        """Properties that the proof found to stand, with those it was given."""

    def run(self, props: Sequence[int], lemmas: Sequence[int] = (), moves: Sequence[int] | None = None) -> Proof:
        """Prove the properties at these positions; `lemmas` are known to hold. `moves` limits which are looked at."""
        chosen = self.model.moves if moves is None else [self.model.moves[n] for n in moves]
        fell = {prop: answer for prop in props if (answer := self._initially(prop)) is not Answer.UNSAT}
        stands = set(props) - set(fell)
        used: dict[int, set[int]] = {}
        waiting = sorted(stands)
        while waiting:
            for prop in waiting:
                self._tick(self.model.system.properties[prop].id)
                used[prop] = set()
                answer = self._prove(prop, frozenset(stands | set(lemmas)) - {prop}, chosen, used[prop])
                if answer is not Answer.UNSAT:
                    stands.discard(prop)
                    fell[prop] = answer
            # What was proved with the help of an invariant that fell since has to be proved again without it.
            waiting = [prop for prop in sorted(stands) if used[prop] & set(fell)]
        self.lemmas = frozenset(stands | set(lemmas))
        return Proof(frozenset(stands), fell, self._total, len(self._seen))

    def _prove(self, prop: int, assumed: frozenset[int], moves: Sequence[Move], used: set[int]) -> Answer:
        """UNSAT if every edge keeps the property; else the answer for the first that may not."""
        for move in moves:
            for group in self.groups(prop, move):
                answer = self.refute(group, assumed, used)
                if answer is not Answer.UNSAT:
                    return answer
        return Answer.UNSAT

    def groups(self, prop: int, move: Move) -> Iterator[Group]:
        """The obligations of a move for a property: one for each goal and each projection that leaves it open."""
        guard = self._guards[move.number]
        if guard == FALSE:
            return
        pool = self.model.pool
        for goal in self.goals.of(prop, move):
            mask = pool.mask[goal.after] | pool.mask[goal.before]
            suspects = {key for key in self.project(goal.move, mask) if self._is_open(goal, key)}
            if suspects:
                wide = mask | pool.mask[guard]
                for key in self.project(goal.move, wide):
                    if key & mask in suspects:
                        yield Group(goal, wide, key)

    def refute(self, group: Group, assumed: frozenset[int] | None = None, used: set[int] | None = None) -> Answer:
        """Can the goal fail from a state of the group?

        First only what speaks of the goal's own data is assumed, then the invariants that do so too, then
        everything that is connected: a small question is answered in a fraction of the time.
        """
        if self._ask(group.goal, group.key, (), Cone.OWN) is Answer.UNSAT:
            return Answer.UNSAT
        others = self._others(group.goal, self.lemmas if assumed is None else assumed, used)
        mask = group.mask
        for part in others:
            mask |= self.model.pool.mask[part]
        worst = Answer.UNSAT
        for key in self.project(group.goal.move, mask):
            if key & group.mask == group.key:
                answer = self._widen(group.goal, key, others)
                if answer is Answer.SAT:
                    return answer
                worst = answer if answer is Answer.UNKNOWN else worst
        return worst

    def refute_in(self, goal: Goal, state: int) -> Answer:
        """Can the goal fail from this very control state?"""
        if self._ask(goal, state, (), Cone.OWN) is Answer.UNSAT:
            return Answer.UNSAT
        return self._widen(goal, state, self._others(goal, self.lemmas, None))

    def _others(self, goal: Goal, assumed: frozenset[int], used: set[int] | None) -> list[int]:
        """What else may be assumed before the move: the property's other parts, and related invariants."""
        related = self._related(goal, assumed)
        if used is not None:
            used |= {source for _, source in related}
        return [part for part, _ in related] + [p for p in self.goals.parts[goal.prop] if p != goal.before]

    def _widen(self, goal: Goal, key: int, others: Sequence[int]) -> Answer:
        answer = Answer.UNKNOWN
        for reach in Cone:
            answer = self._ask(goal, key, others, reach)
            if answer is Answer.UNSAT:
                break
        return answer

    def _initially(self, prop: int) -> Answer:
        """Can the property fail before any call?"""
        pool = self.model.pool
        if self.model.system.properties[prop].over_step:
            return Answer.UNSAT
        formula = pool.and_(self.goals.parts[prop])
        env = self.model.initial_env()
        mapping = {leaf: env[name] for name, leaf in self.model.state_env.items()}
        start = pool.substitute(formula, mapping, {})
        return self.solver.check([pool.not_(start)])

    # -- one goal -----------------------------------------------------------------------------------------------

    def _is_open(self, goal: Goal, key: int) -> bool:
        pool = self.model.pool
        after = pool.specialise(goal.after, key)
        return after != TRUE and after != pool.specialise(goal.before, key)

    def _ask(self, goal: Goal, key: int, others: Sequence[int], reach: Cone) -> Answer:
        """Can the conjunct fail behind a move from a state that projects on `key`?"""
        pool = self.model.pool
        own = [*pool.conjuncts(pool.specialise(self._guards[goal.move], key))]
        own += pool.conjuncts(pool.specialise(goal.before, key))
        assumed = [c for other in others for c in pool.conjuncts(pool.specialise(other, key))]
        if FALSE in own or FALSE in assumed:
            return Answer.UNSAT
        asked = self._cone(pool.specialise(goal.after, key), own, assumed, reach)
        self._total += 1
        self._seen.add(frozenset(asked))
        return self.solver.check(asked)

    def _cone(self, after: int, own: Sequence[int], assumed: Sequence[int], reach: Cone) -> list[int]:
        """The negated goal with the hypotheses that share data with it, as far as `reach` says.

        What `Cone.ALL` leaves out shares no variable with the rest, so it cannot make it unsatisfiable unless it is
        so on its own, which a reachable edge's constraints are not. With less only UNSAT is an answer.
        """
        pool = self.model.pool
        hypotheses = dict.fromkeys((*own, *assumed))
        variables = set(pool.data_of(after))
        bridges = {Cone.OWN: (), Cone.CALL: own, Cone.NEAR: hypotheses, Cone.ALL: hypotheses}[reach]
        grew = True
        while grew:
            touching = [h for h in bridges if not variables.isdisjoint(pool.data_of(h))]
            more = variables.union(*(pool.data_of(h) for h in touching))
            grew = reach is Cone.ALL and more != variables
            variables = more
        return [pool.not_(after), *(h for h in hypotheses if h != TRUE and pool.data_of(h) <= variables)]

    def _related(self, goal: Goal, assumed: frozenset[int]) -> list[tuple[int, int]]:
        """Parts of the assumed properties that share data with the goal or its guard, and whose they are."""
        pool = self.model.pool
        variables = pool.data_of(goal.after) | pool.data_of(goal.before)
        for h in pool.conjuncts(self._guards[goal.move]):
            if not variables.isdisjoint(pool.data_of(h)):
                variables |= pool.data_of(h)
        return [
            (part, source)
            for source in sorted(assumed)
            for part in self.goals.parts[source]
            if not pool.data_of(part) or not variables.isdisjoint(pool.data_of(part))
        ]
