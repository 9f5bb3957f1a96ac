"""The parts of one clause of a call, and what of them a call in a state shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from callproof.conform.cases import Planned
from callproof.conform.terms import values
from callproof.conform.world import World
from callproof.expr import And, Node, Or, variables
from callproof.model.system import ClauseUse
from callproof.semantics import State

Shown = tuple[str, int, int, tuple[int, ...]]
"""`alone`: the clause fails alone; `part`: only that part of it does; `like`: accepted where another call would not be.

Then the action, the number of the part or of the other clause, and what the parts have in common as it is there.
"""


class ClauseParts:
    """A clause of an action, its parts, and the same clause as other calls on the first resources state it."""

    def __init__(self, world: World, number: int, clause: str) -> None:
        self._act, self._clause = world.acts[number], clause
        action, slots = self._act.action, world.machine.slots
        own = [use for use in action.clauses if use.id == clause]
        split = [(use, *_split(use.formula)) for use in own]
        likes = list(self._alike(world, {use.formula for use in own}))
        parts = [replace(use, formula=part) for use, _, found in split for part in found]
        self._parts = world.machine.beside(replace(action, clauses=tuple(parts)))
        self._likes = world.machine.beside(replace(action, clauses=tuple(likes)))
        common = variables(
            *(c for use in likes for c in _split(use.formula)[0]), *(c for _, cs, _ in split for c in cs)
        )
        self._common = [slots[n] for n in sorted(common) if n in slots and not world.machine.sorts[slots[n]].is_word]

    def _alike(self, world: World, known: set[Node]) -> Iterator[ClauseUse]:
        """The clause as other calls state it, where they ask of the state only."""
        mine = self._act.resource
        for act in world.acts:
            for use in act.action.clauses if act.resource == mine else ():
                if use.id != self._clause or use.formula in known:
                    continue
                if world.machine.slots.keys() >= set(variables(use.formula)):
                    known.add(use.formula)
                    yield use

    def shown(self, state: State, step: Planned) -> frozenset[Shown]:
        """What the call of a step shows in a state."""
        act, number = self._act, self._act.number
        args = values(step.terms, state)
        failing = act.compiled.explain(state, args, act.no_results)
        common = tuple([state[slot] for slot in self._common])
        if not failing:
            return frozenset(("like", number, n, common) for n in self._likes.explain(state, args, act.no_results))
        if any(act.action.clauses[n].id != self._clause for n in failing):
            return frozenset()
        parts = self._parts.explain(state, args, act.no_results)
        alone = ("alone", number, 0, common)
        return frozenset((alone, ("part", number, parts[0], ()))) if len(parts) == 1 else frozenset((alone,))

    def accepted(self, state: State, step: Planned) -> bool:
        """Every clause holds for the call of a step."""
        return self._act.compiled.judge(state, values(step.terms, state), self._act.no_results) == 0


def _split(formula: Node) -> tuple[tuple[Node, ...], list[Node]]:
    """What the parts of a formula have in common, and the parts: `a or (b and c)` is `a or b` and `a or c`."""
    if isinstance(formula, And):
        found = [_split(arg) for arg in formula.args]
        return tuple(c for common, _ in found for c in common), [part for _, parts in found for part in parts]
    joint = [arg for arg in formula.args if isinstance(arg, And)] if isinstance(formula, Or) else []
    if not isinstance(formula, Or) or not joint:
        return (formula,), [formula]
    longest = max(joint, key=lambda arg: len(arg.args))
    rest = tuple(arg for arg in formula.args if arg is not longest)
    return rest, [Or((*rest, part)) for part in longest.args]
