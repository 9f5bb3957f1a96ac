"""The obligations of one part of a certificate, made from its system, its control states and its hints."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from callproof.certificate.diagram import Diagram, diagram
from callproof.certificate.records import Graph, Kept, Part, Refused
from callproof.certificate.script import Script
from callproof.certificate.system import Move, Slot, Table, mask_of
from callproof.certificate.terms import PRIME


class Reached:
    """Which control states there are: for each group of control variables (all, or one resource's) a set of states."""

    def __init__(self, *groups: tuple[tuple[Slot, ...], tuple[int, ...]]) -> None:
        self._groups = groups
        self._made: dict[tuple[int, int], Diagram] = {}

    def assume(self, script: Script, names: Iterable[str]) -> None:
        """That the control state is one of these, as far as the named variables tell."""
        wanted = set(names)
        for number, (slots, states) in enumerate(self._groups):
            few = [slot for slot in slots if slot.variable.name in wanted]
            mask = mask_of(few)
            made = self._made.get((number, mask))
            if made is None:
                made = diagram(f"r{number}n", few, {state & mask for state in states})
                self._made[number, mask] = made
            if made.root != "true":
                script.assume("reached", script.member(made))


class Explored:
    """Control states and edges of a part with a graph of its own."""

    def __init__(self, where: str, table: Table, graph: Graph) -> None:
        self._where, self.table = where, table
        self.states = tuple(int(text, 16) for text in graph.states)
        known = set(self.states)
        if len(known) < len(self.states):
            raise Refused(f"{where}: a control state is listed twice")
        if 0 not in known:
            raise Refused(f"{where}: the initial control state is not listed")
        for slot in table.control:
            last = slot.variable.values - 1 if slot.variable.sort == "enumeration" else 1
            if any((state & slot.mask) >> slot.shift > last for state in self.states):
                raise Refused(f"{where}: a control state in which {slot.variable.name} has no value")
        if any(state & ~mask_of(table.control) for state in self.states):
            raise Refused(f"{where}: a control state with bits that are no variable's")
        self.targets: list[dict[int, int]] = [{} for _ in table.moves]
        """For each move: accepting control state -> the control state behind it."""
        self._reached: dict[tuple[int, ...], Reached] = {}
        for source, move, target in graph.edges:
            if not (source < len(self.states) and target < len(self.states) and move < len(table.moves)):
                raise Refused(f"{where}: an edge ({source}, {move}, {target}) of what is not listed")
            if self.targets[move].setdefault(self.states[source], self.states[target]) != self.states[target]:
                raise Refused(f"{where}: two edges of move {move} from control state {source}")

    def reached(self, moves: Sequence[Move]) -> Reached:
        """The control states in which some of these moves may be accepted."""
        numbers = tuple(move.number for move in moves)
        found = self._reached.get(numbers)
        if found is None:
            states = dict.fromkeys(state for number in numbers for state in self.targets[number])
            found = self._reached[numbers] = Reached((self.table.control, tuple(states)))
        return found

    def closure(self, move: Move) -> str:
        """That the move is accepted in no listed control state but where an edge says so, and leads where it says."""
        targets = self.targets[move.number]
        written = self.table.slots_of(move.writes)
        kept = ~mask_of(written)
        for source, target in targets.items():
            if source & kept != target & kept:
                raise Refused(f"{self._where}: an edge of {move.label} changes what the move does not write")
        values = [move.writes[slot.variable.name].term for slot in written]
        names = {
            name for term in (*(term for _, term in move.guard), *values) for name in self.table.variables_of(term)
        }
        slots = self.table.slots_of(names)
        mask = mask_of(slots)
        behind: dict[int, set[int]] = {}
        refused = set()
        for state in self.states:
            if state in targets:
                behind.setdefault(targets[state] & ~kept, set()).add(state & mask)
            else:
                refused.add(state & mask)
        if any(not refused.isdisjoint(keys) for keys in behind.values()):
            raise Refused(
                f"{self._where}: {move.label} is accepted in some control state and not in one that looks alike"
            )
        script = Script(self.table, f"{move.label}: from listed control states to listed ones", move)
        for name, term in move.guard:
            script.assume(name, term)
        cases = [f"(not {script.member(diagram('r', slots, refused))})"] if refused else []
        for number, (value, keys) in enumerate(sorted(behind.items())):
            before = script.member(diagram(f"s{number}n", slots, keys))
            after = script.member(diagram(f"t{number}n", written, {value}, frozenset(move.writes)))
            cases.append(f"(or (not {before}) {after})")
        return script.text(cases)


class Joined:
    """Control states of a part about two resources: any two listed states of one that agree on what they share."""

    def __init__(self, where: str, table: Table, part: Part, one: Explored) -> None:
        self.table = table
        groups = []
        for pairs in part.joins:
            if any(a not in one.table.slots or b not in table.slots for a, b in pairs):
                raise Refused(f"{where}: joins what is no control variable")
            places = [(one.table.slots[a], table.slots[b]) for a, b in pairs]
            if len({a for a, _ in pairs}) < len(pairs) or len({b for _, b in pairs}) < len(pairs):
                raise Refused(f"{where}: joins a variable twice")
            if any((a.variable.sort, a.variable.values) != (b.variable.sort, b.variable.values) for a, b in places):
                raise Refused(f"{where}: joins variables of different sorts")
            moved = sorted({_moved(state, places) for state in one.states})
            names = {b for _, b in pairs}
            groups.append((table.slots_of(names), tuple(moved)))
        self._reached = Reached(*groups)

    def reached(self, moves: Sequence[Move]) -> Reached:
        """The control states in which some of these moves may be accepted: any."""
        return self._reached


def _moved(state: int, places: Sequence[tuple[Slot, Slot]]) -> int:
    moved = 0
    for a, b in places:
        moved |= ((state & a.mask) >> a.shift) << b.shift
    return moved


def initially(table: Table, number: int) -> str:
    """That an invariant over a state holds before any call."""
    invariant = table.system.invariants[number]
    script = Script(table, f"{invariant.name} holds at first", initial=True)
    return script.text(invariant.conjuncts)


def touched(table: Table, number: int, move: Move) -> tuple[int, ...]:
    """The conjuncts of an invariant that a move has to show: of one over a state those that mention what it writes."""
    invariant = table.system.invariants[number]
    return tuple(
        n
        for n, term in enumerate(invariant.conjuncts)
        if invariant.over_step or not table.variables_of(term).isdisjoint(move.writes)
    )


def keeps(table: Table, states: Explored | Joined, move: Move, row: Kept) -> str:
    """That a move keeps some conjuncts of an invariant, with the help of what else is claimed.

    Or, of moves that differ in their choices, each of them: the choices are then inputs like any other.
    """
    moves = [move]
    if row.every_choice:
        moves, move = table.families[move.family], dataclasses.replace(move, choices=())
    invariant = table.system.invariants[row.invariant]
    terms = [invariant.conjuncts[n] for n in row.conjuncts]
    title = f"{move.label}: keeps {invariant.name}, conjuncts {', '.join(map(str, row.conjuncts))}"
    script = Script(table, title, move)
    goals = list(terms) if invariant.over_step else [script.after(term) for term in terms]
    for position, (name, guard) in enumerate(move.guard):
        if row.guards is None or position in row.guards:
            script.assume(name, guard)
            terms.append(guard)
    for number, conjunct in row.assumed:
        other = table.system.invariants[number]
        if other.over_step or conjunct >= len(other.conjuncts):
            raise Refused(f"{title}: assumes what is no conjunct over a state ({number}, {conjunct})")
        script.assume(f"invariant {other.name}", other.conjuncts[conjunct])
        terms.append(other.conjuncts[conjunct])
    if row.reached:
        terms += [write.term for write in move.writes.values()]
        names = {name.removesuffix(PRIME) for term in terms for name in table.variables_of(term)}
        states.reached(moves).assume(script, names)
    return script.text(goals, order=row.by == "order")
