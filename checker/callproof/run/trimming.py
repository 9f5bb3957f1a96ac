"""Obligations cut down to what a refutation takes, so that other solvers answer them soon.

Each conjunct that a move touches is asked of Z3, by order alone first, and what its refutation did not take is left
out. Conjuncts that take much the same are put into one obligation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from callproof.certificate.obligations import Explored, Joined, keeps
from callproof.certificate.records import Kept
from callproof.certificate.system import Move, Table
from callproof.symbolic import Answer, Refuter

BUDGET = 20_000_000
"""Z3 resource units for one conjunct."""
AT_ONCE = 12
"""The most assumptions of an obligation for several conjuncts, if not one of them takes more."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the refutation of one conjunct took."""

    guards: frozenset[int]
    assumed: frozenset[tuple[int, int]]
    reached: bool

    def __or__(self, other: _Taken) -> _Taken:
        return _Taken(self.guards | other.guards, self.assumed | other.assumed, self.reached or other.reached)

    @property
    def size(self) -> int:
        return len(self.guards) + len(self.assumed)


_NOTHING = _Taken(frozenset(), frozenset(), False)


class Trimmer:
    """Cuts down the obligations of one part."""

    def __init__(self, table: Table, states: Explored | Joined) -> None:
        self._table, self._states = table, states
        self._known: dict[tuple[int, int, str], _Taken] = {}
        """What a conjunct of an invariant took last on a move of the same action."""

    def rows(self, rows: Sequence[Kept], moves: Sequence[Move]) -> Iterator[Kept]:
        """Rows that show together what one row a move does, of moves that differ in their choices."""
        conjuncts = rows[0].conjuncts
        if len(moves) > 1:
            every = replace(
                rows[0],
                every_choice=True,
                by="order",
                guards=tuple(sorted({g for row, move in zip(rows, moves, strict=True) for g in _guards(row, move)})),
                assumed=tuple(sorted({pair for row in rows for pair in row.assumed})),
                reached=any(row.reached for row in rows),
            )
            found = self._by_order(every, moves[0])
            yield from _grouped(every, found)
            conjuncts = _without(conjuncts, found)
        for row, move in zip(rows, moves, strict=True):
            if conjuncts:
                yield from self._of_one(replace(row, conjuncts=conjuncts), move)

    def _of_one(self, row: Kept, move: Move) -> Iterator[Kept]:
        row = replace(row, by="order")
        found = self._by_order(row, move)
        yield from _grouped(row, found)
        left = _without(row.conjuncts, found)
        row = replace(row, by="bits")
        found = self._refuted(row, move, left)
        yield from _grouped(row, found)
        for conjunct in _without(left, found):
            yield replace(row, conjuncts=(conjunct,))

    def _by_order(self, row: Kept, move: Move) -> dict[int, _Taken]:
        """What each conjunct takes that order alone refutes: nothing, or what it took before, or whatever it is."""
        found = self._alike(row, move, row.conjuncts, _NOTHING)
        known: dict[_Taken, list[int]] = {}
        for conjunct in row.conjuncts:
            before = self._known.get((row.invariant, conjunct, move.action.name))
            if conjunct not in found and before is not None:
                known.setdefault(before, []).append(conjunct)
        for before, some in known.items():
            found |= self._alike(row, move, tuple(some), before)
        return found | self._refuted(row, move, _without(row.conjuncts, found))

    def _alike(self, row: Kept, move: Move, conjuncts: tuple[int, ...], taken: _Taken) -> dict[int, _Taken]:
        """Which conjuncts take no more than some other one did."""
        return self._refuted(_less(row, conjuncts, taken), move, conjuncts)

    def _refuted(self, row: Kept, move: Move, conjuncts: tuple[int, ...]) -> dict[int, _Taken]:
        """What each of some conjuncts takes that can be refuted."""
        if not conjuncts:
            return {}
        row = replace(row, conjuncts=conjuncts)
        refuter = Refuter(keeps(self._table, self._states, move, row), BUDGET)
        guards = _guards(row, move)
        first, second = len(guards), len(guards) + len(row.assumed)
        found = {}
        for number, conjunct in enumerate(conjuncts):
            answer, which = refuter.refute(number)
            if answer is not Answer.UNSAT:
                continue
            taken = _Taken(
                frozenset(itertools.compress(guards, which[:first])),
                frozenset(itertools.compress(row.assumed, which[first:second])),
                any(which[second:]),
            )
            if taken.reached and isinstance(self._states, Joined) and not self._is_enough(row, move, conjunct, taken):
                taken = _Taken(frozenset(guards), frozenset(row.assumed), True)
            found[conjunct] = taken
            if taken != _NOTHING:
                self._known[row.invariant, conjunct, move.action.name] = taken
        return found

    def _is_enough(self, row: Kept, move: Move, conjunct: int, taken: _Taken) -> bool:
        """Whether less is; of each of two states less is said where less of it is mentioned."""
        script = keeps(self._table, self._states, move, _less(row, (conjunct,), taken))
        return Refuter(script, BUDGET).refute(0)[0] is Answer.UNSAT


def _without(conjuncts: tuple[int, ...], found: Iterable[int]) -> tuple[int, ...]:
    known = set(found)
    return tuple(n for n in conjuncts if n not in known)


def _guards(row: Kept, move: Move) -> tuple[int, ...]:
    return tuple(range(len(move.guard))) if row.guards is None else row.guards


def _less(row: Kept, conjuncts: tuple[int, ...], taken: _Taken) -> Kept:
    return replace(
        row,
        conjuncts=conjuncts,
        guards=tuple(sorted(taken.guards)),
        assumed=tuple(sorted(taken.assumed)),
        reached=taken.reached,
    )


def _grouped(row: Kept, found: Mapping[int, _Taken]) -> Iterator[Kept]:
    """The row for conjuncts that are shown together with what they take: those that take the least first."""
    group: tuple[int, ...] = ()
    whole = _NOTHING
    for conjunct, taken in sorted(found.items(), key=lambda item: (item[1].reached, item[1].size, item[0])):
        more = whole | taken
        if group and more != whole and (more.size > AT_ONCE or more.reached != whole.reached):
            yield _less(row, tuple(sorted(group)), whole)
            group, more = (), taken
        group, whole = (*group, conjunct), more
    if group:
        yield _less(row, tuple(sorted(group)), whole)
