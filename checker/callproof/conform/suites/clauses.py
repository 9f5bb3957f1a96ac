"""Each clause of each call violated alone, all others true, and the call accepted where it holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from callproof.conform.cases import Case, Planned
from callproof.conform.space import Arc, Space
from callproof.conform.targets import Aim, Target

SUITE = "clauses"


def clause_case(
    space: Space, aims: Mapping[int, tuple[Aim, ...]], wanted: Iterable[Target], calls: Iterable[str]
) -> Case:
    """One walk on which every wanted target fails alone in some state and every wanted call is accepted.

    Greedy: from where the walk stands it goes where most is to be had for each call on the way.
    """
    plan = _Plan(space, aims, set(wanted), set(calls))
    plan.make()
    return Case(SUITE, space.world, tuple(plan.steps))


class _Plan:
    def __init__(self, space: Space, aims: Mapping[int, tuple[Aim, ...]], wanted: set[Target], calls: set[str]) -> None:
        self._space, self._aims, self._wanted, self._calls = space, aims, wanted, calls
        self.steps: list[Planned] = []

    def make(self) -> None:
        node = 0
        self._fire(node)
        while True:
            way = self._best_way(node)
            if way is None:
                return
            for arc in way:
                act = self._space.world.acts[arc.goal.act]
                self.steps.append(Planned(act.number, arc.terms, True, arc.goal))
                self._calls.discard(act.action.call)
                node = arc.target
                self._fire(node)

    def _fire(self, node: int) -> None:
        for aim in self._aims.get(node, ()):
            if aim.target in self._wanted:
                self._wanted.discard(aim.target)
                self.steps.append(Planned(aim.goal.act, aim.terms, False, aim.goal))

    def _best_way(self, start: int) -> list[Arc] | None:
        """The way with the most targets shown and calls accepted for each of its steps."""
        before: dict[int, tuple[int, Arc]] = {}
        depth, gain = {start: 0}, {start: 0.0}
        best: tuple[float, int, Arc] | None = None
        queue = deque([start])
        while queue:
            node = queue.popleft()
            for arc in self._space.arcs(node):
                call = self._space.world.acts[arc.goal.act].action.call
                earned = gain[node] + (call in self._calls)
                if arc.target not in depth:
                    earned += sum(aim.target in self._wanted for aim in self._aims.get(arc.target, ()))
                rate = earned / (depth[node] + 1)
                if earned > 0 and (best is None or rate > best[0]):
                    best = rate, node, arc
                if arc.target not in depth:
                    depth[arc.target], gain[arc.target] = depth[node] + 1, earned
                    before[arc.target] = node, arc
                    queue.append(arc.target)
        if best is None:
            return None
        way, node = [best[2]], best[1]
        while node != start:
            node, arc = before[node]
            way.append(arc)
        return way[::-1]
