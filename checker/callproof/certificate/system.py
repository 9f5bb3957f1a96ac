"""A certificate's transition system, looked through: its moves, and what each of its terms mentions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from callproof.certificate.records import Action, Invariant, Outcome, Refused, System, Variable, Write
from callproof.certificate.terms import PRIME, mentioned, require_term

WORD_BITS = 64
MOVE_LIMIT = 20_000
CONTROL_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Slot:
    """A control variable, and where it lies in the packed control state."""

    variable: Variable
    shift: int
    width: int

    @property
    def mask(self) -> int:
        return ((1 << self.width) - 1) << self.shift

    @property
    def values(self) -> int:
        """How many values the variable has."""
        return self.variable.values if self.variable.sort == "enumeration" else 2


@dataclass(frozen=True, slots=True)
class Move:
    """An action with its choices made and an outcome."""

    number: int
    action: Action
    outcome: Outcome
    choices: tuple[tuple[str, int], ...]

    @property
    def family(self) -> tuple[str, str]:
        """The names of its action and its outcome."""
        return self.action.name, self.outcome.name

    @property
    def label(self) -> str:
        """The move as a person names it."""
        chosen = "".join(f", {name} = {value}" for name, value in self.choices)
        return f"{self.action.name}, outcome {self.outcome.name}{chosen}"

    @property
    def guard(self) -> list[tuple[str, str]]:
        """The terms under which it is accepted, each with what it is."""
        return [(c.name, c.term) for c in self.action.clauses] + [("outcome", self.outcome.when)]

    @property
    def writes(self) -> dict[str, Write]:
        """What it writes, by variable."""
        return {w.name: w for w in self.outcome.writes}


def width(variable: Variable) -> int:
    """The bits of a variable."""
    if variable.sort == "boolean":
        return 1
    return WORD_BITS if variable.sort == "word" else max(1, (variable.values - 1).bit_length())


def sort_text(variable: Variable) -> str:
    """The SMT-LIB sort of a variable."""
    return "Bool" if variable.sort == "boolean" else f"(_ BitVec {width(variable)})"


def literal(variable: Variable, value: int) -> str:
    """A value of a variable's sort."""
    if variable.sort == "boolean":
        return "true" if value else "false"
    return f"#b{value:0{width(variable)}b}"


class Table:
    """The symbols and moves of a system. Raises `Refused` for one that is not well formed."""

    def __init__(self, where: str, system: System) -> None:
        self._where, self.system = where, system
        self.variables = {v.name: v for v in system.variables}
        if len(self.variables) < len(system.variables):
            raise Refused(f"{where}: two variables of one name")
        if any(v.values < 1 and v.sort == "enumeration" for v in system.variables):
            raise Refused(f"{where}: an enumeration without values")
        if any(v.role == "control" and v.sort == "word" for v in system.variables):
            raise Refused(f"{where}: a control variable that is a word")
        self.state = frozenset(v.name for v in system.variables if v.role != "input")
        self.markers = frozenset(a.marker for a in system.actions)
        self.names = self.variables.keys() | self.markers | {name + PRIME for name in self.state}
        """What a script may call a variable."""
        self.slots = self._layout()
        self.definitions = {d.name: d for d in system.definitions}
        self._of: dict[str, frozenset[str]] = {}
        self._symbols: dict[str, tuple[str, ...]] = {}
        self._variables: dict[str, frozenset[str]] = {}
        self._check_terms()
        self.moves = tuple(self._moves())
        self.families: dict[tuple[str, str], list[Move]] = {}
        """The moves of each action and outcome, which differ in their choices."""
        for move in self.moves:
            self.families.setdefault(move.family, []).append(move)

    def _layout(self) -> dict[str, Slot]:
        slots: dict[str, Slot] = {}
        shift = 0
        for variable in self.system.variables:
            if variable.role == "control":
                slots[variable.name] = Slot(variable, shift, width(variable))
                shift += width(variable)
        if len(slots) > CONTROL_LIMIT:
            raise Refused(f"{self._where}: more than {CONTROL_LIMIT} control variables")
        return slots

    # -- terms ----------------------------------------------------------------------------------------------------

    def _check_terms(self) -> None:
        if len(self.definitions) < len(self.system.definitions):
            raise Refused(f"{self._where}: two definitions of one name")
        before = self.state | {v.name for v in self.system.variables}
        step = before | {name + PRIME for name in self.state} | self.markers
        if len(step) < len(before) + len(self.state) + len(self.markers):
            raise Refused(f"{self._where}: a name that means two things")
        for definition in self.system.definitions:
            self._of[definition.name] = self._check(f"definition {definition.name}", definition.term, step)
        for action in self.system.actions:
            self._check_action(action, before)
        for invariant in self.system.invariants:
            for conjunct in invariant.conjuncts:
                self._check(f"invariant {invariant.name}", conjunct, step if invariant.over_step else before)

    def _check_action(self, action: Action, before: frozenset[str]) -> None:
        where = f"action {action.name}"
        for clause in action.clauses:
            self._check(f"{where}, {clause.name}", clause.term, before)
        for outcome in action.outcomes:
            self._check(f"{where}, outcome {outcome.name}", outcome.when, before)
            if len({w.name for w in outcome.writes}) < len(outcome.writes):
                raise Refused(f"{self._where}: {where} writes a variable twice")
            for write in outcome.writes:
                if write.name not in self.state:
                    raise Refused(f"{self._where}: {where} writes {write.name}, which is no state variable")
                self._check(f"{where}, {write.name}", write.term, before)
        for name in action.choices:
            if name not in self.variables or self.variables[name].role != "input" or not self.variables[name].values:
                raise Refused(f"{self._where}: {where} chooses {name}, which is no enumerated input")
        if len(set(action.choices)) < len(action.choices):
            raise Refused(f"{self._where}: {where} chooses an input twice")

    def _check(self, what: str, term: str, known: frozenset[str]) -> frozenset[str]:
        require_term(f"{self._where}: {what}", term)
        found: set[str] = set()
        for name in mentioned(term):
            if name in self._of:
                found |= self._of[name]
            else:
                found.add(name)
        if not found <= known:
            raise Refused(f"{self._where}: {what} mentions {min(found - known)[:80]}, which it may not")
        return frozenset(found)

    def symbols(self, term: str) -> tuple[str, ...]:
        """The distinct symbols of one of the system's terms."""
        found = self._symbols.get(term)
        if found is None:
            found = self._symbols[term] = tuple(dict.fromkeys(mentioned(term)))
        return found

    def variables_of(self, term: str) -> frozenset[str]:
        """The variables that one of the system's terms mentions, through definitions as well."""
        found = self._variables.get(term)
        if found is None:
            made = (self._of.get(name, frozenset((name,))) for name in self.symbols(term))
            found = self._variables[term] = frozenset().union(*made)
        return found

    def data_of(self, term: str) -> frozenset[str]:
        """The variables of a term but control, and without regard to before and after."""
        names = {name.removesuffix(PRIME) for name in self.variables_of(term)}
        return frozenset(names - self.slots.keys() - self.markers)

    def defined_by(self, name: str) -> frozenset[str]:
        """The variables that a definition mentions."""
        return self._of[name]

    # -- moves ----------------------------------------------------------------------------------------------------

    def _moves(self) -> list[Move]:
        made: list[Move] = []
        for action in self.system.actions:
            ranges = [range(self.variables[name].values) for name in action.choices]
            for values in itertools.product(*ranges):
                for outcome in action.outcomes:
                    chosen = tuple(zip(action.choices, values, strict=True))
                    made.append(Move(len(made), action, outcome, chosen))
                    if len(made) > MOVE_LIMIT:
                        raise Refused(f"{self._where}: more than {MOVE_LIMIT:,} moves")
        return made

    @cached_property
    def control(self) -> tuple[Slot, ...]:
        """The control variables in their order."""
        return tuple(self.slots.values())

    def slots_of(self, names: Iterable[str]) -> tuple[Slot, ...]:
        """The control variables among some names, in their order."""
        wanted = set(names)
        return tuple(slot for slot in self.control if slot.variable.name in wanted)

    def instances(self, id: str) -> list[Invariant]:
        """The invariants of one id."""
        return [i for i in self.system.invariants if i.id == id]


def mask_of(slots: Iterable[Slot]) -> int:
    """The bits of some control variables."""
    mask = 0
    for slot in slots:
        mask |= slot.mask
    return mask
