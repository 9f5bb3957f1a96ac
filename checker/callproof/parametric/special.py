"""A call of which something more is known: formulas with some parts replaced by what they are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from callproof.model.system import returned
from callproof.parametric.fold import Folded
from callproof.parametric.program import Ending, Program, Rule


class Special:
    """Replaces formulas of a table: variables by constants, and conditions that are known to be false."""

    def __init__(self, table: Folded, known: Mapping[str, int]) -> None:
        self.table = table
        self._made: dict[int, int] = {}
        for name, value in known.items():
            self._made[table.build("var", (), name)] = table.build("const", (), value)
        self._false: list[frozenset[int]] = []

    def deny(self, number: int) -> int:
        """A formula is false from now on, and so is every conjunction that holds all its parts; what it is worth."""
        found = self.value(number)
        op, args, _ = self.table.keys[found]
        self._made = {n: made for n, made in self._made.items() if self.table.keys[made][0] == "const"}
        self._made[number] = self._made[found] = self.table.false
        self._false.append(frozenset(args) if op == "and" else frozenset({found}))
        return found

    def value(self, number: int) -> int:
        """The formula as it is worth."""
        found = self._made.get(number)
        if found is None:
            op, args, extra = self.table.keys[number]
            found = self.table.build(op, tuple(map(self.value, args)), extra) if args else number
            op, args, extra = self.table.keys[found]
            if op == "and" and self._false:
                parts = set(args)
                if any(denied <= parts for denied in self._false):
                    found = self.table.false
            found = self._made.get(found, found)
            self._made[number] = found
        return found

    def program(self, program: Program) -> Program:
        """The call with all its formulas as they are worth; rules that cannot fail are left out."""
        return replace(
            program,
            results=tuple(replace(r, when=self.value(r.when)) for r in program.results),
            clauses=self._rules(program.clauses),
            axioms=self._rules(program.axioms),
            endings=tuple(self._ending(ending) for ending in program.endings),
        )

    def _rules(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        made = (replace(rule, number=self.value(rule.number)) for rule in rules)
        return tuple(rule for rule in made if rule.number != self.table.true)

    def _ending(self, ending: Ending) -> Ending:
        writes = tuple(replace(write, value=self.value(write.value)) for write in ending.writes)
        return replace(ending, when=self.value(ending.when), writes=writes)


def returning_nothing(program: Program) -> tuple[int, Program] | None:
    """When none of the results exists, and the call as it is then; None where some result always does."""
    table = program.table
    if not program.results:
        return None
    special = Special(table, {returned(r.name, r.sort).name: 0 for r in program.results})
    denied: list[int] = []
    for result in program.results:  # each is read as if those before it were false already
        found = special.deny(result.when)
        if found == table.true:
            return None
        denied.append(found)
    return table.build("not", (table.build("or", tuple(denied), 0),), 0), special.program(program)
