"""What has to be shown: each property split into conjuncts, and each conjunct as it must hold after each move."""

from __future__ import annotations

from dataclasses import dataclass

from callproof.model.system import Property, primed
from callproof.residue import TRUE, Model, Move, conjuncts

SPLIT_LIMIT = 200
"""Conjuncts past which a property is proved in one piece."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One conjunct that must hold after one move, given what held before it."""

    prop: int
    """The property's position in the system."""
    move: int
    before: int
    """The same conjunct before the move; `TRUE` for a property over a step."""
    after: int
    """Over the state before the move and the move's choices."""


class Goals:
    """The goals of a model, which are the same for every layer; equal ones are built once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.parts: list[tuple[int, ...]] = []
        """The conjuncts of each property over a state; none for those over a step."""
        for prop in model.system.properties:
            self.parts.append(() if prop.over_step else _split(model, model.state_formula(prop)))
        self._after: dict[tuple[int, int], tuple[Goal, ...]] = {}
        self._mappings: dict[int, tuple[dict[int, int], dict[int, int], int, frozenset[int]]] = {}

    def of(self, prop: int, move: Move) -> tuple[Goal, ...]:
        """What a move must show for a property; nothing where it leaves the property alone."""
        key = prop, move.number
        found = self._after.get(key)
        if found is None:
            property_ = self.model.system.properties[prop]
            made = self._step(prop, property_, move) if property_.over_step else self._state(prop, move)
            found = self._after[key] = tuple(made)
        return found

    def _state(self, prop: int, move: Move) -> list[Goal]:
        pool = self.model.pool
        mapping, memo, mask, data = self._mapping(move)
        made = []
        for part in self.parts[prop]:
            if not (pool.mask[part] & mask or pool.data_of(part) & data):
                continue
            after = pool.substitute(part, mapping, memo)
            if after not in (TRUE, part):
                made.append(Goal(prop, move.number, part, after))
        return made

    def _step(self, prop: int, property_: Property, move: Move) -> list[Goal]:
        after = self.model.after_formula(property_, move)
        return [Goal(prop, move.number, TRUE, part) for part in _split(self.model, after)]

    def _mapping(self, move: Move) -> tuple[dict[int, int], dict[int, int], int, frozenset[int]]:
        """The substitution of a move's effect, a memo for it, and the control bits and data variables it writes."""
        found = self._mappings.get(move.number)
        if found is None:
            env = self.model.state_env
            mapping = {env[name]: move.env[primed(name)] for name in move.writes}
            mask = 0
            for name in move.writes:
                mask |= self.model.pool.mask[env[name]]
            data = frozenset(env[name] for name in move.writes if name not in self.model.slots)
            found = self._mappings[move.number] = (mapping, {}, mask, data)
        return found


def _split(model: Model, formula: int) -> tuple[int, ...]:
    parts = conjuncts(model.pool, formula)
    return parts if len(parts) <= SPLIT_LIMIT else ((formula,) if formula != TRUE else ())
