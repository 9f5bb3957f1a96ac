"""One obligation for each edge and invariant, solved once for each residue; the proof holds for any length.

The obligation of an edge is: the conjunct before the call, the call's constraints and its effect imply the
conjunct after it. It is first tried with nothing else assumed, and where that fails with every invariant that
stands (Houdini: Flanagan and Leino, FME 2001). An invariant that fails is assumed nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from callproof.model.clauses import Layer
from callproof.prove.goals import Goal, Goals
from callproof.prove.hypotheses import Cone, Hypotheses
from callproof.residue import FALSE, TRUE, Move, connected
from callproof.residue.fold import AND
from callproof.symbolic import Answer, Solver

__all__ = ["Cone", "Group", "Induction", "Projection", "Proof"]

Projection = Callable[[int, int], Iterable[int]]
"""(move, mask) -> the distinct projections on `mask` of the control states in which the move may be accepted."""


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
    used: Mapping[tuple[int, int], frozenset[int]] = field(default_factory=dict)
    """(property that stands, move) -> the other properties that its proof took, where it took any."""
    parts: Mapping[tuple[int, int], frozenset[int]] = field(default_factory=dict)
    """(property, move) that was shown for all control states at once -> formulas of the pool that this took."""
    by_state: frozenset[tuple[int, int]] = frozenset()
    """Properties and moves for which control states had to be looked at one by one."""


class Induction:
    """Proves a model's properties in one layer over given control states."""

    def __init__(
        self,
        goals: Goals,
        layer: Layer,
        solver: Solver,
        project: Projection,
        tick: Callable[[str], None] | None = None,
        *,
        deepest: Cone = Cone.ALL,
        symbolic: bool = False,
    ) -> None:
        self.goals, self.model, self.layer, self.solver, self.project = goals, goals.model, layer, solver, project
        self._guards = [move.guard(self.model.pool, layer) for move in self.model.moves]
        self._hypotheses = Hypotheses(goals, self._guards)
        self._tick = tick or (lambda _: None)
        self._seen: set[frozenset[int]] = set()
        self._deepest, self._symbolic = deepest, symbolic
        self._staged: dict[tuple[Goal, frozenset[int]], list[tuple[int, tuple[int, ...], dict[int, Answer]]]] = {}
        self._shown: dict[tuple[Goal, frozenset[int]], dict[int, dict[int, tuple[Cone, int]]]] = {}
        """Of a goal, with some properties known: the control bits that a refutation depends on, and for their values
        where it holds with which hypotheses, and whether that took a question (1) or control alone tells (0)."""
        self._joins = True
        self._by_state: set[tuple[int, int]] = set()
        self._parts: dict[tuple[int, int], frozenset[int]] = {}
        self._total = 0
        self.lemmas: frozenset[int] = frozenset()
        """Properties that the proof found to stand, with those it was given."""

    def run(
        self, props: Sequence[int], lemmas: Sequence[int] = (), moves: Sequence[int] | None = None, joins: bool = True
    ) -> Proof:
        """Prove the properties at these positions; `lemmas` are known to hold.

        `moves` limits which are looked at: the others mirror them. What such a move does to one instance of a
        property its mirror image does to another, so that all instances of an id stand or fall together. Without
        `joins` only what holds for all control states at once is shown, and whatever else there is counts as fallen.
        """
        self._joins = joins
        chosen = self.model.moves if moves is None else [self.model.moves[n] for n in moves]
        fell: dict[int, Answer] = {
            prop: answer for prop in props if (answer := self._initially(prop)) is not Answer.UNSAT
        }
        stands = set(props) - set(fell)
        used: dict[int, dict[int, set[int]]] = {}
        waiting = sorted(stands)
        while waiting:
            for prop in waiting:
                if prop in fell:
                    continue
                used[prop] = {}
                answer = self._prove(prop, frozenset(stands | set(lemmas)) - {prop}, chosen, used[prop])
                if answer is not Answer.UNSAT:
                    for other in self._instances(prop, stands) if moves is not None else (prop,):
                        stands.discard(other)
                        fell[other] = answer
            # What was proved with the help of an invariant that fell since has to be proved again without it.
            waiting = [prop for prop in sorted(stands) if any(taken & set(fell) for taken in used[prop].values())]
        self.lemmas = frozenset(stands | set(lemmas))
        taken = {(p, move): frozenset(u) for p in sorted(stands) for move, u in used[p].items() if u}
        return Proof(
            frozenset(stands), fell, self._total, len(self._seen), taken, dict(self._parts), frozenset(self._by_state)
        )

    def _instances(self, prop: int, among: Iterable[int]) -> list[int]:
        named = self.model.system.properties
        return [other for other in sorted(among) if named[other].id == named[prop].id]

    def _prove(self, prop: int, assumed: frozenset[int], moves: Sequence[Move], used_by: dict[int, set[int]]) -> Answer:
        """UNSAT if every edge keeps the property; else the answer for the first that may not.

        `used_by` hears which properties were assumed for each move.
        """
        for move in moves:
            if self._guards[move.number] == FALSE:
                continue
            self._tick(f"{self.model.system.properties[prop].id} across {move.action.call}")
            goals = self.goals.of(prop, move)
            used = used_by.setdefault(move.number, set())
            unknown = self.solver.statistics.unknown
            if self._symbolic and self._shown_at_once(goals, assumed, used):
                continue
            if not self._joins:
                return Answer.SAT if self.solver.statistics.unknown == unknown else Answer.UNKNOWN
            for goal in goals:
                if self._symbolic and self._shown_at_once((goal,), assumed, used):
                    continue
                self._by_state.add((prop, move.number))
                for group in self._groups_of(goal):
                    answer = self.refute(group, assumed, used)
                    if answer is not Answer.UNSAT:
                        return answer
        return Answer.UNSAT

    def _shown_at_once(self, goals: Sequence[Goal], assumed: frozenset[int], used: set[int]) -> bool:
        """Try goals of a move for all control states in one question; where these are too many to tell apart."""
        pool = self.model.pool
        after = pool.and_([goal.after for goal in goals])
        if after == TRUE:
            return True
        unknown = self.solver.statistics.unknown
        own: set[int] = {pool.not_(after)}
        for goal in goals:
            own.update(self._hypotheses.of(goal, assumed, Cone.OWN, None))
        # What refutes with fewer hypotheses refutes with more, and most goals need more. The refutation tells which.
        for cone in (Cone.CALL, Cone.OWN):
            taken: set[int] = set()
            hypotheses = dict.fromkeys(h for goal in goals for h in self._hypotheses.of(goal, assumed, cone, taken))
            asked = [pool.not_(after), *hypotheses]
            self._total += 1
            self._seen.add(frozenset(asked))
            if self.solver.refuted_by_order(asked):
                core = self.solver.core(asked)
                if not core <= own:
                    used |= taken
                key = goals[0].prop, goals[0].move
                self._parts[key] = self._parts.get(key, frozenset()) | core
                return True
            if self.solver.statistics.unknown == unknown:  # a smaller question can be answered within the budget
                return False
        return False

    def groups(self, prop: int, move: Move) -> Iterator[Group]:
        """The obligations of a move for a property: one for each goal and each projection that leaves it open."""
        if self._guards[move.number] != FALSE:
            for goal in self.goals.of(prop, move):
                yield from self._groups_of(goal)

    def _groups_of(self, goal: Goal) -> Iterator[Group]:
        pool = self.model.pool
        mask = pool.mask[goal.after] | pool.mask[goal.before]
        suspects = {key for key in self.project(goal.move, mask) if self._is_open(goal, key)}
        if not suspects:
            return
        wide = self._hypotheses.mask(goal, self._hypotheses.of(goal, frozenset(), Cone.OWN, None))
        for key in self.project(goal.move, wide):
            if key & mask in suspects:
                yield Group(goal, wide, key)

    def refute(self, group: Group, assumed: frozenset[int] | None = None, used: set[int] | None = None) -> Answer:
        """Can the goal fail from a state of the group?

        First only what speaks of the goal's own data is assumed, then what the call ties to it, and so on.
        """
        goal = group.goal
        own = self._hypotheses.of(goal, frozenset(), Cone.OWN, None)
        if self._refuted(goal, group.key, own, frozenset(), Cone.OWN) is Answer.UNSAT:
            return Answer.UNSAT
        known = self.lemmas if assumed is None else assumed
        return self._deeper(goal, group.mask, group.key, Cone.CALL, known, used)

    def _deeper(
        self, goal: Goal, mask: int, key: int, cone: Cone, known: frozenset[int], used: set[int] | None
    ) -> Answer:
        """Ask again with more hypotheses, for each way in which the projection can be told apart by them."""
        hypotheses = self._hypotheses.of(goal, known, cone, used)
        wide = mask | self._hypotheses.mask(goal, hypotheses)
        worst = Answer.UNSAT
        for finer in self.project(goal.move, wide):
            if finer & mask != key:
                continue
            answer = self._refuted(goal, finer, hypotheses, known, cone, used)
            if answer is not Answer.UNSAT and cone is not self._deepest:
                answer = self._deeper(goal, wide, finer, Cone(cone.value + 1), known, used)
            if answer is Answer.SAT:
                return answer
            worst = answer if answer is Answer.UNKNOWN else worst
        return worst

    def _refuted(
        self,
        goal: Goal,
        key: int,
        hypotheses: Sequence[int],
        known: frozenset[int],
        cone: Cone,
        used: set[int] | None = None,
    ) -> Answer:
        """Ask, unless what refuted the goal in another state refutes it here.

        A refutation speaks of the residues of the goal and of a few hypotheses. Where the control bits that these
        depend on are the same the residues are, whatever the rest of the state is.
        """
        shown = self._shown.setdefault((goal, known), {})
        for mask, keys in shown.items():
            if key & mask in keys:
                shown_with, asked = keys[key & mask]
                self._total += asked
                self._hypotheses.of(goal, known, shown_with, used)
                return Answer.UNSAT
        before = self._total
        answer, needed = self._ask(goal, key, hypotheses)
        if answer is Answer.UNSAT:
            shown.setdefault(needed, {})[key & needed] = cone, self._total - before
        return answer

    def refutation(self, goal: Goal, state: int) -> int | None:
        """The control bits that decide that the goal cannot fail from this very state; None where it may fail.

        What refutes a goal in one state does so wherever these bits are the same. Of two resources this is asked of so
        many states, with so much known of each, that only what order alone refutes is told apart.
        """
        known = self.known(goal, state)
        if known is not None:
            return known
        shown = self._shown[goal, self.lemmas]
        for cone, (mask, hypotheses, answers) in zip(Cone, self._stages(goal), strict=False):
            found = answers.get(state & mask)
            if found is None:
                before = self._total
                found, needed = self._ask(goal, state, hypotheses, exact=not self._symbolic)
                if found is Answer.UNSAT:
                    shown.setdefault(needed, {})[state & needed] = cone, self._total - before
                    return needed
                answers[state & mask] = found
            if cone is self._deepest:
                break
        return None

    def known(self, goal: Goal, state: int) -> int | None:
        """The same as far as it was found out already."""
        shown = self._shown.setdefault((goal, self.lemmas), {})
        return next((mask for mask, keys in shown.items() if state & mask in keys), None)

    def mask_of(self, goal: Goal) -> int:
        """The control bits that decide what `refutation` answers."""
        mask = self.model.pool.mask[goal.after]
        for cone, (wide, _, _) in zip(Cone, self._stages(goal), strict=False):
            mask |= wide
            if cone is self._deepest:
                break
        return mask

    def _stages(self, goal: Goal) -> Iterator[tuple[int, tuple[int, ...], dict[int, Answer]]]:
        """For each cone the hypotheses, the control bits of the question, and what was answered so far."""
        stages = self._staged.setdefault((goal, self.lemmas), [])
        for cone in Cone:
            if len(stages) <= cone.value:
                hypotheses = self._hypotheses.of(goal, self.lemmas, cone, None)
                stages.append((self._hypotheses.mask(goal, hypotheses), hypotheses, {}))
            yield stages[cone.value]

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

    def _ask(self, goal: Goal, key: int, hypotheses: Sequence[int], exact: bool = True) -> tuple[Answer, int]:
        """Can the conjunct fail behind a move from a state that projects on `key`, if the hypotheses hold there?

        With the control bits on which a refutation depends.
        """
        pool = self.model.pool
        after, needed = pool.specialise(goal.after, key), pool.mask[goal.after]
        if after == TRUE:
            return Answer.UNSAT, needed
        known: dict[int, int] = {}
        for h in hypotheses:
            residue = pool.specialise(h, key)
            if residue == FALSE:
                return Answer.UNSAT, needed | pool.mask[h]
            if residue != TRUE:
                for c in pool.args[residue] if pool.op[residue] == AND else (residue,):
                    known.setdefault(c, h)
        # Where the goal is that the call is never accepted here, no data ties what is known to it.
        asked = [pool.not_(after), *(known if after == FALSE else connected(pool, after, known))]
        self._total += 1
        self._seen.add(frozenset(asked))
        refuted = not exact and self.solver.refuted(asked)
        answer = self.solver.check(asked) if exact else Answer.UNSAT if refuted else Answer.UNKNOWN
        if answer is Answer.UNSAT:
            for c in self.solver.core(asked):
                needed |= pool.mask[known[c]] if c in known else 0
        return answer, needed
