"""Which earlier lines make a clause fail: the fewest whose doing decides it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from math import comb

from callproof.monitor.outcomes import Earlier
from callproof.monitor.shown import line_text, variable_text
from callproof.parametric import OpenMachine, Unknown, World
from callproof.parametric.evaluate import Evaluator, Read
from callproof.parametric.program import Program, Rule
from callproof.parametric.unknown import Value
from callproof.parametric.world import Group, Handles

Cell = tuple[Group, Handles, int]
Writer = tuple[int, str]
"""Line number and call."""

TRIALS = 3_000
"""Sets of lines that are tried before one is left out after the other instead."""
SHOWN = 12
"""The most earlier lines of one finding."""


class Slicer:
    """Explains the failing rules of one call in one world."""

    def __init__(
        self,
        machine: OpenMachine,
        program: Program,
        world: World,
        handles: Handles,
        args: tuple[Value, ...],
        results: tuple[Value, ...],
    ) -> None:
        self._machine, self._program, self._world = machine, program, world
        self._handles, self._args, self._results = handles, args, results
        self._writers: dict[Cell, Writer | None] = {}

    def _evaluator(self, read: Read) -> Evaluator:
        return Evaluator(self._program, self._world, self._handles, self._args, self._results, read)

    def explain(self, rules: Iterable[Rule]) -> tuple[Earlier, ...]:
        """The earlier lines, in order, that together make each of the rules fail."""
        found: dict[Writer, dict[Cell, Value]] = {}
        for rule in rules:
            until = self._held_until(rule)
            if until is not None:
                found.setdefault(until, {})
                continue
            self._decided(rule, frozenset())  # looks up the writer of every variable that may matter
            fewest = self._fewest(rule)
            for writer in fewest:
                found.setdefault(writer, {}).update(self._made(rule, writer, fewest))
        return tuple(self._earlier(writer, found[writer]) for writer in sorted(found))[-SHOWN:]

    def _earlier(self, writer: Writer, cells: dict[Cell, Value]) -> Earlier:
        cause = _causes(self._world)[writer]
        makes = [" = ".join(variable_text(self._machine, *cell, value)) for cell, value in cells.items()]
        return Earlier(writer[0], line_text(writer[1], cause), tuple(makes[:SHOWN]))

    def _made(self, rule: Rule, writer: Writer, kept: frozenset[Writer]) -> dict[Cell, Value]:
        """What a line made of the variables on which it depends that the rule fails."""
        cells = [cell for cell, other in self._writers.items() if other == writer]
        return {
            (group, handles, slot): self._world.record(group, handles)[slot]
            for group, handles, slot in cells
            if not self._decided(rule, kept, (group, handles, slot))
        }

    def _decided(self, rule: Rule, kept: frozenset[Writer], hidden: Cell | None = None) -> bool:
        """The rule fails whatever the other lines did, and whatever the value of a hidden variable is."""

        def read(group: Group, handles: Handles, slot: int) -> Value:
            cell = (group, handles, slot)
            if cell not in self._writers:
                self._writers[cell] = last_writer(self._world, cell)
            writer = self._writers[cell]
            shown = cell != hidden and (writer is None or writer in kept)
            return self._world.record(group, handles)[slot] if shown else Unknown()

        found = self._evaluator(read).value(rule.number)
        return type(found) is int and not found

    def _fewest(self, rule: Rule) -> frozenset[Writer]:
        all_of = sorted({writer for writer in self._writers.values() if writer is not None})
        left = TRIALS
        for size in range(len(all_of)):
            left -= comb(len(all_of), size)
            if left < 0:
                break
            # Later lines first: of two explanations of one length the nearer one.
            for chosen in itertools.combinations(reversed(all_of), size):
                if self._decided(rule, frozenset(chosen)):
                    return frozenset(chosen)
        kept = frozenset(all_of)
        for writer in all_of:
            if self._decided(rule, kept - {writer}):
                kept -= {writer}
        return kept

    def _held_until(self, rule: Rule) -> Writer | None:
        """The line with which a resource went out of use, if the rule would hold with it as it was before."""
        world = self._world
        for group, handles in reversed(world.gone):
            last = max(world.trails.get((group, handles), {}).items(), key=lambda item: item[1][0][0], default=None)
            if last is None or not self._speaks_of(rule, group):
                continue
            call, (cause, before, _) = last
            table = world.tables[world.places.numbers[group[0]]]
            now = table.get(handles[0])
            table[handles[0]] = before
            try:
                holds = self._evaluator(lambda g, h, s: world.record(g, h)[s]).value(rule.number)
            finally:
                if now is None:
                    del table[handles[0]]
                else:
                    table[handles[0]] = now
            if holds == 1 and not isinstance(holds, Unknown):
                return cause[0], call
        return None

    def _speaks_of(self, rule: Rule, group: Group) -> bool:
        """The rule asks for some resource of the kind."""
        keys = self._program.table.keys
        return any(
            keys[n][0] in ("any", "all") and keys[n][2] == group[0] for n in self._program.table.reach([rule.number])
        )


def last_writer(world: World, cell: Cell) -> Writer | None:
    """The last line that changed a variable, as far as that is remembered; None where none did."""
    group, handles, slot = cell
    entries = sorted(world.trails.get((group, handles), {}).items(), key=lambda item: -item[1][0][0])
    for call, (cause, before, after) in entries:
        if not _alike(before[slot], after[slot]):
            return cause[0], call
    return None


def _alike(one: Value, two: Value) -> bool:
    if isinstance(one, Unknown) or isinstance(two, Unknown):
        return one is two
    return one == two


def _causes(world: World) -> dict[Writer, object]:
    return {(cause[0], call): cause[1] for trail in world.trails.values() for call, (cause, _, _) in trail.items()}
