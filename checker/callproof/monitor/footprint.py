"""What a call reads and writes: where neither of two touches what the other writes, order makes no difference."""

from __future__ import annotations

from dataclasses import dataclass

from callproof.parametric import OpenMachine
from callproof.parametric.world import Group, Handles

Touched = frozenset[tuple[Group, int, tuple[int | None, ...]]]
"""Record group, slot, and for each of its resources the position of the handle that names it, None for any other."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """The variables that a call may read and write."""

    reads: Touched
    writes: Touched


class Footprints:
    """The footprints of a specification's calls, each computed when it is first needed."""

    def __init__(self, machine: OpenMachine) -> None:
        self._machine = machine
        self._known: dict[int, Footprint] = {}

    def of(self, call: str, handles: Handles) -> Footprint:
        """The footprint of a call on handles."""
        program = self._machine.program(call, handles)
        found = self._known.get(id(program))
        if found is None:
            places, own = self._machine.places, program.own
            roots = [rule.number for rule in (*program.clauses, *program.axioms)]
            roots += [n for e in program.endings for n in (e.when, *(w.value for w in e.writes))]
            roots += [r.when for r in program.results]
            read = [p for name in program.table.variables(roots) if (p := places.find(name)) is not None]
            written = [w.place for e in program.endings for w in e.writes]
            found = self._known[id(program)] = Footprint(
                *(
                    frozenset(
                        (p.kinds, p.slot, tuple(own.get(pair) for pair in zip(p.kinds, p.indices, strict=True)))
                        for p in touched
                    )
                    for touched in (read, written)
                )
            )
        return found

    def independent(self, one: tuple[str, Handles], two: tuple[str, Handles]) -> bool:
        """The order of the two calls makes no difference."""
        first, second = self.of(*one), self.of(*two)
        return not (
            _meet(first.writes, one[1], second.reads | second.writes, two[1])
            or _meet(second.writes, two[1], first.reads, one[1])
        )


def _meet(one: Touched, handles: Handles, two: Touched, others: Handles) -> bool:
    for group, slot, positions in one:
        for group2, slot2, positions2 in two:
            if group == group2 and slot == slot2:
                pairs = zip(positions, positions2, strict=True)
                if all(p is None or q is None or handles[p] == others[q] for p, q in pairs):
                    return True
    return False
