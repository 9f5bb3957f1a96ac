"""Formulas about values that nobody has seen, as formulas that a solver decides.

A value that is known is a number. Every other one becomes a word; what it may be is widened, never narrowed: a rule
over resources that were never seen may hold or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from callproof.expr import NUMBER, WORD_MAX, Sort
from callproof.model.system import passed, returned
from callproof.parametric import Unknown
from callproof.parametric.evaluate import Evaluator
from callproof.parametric.places import Places
from callproof.parametric.unknown import Value
from callproof.residue.pool import ADD, BITAND, FALSE, SUB, TRUE, Pool


@dataclass(frozen=True, slots=True)
class Term:
    """A formula of the pool: a truth value, or a word."""

    number: int
    is_truth: bool


class Names:
    """The variables of a pool that stand for unknown values, and the bounds of those that are no words."""

    def __init__(self) -> None:
        self.pool = Pool()
        self._variables: dict[Unknown, int] = {}
        self.bounds: dict[int, int] = {}
        """By variable, a formula that is true of every value of its sort."""

    def variable(self, unknown: Unknown, values: int = WORD_MAX + 1) -> int:
        """The variable of a value, which is one of so many."""
        found = self._variables.get(unknown)
        if found is None:
            found = self._variables[unknown] = self.pool.data(f"u{len(self._variables)}", NUMBER)
            if values <= WORD_MAX:
                self.bounds[found] = self.pool.ult(found, self.pool.const(NUMBER, values))
        return found

    def word(self, value: int | Term) -> int:
        """The value as a word."""
        pool = self.pool
        if isinstance(value, int):
            if not 0 <= value <= WORD_MAX:  # the number of a handle, plus one
                return self.variable(Unknown())
            return pool.const(NUMBER, value)
        if value.is_truth:
            return pool.ite(value.number, pool.const(NUMBER, 1), pool.const(NUMBER, 0))
        return value.number

    def truth(self, value: int | Term) -> int:
        """The value as a truth value."""
        if isinstance(value, int):
            return TRUE if value else FALSE
        return value.number if value.is_truth else self.pool.not_(self.pool.eq(value.number, self.word(0)))


class Terms:
    """Translates the formulas of one call in one world; `results` are what the line tells of them."""

    def __init__(self, evaluator: Evaluator, names: Names, results: tuple[Any, ...]) -> None:
        self._evaluator, self._names = evaluator, names
        self._table = evaluator.program.table
        self._sorts: dict[str, Sort] = {
            **{passed(name, sort).name: sort for name, sort in evaluator.program.params},
            **{returned(r.name, r.sort).name: r.sort for r in evaluator.program.results},
        }
        self._returned = {
            returned(r.name, r.sort).name: (r.when, value)
            for r, value in zip(evaluator.program.results, results, strict=True)
            if value is not msgspec.UNSET
        }
        self._made: dict[tuple[int, tuple[tuple[str, int], ...]], int | Term] = {}

    def truth(self, number: int) -> int:
        """A formula that holds or does not."""
        return self._names.truth(self.term(number, {}))

    def term(self, number: int, where: dict[str, int]) -> int | Term:
        """A formula about particular other resources, one of each kind."""
        key = number, tuple(sorted(where.items()))
        found = self._made.get(key)
        if found is None:
            known = self._evaluator.value_at(number, where)
            found = known if not isinstance(known, Unknown) else self._unknown(number, known, where)
            self._made[key] = found
        return found

    def given(self, value: Value, values: int) -> int | Term:
        """A stored value."""
        return Term(self._names.variable(value, values), False) if isinstance(value, Unknown) else value

    def _unknown(self, number: int, found: Unknown, where: dict[str, int]) -> Term:
        op, args, extra = self._table.keys[number]
        pool, names = self._names.pool, self._names
        if op == "var" and str(extra) in self._returned:  # whether it exists is not known; one that does not is zero
            when, value = self._returned[str(extra)]
            return Term(pool.ite(self.truth(when), names.word(value), names.word(0)), False)
        if op == "var":
            return Term(names.variable(found, self._values(str(extra))), False)
        if op in ("all", "any"):
            kind = str(extra)
            parts = [names.truth(self.term(args[0], {**where, kind: h})) for h in self._evaluator.others(kind)]
            if kind in self._evaluator.world.unseen:
                parts.append(names.truth(Term(names.variable(Unknown(), 2), False)))
            return Term(pool.and_(parts) if op == "all" else pool.or_(parts), True)
        made = [self.term(arg, where) for arg in args]
        if op in ("and", "or", "not"):
            truths = [names.truth(part) for part in made]
            return Term({"and": pool.and_, "or": pool.or_}[op](truths) if op != "not" else pool.not_(truths[0]), True)
        if op == "ite":
            return self._choice(made)
        left, right = names.word(made[0]), names.word(made[1])
        if op in ("eq", "ult", "ule"):
            return Term({"eq": pool.eq, "ult": pool.ult, "ule": pool.ule}[op](left, right), True)
        return Term(pool.word({"add": ADD, "sub": SUB, "bitand": BITAND}[op], NUMBER, left, right), False)

    def _choice(self, made: list[int | Term]) -> Term:
        condition, names = self._names.truth(made[0]), self._names
        if all(isinstance(part, Term) and part.is_truth for part in made[1:]):
            then, other = (names.truth(part) for part in made[1:])
            pool = names.pool
            both = pool.and_([pool.or_([pool.not_(condition), then]), pool.or_([condition, other])])
            return Term(both, True)
        return Term(names.pool.ite(condition, names.word(made[1]), names.word(made[2])), False)

    def _values(self, name: str) -> int:
        places = self._evaluator.world.places
        place = places.find(name)
        if place is None:
            return self._sorts[name].values if name in self._sorts else WORD_MAX + 1
        return field_values(places, place.kinds, place.slot)


def field_values(places: Places, group: tuple[str, ...], slot: int) -> int:
    """How many values a variable may have; one that holds a handle may have any."""
    field = places.fields[group][slot]
    return WORD_MAX + 1 if field.stored else field.sort.values
