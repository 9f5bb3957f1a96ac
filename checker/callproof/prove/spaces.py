"""Where counterexamples are looked for: the graph of one system, or the joins of two resources."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from callproof.graph import Reach, Stepper
from callproof.model.system import primed
from callproof.prove.goals import SPLIT_LIMIT, Goal
from callproof.prove.induction import Group, Induction
from callproof.prove.pairs import Pairs
from callproof.prove.states import Projections
from callproof.prove.suspects import Suspects
from callproof.residue import FALSE, conjuncts
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
        return bool(self._fails) or any(self._check(group) for group in self.groups())

    def groups(self) -> list[Group]:
        """All obligations taken in that are not shown."""
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
            self._check(group) and self._induction.refutation(group.goal, state) is None
            for group in self.maybe(state, move)
        )


class GraphSpace:
    """Walks in an explored graph; how far a state is from a target is known exactly."""

    def __init__(self, reach: Reach, projections: Projections, induction: Induction, prop: int) -> None:
        self._reach, self._prop = reach, prop
        self._goals, self._moves = induction.goals, induction.model.moves
        depths = [
            (projections.depths(group.goal.move, group.mask)[group.key], group)
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

    def is_target(self, state: int, move: int, target: int) -> bool:
        return (state, move) in self._targets

    def goals(self, state: int, move: int) -> Sequence[Goal]:
        return self._goals.of(self._prop, self._moves[move])

    def mirror(self, state: int, move: int) -> Mapping[int, int] | None:
        return None

    def remaining(self, state: int) -> float:
        return self._distance.get(state, float("inf"))


class _Known:
    """Which goals of one move may fail, by the control that decides it."""

    def __init__(self, induction: Induction, prop: int, move: int) -> None:
        self._refutation = induction.refutation
        self.goals = list(induction.goals.of(prop, induction.model.moves[move]))
        self._mask = 0
        for goal in self.goals:
            self._mask |= induction.mask_of(goal)
        self._open: dict[int, bool] = {}
        self._closed: dict[int, set[int]] = {}
        """Control bits, and their values for which no goal can fail."""

    def is_open(self, state: int) -> bool:
        """Some goal may fail from a state."""
        key = state & self._mask
        found = self._open.get(key)
        if found is None:
            found = not any(key & mask in keys for mask, keys in self._closed.items()) and self._decide(key)
            self._open[key] = found
        return found

    def _decide(self, state: int) -> bool:
        needed = 0
        for position, goal in enumerate(self.goals):
            mask = self._refutation(goal, state)
            if mask is None:  # it comes first from now on: in other states it most often may fail as well
                self.goals.insert(0, self.goals.pop(position))
                return True
            needed |= mask
        self._closed.setdefault(needed, set()).add(state & needed)
        return False


class PairSpace:
    """Walks of two resources, each step of one of them or of what they share.

    How far a state is from breaking the property is estimated from below: a call of one resource brings only that
    one nearer, so the two distances add up, and a call on what is shared counts half for each.
    """

    def __init__(self, pairs: Pairs, stepper: Stepper, induction: Induction, prop: int) -> None:
        self._stepper, self._induction, self._prop, self._pairs = stepper, induction, prop, pairs
        self._remaining: dict[int, float] = {}
        self._mirrored = pairs.is_mirrored(prop)
        self._known: dict[int, _Known] = {}
        # A property over a step is broken by few calls, so that it pays to ask from where these break it.
        before = self._parts_before(prop) if induction.model.system.properties[prop].over_step else None
        self._last = 0 if before is None else 1
        """The breaking call, where distances are to the state before it."""
        lemmas = [part for lemma in sorted(induction.lemmas) for part in induction.goals.parts[lemma]]
        self._before: dict[int, list[Suspects]] = {}
        self._behind: list[Suspects] = []
        if before is None:
            self._behind = [Suspects(induction.model, part, lemmas, pairs) for part in self._parts_behind(prop)]
        else:
            for part, guards in before.items():
                common = [f for f in next(iter(guards.values())) if all(f in guard for guard in guards.values())]
                suspects = Suspects(induction.model, part, [*lemmas, *common], pairs, common)
                for move in guards:
                    self._before.setdefault(move, []).append(suspects)
        every = self._behind or list(dict.fromkeys(one for several in self._before.values() for one in several))
        pairs.prepare(suspects.mask for suspects in every)
        for suspects in every:
            suspects.look()
        self._distances = [
            pairs.distances.backward(state for suspects in every for state in suspects.states(second))
            for second in (False, True)
        ]

    def _parts_before(self, prop: int) -> dict[int, dict[int, tuple[int, ...]]] | None:
        """The goals of a property over a step, as conditions on the state before it: goal -> move -> its constraints.

        None where there are so many that looking at each would take too long.
        """
        induction, made = self._induction, dict[int, dict[int, tuple[int, ...]]]()
        for move in induction.model.moves:
            guard = move.guard(induction.model.pool, induction.layer)
            if guard != FALSE:
                for goal in induction.goals.of(prop, move):
                    made.setdefault(goal.after, {})[move.number] = conjuncts(induction.model.pool, guard)
        return made if len(made) <= SPLIT_LIMIT else None

    def _parts_behind(self, prop: int) -> tuple[int, ...]:
        """The property as a condition on the state behind a step; whatever else it asks of the step is left open."""
        model = self._induction.model
        formula = model.system.properties[prop]
        if not formula.over_step:
            return self._induction.goals.parts[prop]
        env = {primed(name): leaf for name, leaf in model.state_env.items()} | model.option_env
        env |= {
            name: model.pool.data(f"before {name}", model.pool.sort[leaf]) for name, leaf in model.state_env.items()
        }
        # Which call it is counts for as little as what was before, so that it need not stand in the way of a split.
        return conjuncts(model.pool, model.pool.intern(formula.formula, env, {}), flags=True)

    def successors(self, state: int) -> Iterable[tuple[int, int, int]]:
        return self._stepper.successors(state)

    def add_targets(self, length: int) -> bool:
        return self.remaining(0) <= length

    def is_target(self, state: int, move: int, target: int) -> bool:
        known = self._known.get(move)
        if known is None:
            known = self._known[move] = _Known(self._induction, self._prop, move)
        return bool(known.goals) and self._is_suspect(state, move, target) and known.is_open(state)

    def _is_suspect(self, state: int, move: int, target: int) -> bool:
        if self._last:
            return any(state in suspects for suspects in self._before.get(move, ()))
        return any(target in suspects for suspects in self._behind)

    def goals(self, state: int, move: int) -> list[Goal]:
        goals = self._induction.goals.of(self._prop, self._induction.model.moves[move])
        return [goal for goal in goals if self._induction.known(goal, state) is None]

    def mirror(self, state: int, move: int) -> Mapping[int, int] | None:
        if not self._mirrored or self._pairs.indexed.get(move) != 2:
            return None
        first, second = self._pairs.halves(state)
        return self._pairs.exchanged if first == second is not None else None

    def remaining(self, state: int) -> float:
        found = self._remaining.get(state)
        if found is None:
            halves = self._pairs.halves(state)
            calls = sum(
                float("inf") if half is None else distance.get(half, float("inf"))
                for half, distance in zip(halves, self._distances, strict=True)
            )
            found = self._remaining[state] = max(1, self._last - (-calls // 2))
        return found
