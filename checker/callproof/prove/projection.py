"""Comparing the systems of fewer and of more resources of a kind, formula by formula.

A system of N resources projects on one of M < N if each of its calls, seen from any M resources and from what all
share, is a call of the smaller system or changes nothing there. `parametric` says what follows from that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from callproof.answers import Answers
from callproof.expr import BOOLEAN
from callproof.model.clauses import Origin
from callproof.model.system import Action, Property, System, call_marker, place_of, primed
from callproof.residue import FALSE, TRUE, Pool
from callproof.residue.pool import AND, NOT
from callproof.symbolic import Answer, Solver

Roles = tuple[int, ...]
"""For each resource of the smaller system, in order, the one of the larger system whose part it plays."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An action's formulas in one pool."""

    action: Action
    clauses: tuple[tuple[str, Origin, int], ...]
    rest: tuple[int, ...]
    """Axioms, and for each result that it has its first value where it does not exist."""
    outcomes: Mapping[str, tuple[int, Mapping[str, int]]]
    """Name -> when it is possible, and what it assigns (by the larger system's names)."""


class Comparison:
    """Systems of one specification with different numbers of one kind, in a pool in which every variable is a leaf.

    `largest` is the system with the most resources, whose names the others are renamed to.
    """

    def __init__(self, largest: System, kind: str, budget: int, answers: Answers | None = None) -> None:
        self.kind, self._tables = kind, dict(largest.tables)
        self.pool = Pool()
        self._solver = Solver(self.pool, budget, answers)
        self._index: dict[int, int] = {}
        """Leaf -> the resource of the kind that it belongs to."""
        self._everything: dict[str, int] = {}
        for variable in largest.variables:
            for name in (variable.name, primed(variable.name)):
                leaf = self._everything[name] = self.pool.data(name, variable.var.sort)
                index = self.index_of(name)
                if index is not None:
                    self._index[leaf] = index
        for action in largest.actions:
            leaf = self._everything[_marker(action)] = self.pool.data(_marker(action), BOOLEAN)
            for index in own(action, kind):
                self._index[leaf] = index
        self._mentions: dict[int, frozenset[int]] = {}
        self._lists: dict[int, frozenset[int]] = {}
        self._parts: dict[int, tuple[int, ...]] = {}
        self._renamings: dict[tuple[tuple[tuple[str, int], ...], Roles], dict[str, int]] = {}
        self._formulas: dict[tuple[int, Roles | None], tuple[int, Property]] = {}  # the property keeps its id its own

    def index_of(self, name: str) -> int | None:
        """Which resource of the kind a variable belongs to."""
        place = place_of(name, self._tables)
        return place[1] if place is not None and place[0] == self.kind else None

    # -- calls --------------------------------------------------------------------------------------------------

    def projects(self, small: System, large: System, kept: Iterable[Roles]) -> str:
        """Why the larger system does not project on the smaller, or an empty string where it does.

        `kept` are the choices of resources that the smaller system is left with; calls on others are not looked at.
        """
        known = {(action.call, action.indices): action for action in small.actions}
        seen = {index for roles in kept for index in roles}
        calls = [self._compile(action, {}) for action in large.actions if seen.issuperset(own(action, self.kind))]
        for call in calls:
            reason = self._strays(call)
            if reason:
                return reason
        envs = {roles: self._renaming(small, roles) for roles in kept}
        for call, other, roles in self._matched(calls, known, envs):
            if other is None:
                return f"{call.action.call} has no counterpart with fewer {self.kind}"
            reason = self._unlike(call, self._compile(other, envs[roles], roles), roles)
            if reason:
                return reason
        return ""

    def projects_apart(self, small: System, large: System, kept: Iterable[Roles]) -> str:
        """Why the larger system may project on the smaller only with all clauses there; empty where any may go.

        Each clause that a call states alone has to follow from the same clause beside other resources.
        """
        known = {(action.call, action.indices): action for action in small.actions}
        calls = [self._compile(action, {}) for action in large.actions]
        envs = {roles: self._renaming(small, roles) for roles in kept}
        for call, other, roles in self._matched(calls, known, envs):
            alone = self._compile(other, envs[roles], roles) if other is not None else call
            for id, _, formula in alone.clauses:
                if not self.implied(self.pool.and_([f for name, _, f in call.clauses if name == id]), formula):
                    return f"{call.action.call} demands {id} beside another {self.kind} by other clauses only"
        return ""

    def _matched(
        self, calls: Iterable[Compiled], known: Mapping[tuple[str, tuple[int, ...]], Action], kept: Iterable[Roles]
    ) -> Iterator[tuple[Compiled, Action | None, Roles]]:
        """Each call on the resources that are kept, with the one of the smaller system that it is seen as."""
        for roles in kept:
            for call in calls:
                if all(index in roles for index in own(call.action, self.kind)):
                    handles = tuple(roles.index(i) + 1 if k == self.kind else i for _, k, i in call.action.handles)
                    yield call, known.get((call.action.call, handles)), roles

    def _strays(self, call: Compiled) -> str:
        """A call on a resource that writes anything else, or speaks of two others at once; empty where it does not."""
        mine, name = own(call.action, self.kind), call.action.call
        for _, writes in call.outcomes.values():
            for variable, value in sorted(writes.items()):
                if mine and value != self._everything[variable] and self.index_of(variable) not in mine:
                    return f"{name} writes {variable}, which is not of its own {self.kind}"
        demands = [*((id, f) for id, _, f in call.clauses), *(("what it relies on", f) for f in call.rest)]
        demands += [("its outcomes", when) for when, _ in call.outcomes.values()]
        for id, formula in demands:
            for part in self.parts(formula):
                if len(self.mentions(part) - set(mine)) > 1:
                    return f"{name} speaks of several other {self.kind} at once ({id})"
        return ""

    def _unlike(self, call: Compiled, alone: Compiled, roles: Roles) -> str:
        """How a call among more resources differs from the same among fewer; empty where it is one of these."""
        name, pool = call.action.call, self.pool
        demands = {origin: pool.and_([f for _, o, f in call.clauses if o is origin]) for origin in Origin}
        for id, origin, formula in alone.clauses:
            if not self.implied(demands[origin], formula):
                return f"{name} demands {id} alone, but not beside another {self.kind}"
        rest = pool.and_(call.rest)
        if not all(self.implied(rest, formula) for formula in alone.rest):
            return f"{name} relies on less beside another {self.kind} than alone"
        for outcome, (when, writes) in call.outcomes.items():
            if outcome not in alone.outcomes:
                return f"{name} has the outcome {outcome!r} only beside another {self.kind}"
            possible, effects = alone.outcomes[outcome]
            taken = pool.and_((rest, when))
            if not self.implied(taken, possible):
                return f"{name} has the outcome {outcome!r} beside another {self.kind} where it has not alone"
            for variable in sorted({*writes, *effects}):
                index, leaf = self.index_of(variable), self._everything[variable]
                if index is not None and index not in roles:
                    continue
                made, expected = writes.get(variable, leaf), effects.get(variable, leaf)
                if made != expected and not self.implied(taken, pool.eq(made, expected)):
                    return f"{name} gives {variable} another value beside another {self.kind}"
        return ""

    def _compile(self, action: Action, env: dict[str, int], roles: Roles | None = None) -> Compiled:
        pool = self.pool
        memo: dict[int, int] = {}
        rest = [pool.intern(axiom.formula, env, memo) for axiom in action.axioms]
        for r in action.results:
            first = pool.eq(pool.data(r.var.name, r.var.sort), pool.const(r.var.sort, 0))
            rest.append(pool.or_((pool.intern(r.when, env, memo), first)))
        outcomes = {
            outcome.name: (
                pool.intern(outcome.when, env, memo),
                {self.renamed(name, roles): pool.intern(value, env, memo) for name, value in outcome.writes},
            )
            for outcome in action.outcomes
        }
        clauses = tuple((c.id, c.origin, pool.intern(c.formula, env, memo)) for c in action.clauses)
        return Compiled(action, clauses, tuple(rest), outcomes)

    # -- invariants ---------------------------------------------------------------------------------------------

    def widest(self, large: System, id: str) -> int:
        """The most resources of the kind that some part of an invariant speaks of at once."""
        named = [prop for prop in large.properties if prop.id == id]
        return max((len(self.mentions(c)) for p in named for c in self.parts(self._formula(p))), default=0)

    def follows(self, small: System, large: System, id: str) -> bool:
        """An invariant holds of the larger system if it holds of all projections on the smaller one."""
        counts = [dict(system.counts)[self.kind] for system in (small, large)]
        known = {
            roles: self.pool.and_([self._formula(p, small, roles) for p in small.properties if p.id == id])
            for roles in combinations(range(1, counts[1] + 1), counts[0])
        }
        parts = [c for p in large.properties if p.id == id for c in self.parts(self._formula(p))]
        return all(
            any(self.implied(known[roles], part) for roles in known if self.mentions(part) <= set(roles))
            for part in parts
        )

    def _formula(self, prop: Property, small: System | None = None, roles: Roles | None = None) -> int:
        """A property of the largest system, or of a smaller one whose resources play those roles."""
        if (id(prop), roles) not in self._formulas:
            env = {} if small is None or roles is None else self._renaming(small, roles)
            self._formulas[id(prop), roles] = self.pool.intern(prop.formula, env, {}), prop
        return self._formulas[id(prop), roles][0]

    # -- formulas -----------------------------------------------------------------------------------------------

    def _renaming(self, small: System, roles: Roles) -> dict[str, int]:
        """What each variable of the smaller system is called in the larger."""
        found = self._renamings.setdefault((small.counts, roles), {})
        if not found:
            for variable in small.variables:
                for name in (variable.name, primed(variable.name)):
                    found[name] = self._everything[self.renamed(name, roles)]
            for action in small.actions:
                handles = tuple(roles[i - 1] if k == self.kind else i for _, k, i in action.handles)
                found[_marker(action)] = self._everything[call_marker(action.call, handles)]
        return found

    def renamed(self, name: str, roles: Roles | None) -> str:
        """A variable of the smaller system under the larger one's name."""
        index = self.index_of(name)
        if index is None or roles is None:
            return name
        return re.sub(r"\[\d+\]", f"[{roles[index - 1]}]", name, count=1)

    def mentions(self, formula: int) -> frozenset[int]:
        """The resources of the kind that a formula speaks of."""
        if formula not in self._mentions:
            leaves = self.pool.data_of(formula)
            self._mentions[formula] = frozenset(self._index[leaf] for leaf in leaves if leaf in self._index)
        return self._mentions[formula]

    def parts(self, formula: int) -> tuple[int, ...]:
        """A formula as a conjunction of parts that speak of as few resources each as may be."""
        if formula not in self._parts:
            self._parts[formula] = tuple(self._split(formula))
        return self._parts[formula]

    def _split(self, formula: int) -> Iterator[int]:
        pool, stack = self.pool, [formula]
        while stack:
            f = stack.pop()
            if pool.op[f] == AND:
                stack.extend(pool.args[f])
                continue
            if len(self.mentions(f)) > 1 and self._is_disjunction(f):
                less = (p for p in self._distributed(f) if any(self.mentions(part) < self.mentions(f) for part in p))
                spread = next(less, None)
                if spread is not None:
                    stack.extend(spread)
                    continue
            if f != TRUE:
                yield f

    def implied(self, known: int, formula: int) -> bool:
        """The one formula follows from the other, word for word or by the solver."""
        pool = self.pool
        if formula == TRUE or known == FALSE or pool.and_((known, formula)) == known:
            return True
        if self._listed(formula) <= self._listed(known):
            return True
        return self._solver.check([known, pool.not_(formula)]) is Answer.UNSAT

    def _listed(self, formula: int) -> frozenset[int]:
        """The members of a conjunction, those of the form `a or (b and c)` as `a or b` and `a or c`."""
        found = self._lists.get(formula)
        if found is None:
            pool, members = self.pool, set()
            for f in pool.conjuncts(formula):
                spreads = list(self._distributed(f)) if self._is_disjunction(f) else []
                longest: list[int] = max(spreads, key=len) if spreads else [f]
                members.update(longest)
            found = self._lists[formula] = frozenset(members)
        return found

    def _is_disjunction(self, f: int) -> bool:
        return self.pool.op[f] == NOT and self.pool.op[self.pool.args[f][0]] == AND

    def _distributed(self, disjunction: int) -> Iterator[list[int]]:
        """`a or (b and c)` as `a or b` and `a or c`, for each conjunction in the disjunction."""
        pool = self.pool
        members = pool.args[pool.args[disjunction][0]]  # the negated ones
        for member in members:
            if self._is_disjunction(member):
                rest = [m for m in members if m != member]
                yield [pool.not_(pool.and_([*rest, pool.not_(part)])) for part in pool.args[pool.args[member][0]]]


def own(action: Action, kind: str) -> tuple[int, ...]:
    """The resources of a kind that a call was given."""
    return tuple(index for _, k, index in action.handles if k == kind)


def stored(system: System, kind: str) -> Iterable[str]:
    """The state variables that hold a handle of a kind."""
    return (v.name for v in system.variables if v.var.sort.members and v.var.sort.name == kind)


def _marker(action: Action) -> str:
    return call_marker(action.call, action.indices)
