"""Which calls of a walk may change places, and which may be left out."""

from __future__ import annotations

from collections.abc import Callable

from callproof.residue import Model

Edge = tuple[int, int, int]
"""Move, target and residue of an edge that leaves some state."""


class Order:
    """Decides on the formulas of one model, as its edges leave them."""

    def __init__(self, model: Model, edges: Callable[[int], tuple[Edge, ...]]) -> None:
        self._model, self._edges = model, edges
        self._commute: dict[tuple[int, int, int], bool] = {}
        self._effects: dict[tuple[int, int], dict[int, int]] = {}
        self._leaves: dict[int, dict[int, tuple[int, int]]] = {}

    def changes_nothing(self, number: int, state: int, target: int) -> bool:
        """The call leaves everything as it was, so that a shortest trace does without it."""
        return target == state and not self._effect(number, state)

    def commute(self, state: int, first: Edge, second: Edge) -> bool:
        """From this state the two calls have one effect and one condition in either order.

        Both orders then ask for the same residues over the same data, and leave the same control and data behind.
        """
        key = state, first[0], second[0]
        found = self._commute.get(key)
        if found is None:
            found = self._commute[key] = self._decide(state, first, second)
        return found

    def _decide(self, state: int, first: Edge, second: Edge) -> bool:
        earlier = self._leaving(state).get(second[0])
        if earlier is None or earlier[1] != second[2]:
            return False
        between = earlier[0]
        if self._leaving(between).get(first[0]) != (second[1], first[2]):
            return False
        one, two = self._effect(first[0], state), self._effect(second[0], state)
        if self._effect(first[0], between) != one or self._effect(second[0], first[1]) != two:
            return False
        data = self._model.pool.data_of
        for mine, residue, other in ((one, first[2], two), (two, second[2], one)):
            if not other.keys().isdisjoint(mine.keys() | data(residue).union(*map(data, mine.values()))):
                return False
        return True

    def _leaving(self, state: int) -> dict[int, tuple[int, int]]:
        found = self._leaves.get(state)
        if found is None:
            found = self._leaves[state] = {number: (to, residue) for number, to, residue in self._edges(state)}
        return found

    def _effect(self, number: int, state: int) -> dict[int, int]:
        """The data that a call changes in a control state, with the formulas of its new values."""
        found = self._effects.get((number, state))
        if found is None:
            pool, env = self._model.pool, self._model.state_env
            written = ((env[name], pool.specialise(v, state)) for name, v in self._model.moves[number].data)
            found = self._effects[number, state] = {leaf: value for leaf, value in written if value != leaf}
        return found
