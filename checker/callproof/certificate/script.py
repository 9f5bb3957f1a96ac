"""One obligation as an SMT-LIB 2.6 script: what its terms need is declared and defined, and nothing else."""

from __future__ import annotations

from callproof.certificate.diagram import Diagram
from callproof.certificate.system import Move, Table, literal, sort_text, width
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
        self._needed: dict[str, None] = {}

    # -- what is asserted -----------------------------------------------------------------------------------------

    def assume(self, name: str, term: str) -> None:
        """Assert a term under a name, which is made distinct."""
        seen = self._names[name] = self._names.get(name, 0) + 1
        for symbol in self._table.symbols(term):
            self._need_symbol(symbol)
        self._asserted.append((name if seen == 1 else f"{name} {seen}", term))

    def after(self, term: str) -> str:
        """The term in the state after the move."""
        return renamed(term, self._renamed)

    def _renamed(self, name: str) -> str:
        if name in self._table.definitions:
            touched = not self._table.defined_by(name).isdisjoint(self._writes)
            return name + AFTER if touched else name
        return name + PRIME if name in self._writes else name

    def member(self, made: Diagram) -> str:
        """A term: the control state is in the set."""
        for name in made.names:
            self._need_symbol(name)
        self._memberships += made.lines
        return made.root

    # -- what that needs ------------------------------------------------------------------------------------------

    def _need_symbol(self, name: str) -> None:
        """With everything that it stands for; without recursion, since definitions may be nested deeply."""
        if name in self._needed:
            return
        stack = [name]
        while stack:
            one = stack.pop()
            if one in self._needed:
                continue
            self._needed[one] = None
            if one in self._table.definitions:
                stack += self._table.symbols(self._table.definitions[one].term)
            elif one.endswith(AFTER) and one[: -len(AFTER)] in self._table.definitions:
                term = self._table.definitions[one[: -len(AFTER)]].term
                stack += [self._renamed(n) for n in self._table.symbols(term)]
            elif one.endswith(PRIME) and one not in self._table.variables:
                base = one[: -len(PRIME)]
                stack += self._table.symbols(self._writes[base].term) if base in self._writes else [base]

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
                if variable.sort == "enumeration" and variable.values < 1 << width(variable):
                    lines.append(f"(assert (bvule {symbol} {literal(variable, variable.values - 1)}))")
        own = None if self._move is None else self._move.action.marker
        for marker in sorted(self._table.markers & set(self._needed)):
            lines.append(f"(define-fun {quoted(marker)} () Bool {'true' if marker == own else 'false'})")
        return lines

    def _definitions(self) -> list[str]:
        """Definitions of the state before, then the variables after the move, then what mentions those."""
        early: list[str] = []
        late: list[str] = []
        for d in self._table.system.definitions:
            if d.name in self._needed:
                (late if d.name in self._table.late else early).append(f"(define-fun {d.name} () {d.sort} {d.term})")
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
        for symbol in mentioned(goal):
            self._need_symbol(symbol)
        head = [f"; {self._title}", "(set-info :smt-lib-version 2.6)", "(set-info :status unsat)", "(set-logic QF_BV)"]
        body = [f"(assert (! {term} :named {quoted(name)}))" for name, term in self._asserted]
        body.append(f"(assert (! (not {goal}) :named |goal|))")
        return "\n".join(
            [*head, *self._declarations(), *self._definitions(), *self._memberships, *body, "(check-sat)\n"]
        )
