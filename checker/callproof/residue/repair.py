"""Local search for a model: values that nearly satisfy a residue are changed one at a time until they do.

Most satisfiable residues say where a few regions lie. A solver that works on bits takes long to find such places, while
a person moves one address at a time; this does the same (min-conflicts: Minton et al., AAAI 1990).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from callproof.expr import WORD_MAX, Kind
from callproof.residue.pool import Pool
from callproof.residue.witness import evaluate, forced

TRIALS = 400
"""Values that are tried before the search gives up: where it succeeds it does so with fewer."""

_PAGE = 4096
_SIZES = (0, 1, _PAGE, 2 * _PAGE, 3 * _PAGE, 4 * _PAGE, WORD_MAX)
_FAR, _APART = 0x1000_0000, 0x100_0000
_NEAR_THE_END = WORD_MAX + 1 - _PAGE // 2
_NUMBERS = (0, 1, 2)


def repair(pool: Pool, formulas: Sequence[int], start: Mapping[int, int]) -> dict[int, int] | None:
    """Values that satisfy every formula, found by changing those of `start`; None says nothing."""
    if any(pool.mask[f] for f in formulas):  # control has no value here
        return None
    return _Repair(pool, formulas, start).run()


class _Repair:
    def __init__(self, pool: Pool, formulas: Sequence[int], start: Mapping[int, int]) -> None:
        self._pool, self._formulas = pool, formulas
        self._fixed = forced(pool, formulas)
        self._values = {v: start.get(v, 0) for f in formulas for v in pool.data_of(f)} | self._fixed
        self._uses: dict[int, list[int]] = {v: [] for v in self._values}
        for f in formulas:
            for v in pool.data_of(f):
                self._uses[v].append(f)
        self._tried: set[tuple[int, int]] = set()
        self._trials = 0

    def run(self) -> dict[int, int] | None:
        memo: dict[int, int] = {}
        broken = [f for f in self._formulas if not evaluate(self._pool, f, self._values, memo)]
        while self._trials < TRIALS:
            if not broken:
                return self._values
            change = self._best_change(broken)
            if change is None:
                return None
            variable, value, broken = change
            self._values[variable] = value
            self._tried.add((variable, value))
        return None

    def _best_change(self, broken: list[int]) -> tuple[int, int, list[int]] | None:
        """The change of one variable of the first broken formula that leaves the fewest broken.

        A value that a variable has had is not tried again, so that the search goes on over level ground.
        """
        best: tuple[int, int, list[int]] | None = None
        known = set(broken)
        for variable in sorted(self._pool.data_of(broken[0]) - self._fixed.keys()):
            using = self._uses[variable]
            others = [f for f in broken if variable not in self._pool.data_of(f)]
            for value in dict.fromkeys(self._candidates(variable)):
                if value == self._values[variable] or (variable, value) in self._tried:
                    continue
                self._trials += 1
                trial = self._values | {variable: value}
                memo: dict[int, int] = {}
                limit = len(best[2]) if best is not None else len(self._formulas)
                left = list(others)
                for f in sorted(using, key=lambda f: f not in known):
                    if len(left) >= limit:
                        break
                    if not evaluate(self._pool, f, trial, memo):
                        left.append(f)
                if len(left) < limit:
                    best = variable, value, sorted(left)
        return best

    def _candidates(self, variable: int) -> Iterator[int]:
        """Values that make sense for a variable beside those of the others."""
        pool, values = self._pool, self._values
        sort = pool.sort[variable]
        near = sorted({v for f in self._uses[variable] for v in pool.data_of(f)} - {variable})
        match sort.kind:
            case Kind.ADDRESS:
                places = [values[v] for v in near if pool.sort[v].kind is Kind.ADDRESS]
                sizes = {values[v] for v in near if pool.sort[v].kind is Kind.SIZE}
                yield from places
                yield _FAR + variable * _APART
                yield from (place + size & WORD_MAX for place in places for size in sorted(sizes))
                yield from (0, _NEAR_THE_END)
            case Kind.SIZE:
                yield from _SIZES
                around = [values[v] for v in near if pool.sort[v].kind is Kind.SIZE]
                yield from around
                yield from (size + _PAGE & WORD_MAX for size in around)
            case Kind.NUMBER:
                yield from _NUMBERS
                yield from (values[v] + step & WORD_MAX for v in near for step in (1, -1) if pool.sort[v] == sort)
            case Kind.BOOLEAN | Kind.ENUMERATION:
                yield from range(sort.values)
