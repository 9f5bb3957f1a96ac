"""What each obligation of a certificate assumes: hints, which the checker believes only as far as a solver agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callproof.certificate.records import Kept
from callproof.certificate.system import Move, Table
from callproof.graph import Reach
from callproof.run.layer import Shown


class Hints:
    """The hints of one proof; `moves` numbers the certificate's moves as the proof does."""

    def __init__(self, shown: Shown, table: Table, moves: Mapping[int, int]) -> None:
        self._shown, self._table, self._moves = shown, table, moves
        self._looked = None if isinstance(shown.states, Reach) else frozenset(shown.states.moves)
        self._known = sorted(shown.stands | set(shown.given))
        self._ids = [invariant.id for invariant in table.system.invariants]
        self._wide: dict[str, set[str]] = {}
        for (prop, _), used in shown.used.items():
            self._wide.setdefault(self._ids[prop], set()).update(self._ids[n] for n in used)
        self._by_state = {self._ids[prop] for prop, _ in shown.by_state}

    def row(self, invariant: int, conjuncts: Sequence[int], move: Move, file: str) -> Kept:
        """The entry of one obligation."""
        numbers = [invariant, *sorted(self._invariants(invariant, move) - {invariant})]
        parts = [
            (n, conjunct)
            for n in numbers
            if not self._table.system.invariants[n].over_step
            for conjunct in range(len(self._table.system.invariants[n].conjuncts))
        ]
        if self._looked is None:
            return Kept(invariant, tuple(conjuncts), move.number, file, tuple(parts))
        near = self._near(invariant, conjuncts, move)
        invariants, data = self._table.system.invariants, self._table.data_of
        few = tuple((n, c) for n, c in parts if data(invariants[n].conjuncts[c]) <= near)
        return Kept(invariant, tuple(conjuncts), move.number, file, few, self._ids[invariant] in self._by_state)

    def _invariants(self, invariant: int, move: Move) -> set[int]:
        """Those that the proof took.

        Of two resources only moves on the first are looked at, since those on the second mirror them. What they need is
        what the proof of the same invariant on any resources took from whichever invariants.
        """
        number = self._moves.get(move.number)
        if number is not None and (self._looked is None or number in self._looked):
            return set(self._shown.used.get((invariant, number), ()))
        ids = self._wide.get(self._ids[invariant], set())
        return {n for n in self._known if self._ids[n] in ids}

    def _near(self, invariant: int, conjuncts: Sequence[int], move: Move) -> set[str]:
        """The data of the goal, before and after, and what the conditions of the move tie to it."""
        found: set[str] = set()
        for conjunct in conjuncts:
            found |= self._table.data_of(self._table.system.invariants[invariant].conjuncts[conjunct])
        for name in [*found]:
            if name in move.writes:
                found |= self._table.data_of(move.writes[name].term)
        ties = [self._table.data_of(term) for _, term in move.guard]
        return found.union(*(tie for tie in ties if not tie.isdisjoint(found)))
