"""In which control states a part of a property may be broken, as far as the invariants on the same data tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from callproof.residue import FALSE, TRUE, Model, connected

States = Callable[[int], Iterable[int]]
"""mask -> the projections of all states."""


class Suspects:
    """The states that may break one part, which is a condition on a state."""

    def __init__(self, model: Model, part: int, lemmas: Sequence[int]) -> None:
        self._model, self._part = model, part
        self._lemmas = self._related(lemmas)
        self.mask = model.pool.mask[part]
        """The control bits that tell."""
        for lemma in self._lemmas:
            self.mask |= model.pool.mask[lemma]
        self._judged: dict[tuple[int, ...], bool] = {}
        self.keys: frozenset[int] = frozenset()
        """Their values in the states that may break it."""

    def look(self, states: States) -> None:
        """Judge all states."""
        self.keys = frozenset(key for key in states(self.mask) if self._may_break(key))

    def __contains__(self, state: int) -> bool:
        return state & self.mask in self.keys

    def _related(self, lemmas: Sequence[int]) -> list[int]:
        """What ties flags, or all of the part's words, to one another: the rest contradicts nothing outright."""
        pool = self._model.pool
        words = {v for v in pool.data_of(self._part) if pool.sort[v].is_word}
        near = []
        for lemma in lemmas:
            data = pool.data_of(lemma)
            foreign = {v for v in data if pool.sort[v].is_word} - words
            if not foreign and (words <= data or any(not pool.sort[v].is_word for v in data)):
                near.append(lemma)
        return connected(pool, self._part, near)

    def _may_break(self, key: int) -> bool:
        """What is known and that the part is broken do not contradict one another outright."""
        pool = self._model.pool
        part = pool.specialise(self._part, key)
        if part == TRUE:
            return False
        residues = (pool.not_(part), *(pool.specialise(h, key) for h in self._lemmas))
        found = self._judged.get(residues)
        if found is None:
            found = self._judged[residues] = pool.and_(residues) != FALSE
        return found
