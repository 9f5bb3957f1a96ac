"""The obligations of one part of a certificate, made from its system, its control states and its hints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callproof.certificate.format import Graph, Part, Refused
from callproof.certificate.script import Script
from callproof.certificate.system import Move, Slot, Table, mask_of


@dataclass(frozen=True, slots=True)
class Reached:
    """Which control states there are: for each group of control variables (all, or one resource's) a set of states."""

    groups: tuple[tuple[tuple[Slot, ...], tuple[int, ...]], ...]

    def assume(self, script: Script, names: Iterable[str]) -> None:
        """That the control state is one of these, as far as the named variables tell."""
        wanted = set(names)
        for slots, states in self.groups:
            few = [slot for slot in slots if slot.variable.name in wanted]
            mask = mask_of(few)
            keys = {state & mask for state in states}
            term = script.member(few, keys)
            if term != "true":
                script.assume("reached", term)


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
        for source, move, target in graph.edges:
            if not (source < len(self.states) and target < len(self.states) and move < len(table.moves)):
                raise Refused(f"{where}: an edge ({source}, {move}, {target}) of what is not listed")
            if self.targets[move].setdefault(self.states[source], self.states[target]) != self.states[target]:
                raise Refused(f"{where}: two edges of move {move} from control state {source}")

    def reached(self, move: Move) -> Reached:
        """The control states in which a move may be accepted."""
        return Reached(((self.table.control, tuple(self.targets[move.number])),))

    def closure(self, move: Move) -> str:
        """That the move is accepted in no listed control state but where an edge says so, and leads where it says."""
        targets = self.targets[move.number]
        written = self.table.slots_of(move.writes)
        kept = ~mask_of(written)
        for state, target in targets.items():
            if state & kept != target & kept:
                raise Refused(f"{self._where}: an edge of {move.label} changes what the move does not write")
        values = [move.writes[slot.variable.name].term for slot in written]
        names = self.table.variables_of([*(term for _, term in move.guard), *values])
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
            raise Refused(f"{self._where}: {move.label} is accepted in some control state and not in one that looks alike")
        script = Script(self.table, f"{move.label}: from listed control states to listed ones", move)
        for name, term in move.guard:
            script.assume(name, term)
        cases = [f"(not {script.member(slots, refused)})"] if refused else []
        for value, keys in sorted(behind.items()):
            source = script.member(slots, keys)
            target = script.member(written, {value}, after=True)
            cases.append(f"(or (not {source}) {target})")
        return script.text(_all(cases))


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
        self._reached = Reached(tuple(groups))

    def reached(self, move: Move) -> Reached:
        """The control states in which a move may be accepted: any."""
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
    goal = _all(list(invariant.conjuncts))
    return script.text(goal)


def keeps(
    table: Table, states: Explored | Joined, number: int, conjunct: int, move: Move, assumed: Sequence[int]
) -> str | None:
    """That a move keeps a conjunct of an invariant; None where it writes nothing that the conjunct mentions."""
    invariant = table.system.invariants[number]
    term = invariant.conjuncts[conjunct]
    script = Script(table, f"{move.label}: keeps {invariant.name}, conjunct {conjunct}", move)
    goal = term if invariant.over_step else script.after(term)
    if not invariant.over_step and goal == term:
        return None
    terms = [goal] if invariant.over_step else [term]
    for name, guard in move.guard:
        script.assume(name, guard)
        terms.append(guard)
    for one in (number, *assumed):
        other = table.system.invariants[one]
        if not other.over_step:
            for part in other.conjuncts:
                script.assume(f"invariant {other.name}", part)
                terms.append(part)
    terms += [write.term for write in move.writes.values()]
    names = {name.removesuffix("'") for name in table.variables_of(terms)}
    states.reached(move).assume(script, names)
    return script.text(goal)


def _all(terms: Sequence[str]) -> str:
    return "true" if not terms else terms[0] if len(terms) == 1 else f"(and {' '.join(terms)})"
