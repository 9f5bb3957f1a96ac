"""One obligation as an SMT-LIB 2.6 script: what its terms need is declared and defined, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from callproof.certificate.system import Move, Slot, Table, literal, sort_text
from callproof.certificate.terms import PRIME, mentioned, quoted, renamed

AFTER = "n"
"""Appended to a definition's name, it names the definition after the move."""


class Script:
    """Assertions about one state and, with a move, the state after it."""

    def __init__(self, table: Table, title: str, move: Move | None = None, initial: bool = False) -> None:
        self._table, self._title, self._move, self._initial = table, title, move, initial
        self._writes = {} if move is None else move.writes
        self._asserted: list[tuple[str, str]] = []
        self._names: dict[str, int] = {}
        self._memberships: list[str] = []
        self._nodes = 0
        self._needed: dict[str, None] = {}

    # -- what is asserted -----------------------------------------------------------------------------------------

    def assume(self, name: str, term: str) -> None:
        """Assert a term under a name, which is made distinct."""
        seen = self._names[name] = self._names.get(name, 0) + 1
        self._need(term)
        self._asserted.append((name if seen == 1 else f"{name} {seen}", term))

    def after(self, term: str) -> str:
        """The term in the state after the move."""
        return renamed(term, self._renamed)

    def _renamed(self, name: str) -> str:
        if name in self._table.definitions:
            touched = not self._table.defined_by(name).isdisjoint(self._writes)
            return name + AFTER if touched else name
        return name + PRIME if name in self._writes else name

    def member(self, slots: Sequence[Slot], keys: Iterable[int], after: bool = False) -> str:
        """A term: the control state (after the move) projects on one of the keys.

        A decision diagram over the variables, the last at its leaves: equal ways to go on are said once.
        """
        nodes = {key: "true" for key in keys}
        names = [self._state_name(slot, after) for slot in slots]
        for name in names:
            self._need_symbol(name)
        for slot, name in zip(reversed(slots), reversed(names), strict=True):
            grouped: dict[int, list[tuple[int, str]]] = {}
            for key, node in sorted(nodes.items()):
                grouped.setdefault(key & ~slot.mask, []).append(((key & slot.mask) >> slot.shift, node))
            known: dict[tuple[tuple[int, str], ...], str] = {}
            nodes = {}
            for rest, branches in grouped.items():
                shape = tuple(branches)
                if shape not in known:
                    known[shape] = self._node(slot, quoted(name), shape)
                nodes[rest] = known[shape]
        return nodes.get(0, "false")

    def _state_name(self, slot: Slot, after: bool) -> str:
        name = slot.variable.name
        return name + PRIME if after and name in self._writes else name

    def _node(self, slot: Slot, symbol: str, branches: tuple[tuple[int, str], ...]) -> str:
        targets: dict[str, list[int]] = {}
        for value, node in branches:
            targets.setdefault(node, []).append(value)
        full = slot.variable.values if slot.variable.sort == "enumeration" else 2
        if len(targets) == 1 and len(branches) == full:
            return branches[0][1]
        parts = []
        for node, values in targets.items():
            tests = [f"(= {symbol} {literal(slot.variable, value)})" for value in values]
            test = tests[0] if len(tests) == 1 else f"(or {' '.join(tests)})"
            parts.append(test if node == "true" else f"(and {test} {node})")
        text = parts[0] if len(parts) == 1 else f"(or {' '.join(parts)})"
        self._nodes += 1
        self._memberships.append(f"(define-fun r{self._nodes} () Bool {text})")
        return f"r{self._nodes}"

    # -- what that needs ------------------------------------------------------------------------------------------

    def _need(self, term: str) -> None:
        for name in mentioned(term):
            self._need_symbol(name)

    def _need_symbol(self, name: str) -> None:
        """With everything that it stands for; without recursion, since definitions may be nested deeply."""
        stack = [name]
        while stack:
            one = stack.pop()
            if one in self._needed:
                continue
            self._needed[one] = None
            if one in self._table.definitions:
                stack += mentioned(self._table.definitions[one].term)
            elif one.endswith(AFTER) and one[: -len(AFTER)] in self._table.definitions:
                stack += [self._renamed(n) for n in mentioned(self._table.definitions[one[: -len(AFTER)]].term)]
            elif one.endswith(PRIME) and one not in self._table.variables:
                base = one[: -len(PRIME)]
                stack += mentioned(self._writes[base].term) if base in self._writes else [base]

    def _declarations(self) -> list[str]:
        chosen = dict(self._move.choices) if self._move is not None else {}
        lines = []
        for variable in self._table.system.variables:
            if variable.name not in self._needed:
                continue
            symbol, sort = quoted(variable.name), sort_text(variable)
            if variable.name in chosen:
                lines.append(f"(define-fun {symbol} () {sort} {literal(variable, chosen[variable.name])})")
            elif self._initial and variable.role != "input":
                lines.append(f"(define-fun {symbol} () {sort} {literal(variable, 0)})")
            else:
                lines.append(f"(declare-const {symbol} {sort})")
                if variable.sort == "enumeration" and variable.values & (variable.values - 1):
                    lines.append(f"(assert (bvule {symbol} {literal(variable, variable.values - 1)}))")
        own = None if self._move is None else self._move.action.marker
        for marker in sorted(self._table.markers & set(self._needed)):
            lines.append(f"(define-fun {quoted(marker)} () Bool {'true' if marker == own else 'false'})")
        return lines

    def _definitions(self) -> list[str]:
        """Definitions of the state before, then the variables after the move, then what mentions those."""
        early, late = [], []
        for d in self._table.system.definitions:
            over_step = not self._table.defined_by(d.name) <= self._table.variables.keys()
            if d.name in self._needed:
                (late if over_step else early).append(f"(define-fun {d.name} () {d.sort} {d.term})")
            if d.name + AFTER in self._needed:
                late.append(f"(define-fun {d.name}{AFTER} () {d.sort} {self.after(d.term)})")
        primes = []
        for variable in self._table.system.variables:
            name = variable.name + PRIME
            if name in self._needed and variable.role != "input":
                written = self._writes.get(variable.name)
                value = quoted(variable.name) if written is None else written.term
                primes.append(f"(define-fun {quoted(name)} () {sort_text(variable)} {value})")
        return [*early, *primes, *late]

    def text(self, goal: str) -> str:
        """The whole script: everything assumed, and that `goal` does not hold."""
        self._need(goal)
        head = [f"; {self._title}", "(set-info :smt-lib-version 2.6)", "(set-info :status unsat)", "(set-logic QF_BV)"]
        body = [f"(assert (! {term} :named {quoted(name)}))" for name, term in self._asserted]
        body.append(f"(assert (! (not {goal}) :named |goal|))")
        return "\n".join([*head, *self._declarations(), *self._definitions(), *self._memberships, *body, "(check-sat)\n"])
