"""Where counterexamples are looked for: the explored graph of one system."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from itertools import islice

from callproof.graph import Reach
from callproof.prove.induction import Group, Induction
from callproof.symbolic import Answer


class Targets:
    """Obligations of one property that may fail.

    One is looked at only when a walk can be long enough to reach it, and solved only when a walk does.
    """

    def __init__(self, induction: Induction, depths: Iterable[tuple[int, Group]]) -> None:
        self._induction = induction
        self._waiting = deque(sorted(depths, key=lambda pair: pair[0]))
        self._fails: set[Group] = set()
        self.active: dict[int, dict[int, dict[int, list[Group]]]] = {}
        """Move -> mask -> projection -> the obligations that are not shown."""

    def take(self, length: int) -> bool:
        """Take in what a walk of this length can reach; false if all of that could be shown."""
        while self._waiting and self._waiting[0][0] < length:
            group = self._waiting.popleft()[1]
            keys = self.active.setdefault(group.goal.move, {}).setdefault(group.mask, {})
            keys.setdefault(group.key, []).append(group)
        return bool(self._fails) or any(self._check(group) for group in self._all())

    def _all(self) -> list[Group]:
        return [g for masks in self.active.values() for keys in masks.values() for gs in keys.values() for g in gs]

    def _check(self, group: Group) -> bool:
        """Solve an obligation that a walk has reached; one that is shown is a target no more."""
        if group not in self._fails:
            if self._induction.refute(group) is not Answer.UNSAT:
                self._fails.add(group)
            else:
                self.active[group.goal.move][group.mask][group.key].remove(group)
                return False
        return True

    def maybe(self, state: int, move: int) -> list[Group]:
        """The obligations of an edge that are not shown."""
        masks = self.active.get(move, {})
        return [group for mask, keys in masks.items() for group in keys.get(state & mask, ())]

    def __contains__(self, edge: tuple[int, int]) -> bool:
        state, move = edge
        return any(
            self._check(group) and self._induction.refute_in(group.goal, state) is not Answer.UNSAT
            for group in self.maybe(state, move)
        )


class GraphSpace:
    """Walks in an explored graph; how far a state is from a target is known exactly."""

    def __init__(self, reach: Reach, induction: Induction, prop: int) -> None:
        self._reach = reach
        depths = [
            (min(reach.depth[s] for s in reach.sources[group.goal.move] if s & group.mask == group.key), group)
            for move in induction.model.moves
            for group in induction.groups(prop, move)
        ]
        self._targets = Targets(induction, depths)
        self._distance: dict[int, int] = {}

    def successors(self, state: int) -> Iterable[tuple[int, int, int]]:
        return self._reach.stepper.successors(state)

    def add_targets(self, length: int) -> bool:
        if not self._targets.take(length):
            return False
        self._distance = self._distances(length)
        return True

    def _distances(self, length: int) -> dict[int, int]:
        """Calls from each state up to and with the nearest target edge, as far as a walk of this length sees."""
        reach = self._reach
        shallow = bisect_left(reach.states, length, key=reach.depth.__getitem__)
        inside = set(islice(reach.states, shallow))
        before: dict[int, list[int]] = {}
        distance: dict[int, int] = {}
        queue: deque[int] = deque()
        for source, target, move, _ in reach.edges:
            if source not in inside:
                break
            if target in inside and target != source:
                before.setdefault(target, []).append(source)
            if source not in distance and self._targets.maybe(source, move):
                distance[source] = 1
                queue.append(source)
        while queue:
            state = queue.popleft()
            for source in before.get(state, ()):
                if source not in distance:
                    distance[source] = distance[state] + 1
                    queue.append(source)
        return distance

    def is_target(self, state: int, move: int) -> bool:
        return (state, move) in self._targets

    def remaining(self, state: int) -> float:
        return self._distance.get(state, float("inf"))
