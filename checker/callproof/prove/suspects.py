"""In which joins of two resources' states a part of a property may be broken, as far as the invariants tell."""

from __future__ import annotations

from collections.abc import Sequence

from callproof.prove.pairs import Pairs
from callproof.residue import FALSE, TRUE, Model, connected


class Suspects:
    """The joins that may break one part, which is a condition on a state.

    Of what is `required` there too, it counts what control alone decides. The states of each resource are first told
    apart by what the formulas on it alone become there, so that few joins are left to judge.
    """

    def __init__(
        self, model: Model, part: int, lemmas: Sequence[int], pairs: Pairs, required: Sequence[int] = ()
    ) -> None:
        self._model, self._part, self._pairs = model, part, pairs
        self._lemmas = [f for f in required if not model.pool.data_of(f)] + self._related(lemmas)
        self.mask = model.pool.mask[part]
        """The control bits that tell."""
        for lemma in self._lemmas:
            self.mask |= model.pool.mask[lemma]
        self._classes: list[dict[int, int]] = []
        """For each resource its states' projections, and the class of states that each belongs to."""
        self._open: set[tuple[int, int]] = set()
        """Pairs of classes that may break it."""

    def look(self) -> None:
        """Judge all joins."""
        masks, shared = self._pairs.masks, self._pairs.shared
        across = self._model.pool.mask[self._part]
        for f in self._lemmas:
            if all(self._model.pool.mask[f] & ~mask for mask in masks):
                across |= self._model.pool.mask[f]
        members: list[list[int]] = []
        for second, mask in enumerate(masks):
            own = [f for f in self._lemmas if not self._model.pool.mask[f] & ~mask]
            classes, examples = self._classified(self._pairs.projected(bool(second), self.mask), across | shared, own)
            self._classes.append(classes)
            members.append(examples)
        by_shared: dict[int, list[tuple[int, int]]] = {}
        for number, key in enumerate(members[1]):
            by_shared.setdefault(key & shared, []).append((number, key))
        judged: dict[tuple[int, ...], bool] = {}
        for one, key in enumerate(members[0]):
            for two, other in by_shared.get(key & shared, ()):
                if self._may_break(key | other, judged):
                    self._open.add((one, two))

    def _classified(self, keys: Sequence[int], told: int, own: Sequence[int]) -> tuple[dict[int, int], list[int]]:
        """The class of each projection of one resource's states that its own formulas allow, and one of each class."""
        specialise = self._model.pool.specialise
        numbers: dict[tuple[int, ...], int] = {}
        classes: dict[int, int] = {}
        examples = []
        for key in keys:
            residues = [specialise(f, key) for f in own]
            if FALSE in residues:
                continue
            seen = (key & told, *residues)
            if seen not in numbers:
                numbers[seen] = len(numbers)
                examples.append(key)
            classes[key] = numbers[seen]
        return classes, examples

    def __contains__(self, state: int) -> bool:
        mask, (first, second) = self.mask, self._pairs.masks
        classes = self._classes
        return (classes[0].get(state & mask & first, -1), classes[1].get(state & mask & second, -1)) in self._open

    def states(self, second: bool) -> list[int]:
        """The states of one resource that agree with some suspect on the first or the second."""
        open_ = {pair[second] for pair in self._open}
        keys = [key for key, number in self._classes[second].items() if number in open_]
        return self._pairs.states_of(second, self.mask, keys)

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

    def _may_break(self, key: int, judged: dict[tuple[int, ...], bool]) -> bool:
        """What is known and that the part is broken do not contradict one another outright."""
        pool = self._model.pool
        part = pool.specialise(self._part, key)
        if part == TRUE:
            return False
        residues = (pool.not_(part), *(pool.specialise(h, key) for h in self._lemmas))
        found = judged.get(residues)
        if found is None:
            found = judged[residues] = pool.and_(residues) != FALSE
        return found
