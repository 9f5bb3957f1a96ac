"""One obligation as an SMT-LIB 2.6 script: what its terms need is declared and defined, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from callproof.certificate.diagram import Diagram
from callproof.certificate.order import by_order
from callproof.certificate.records import Refused, Variable
from callproof.certificate.system import Move, Table, literal, sort_text, width
from callproof.certificate.terms import PRIME, mentioned, quoted, renamed

GOAL = "goal"

AFTER = "n"
"""Appended to a definition's name, it names the definition after the move."""


class Script:
    """Assertions about one state and, with a move, the state after it."""

    def __init__(self, table: Table, title: str, move: Move | None = None, initial: bool = False) -> None:
        self._table, self._title, self._move, self._initial = table, title, move, initial
        self._writes = {} if move is None else move.writes
        self._chosen = {} if move is None else dict(move.choices)
        self._asserted: list[tuple[str, str]] = []
        self._names: dict[str, int] = {}
        self._memberships: list[str] = []
        self._needed: dict[str, str] = {}
        """What is declared and defined, in that order; so mirror images of obligations differ in names alone."""

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
        """Declare or define it behind all that it stands for; without recursion, for definitions may be deep."""
        stack = [name]
        while stack:
            one = stack[-1]
            if one in self._needed:
                stack.pop()
                continue
            line, symbols = self._meaning(one)
            open_ = [n for n in symbols if n not in self._needed]
            if open_:
                stack += reversed(open_)
            else:
                self._needed[one] = line
                stack.pop()

    def _meaning(self, name: str) -> tuple[str, Sequence[str]]:
        """The command that declares or defines a symbol, and the symbols that it mentions."""
        table = self._table
        if name in table.variables:
            return self._declaration(table.variables[name]), ()
        if name in table.definitions:
            d = table.definitions[name]
            return f"(define-fun {name} () {d.sort} {d.term})", table.symbols(d.term)
        if name in table.markers:
            own = self._move is not None and name == self._move.action.marker
            return f"(define-fun {quoted(name)} () Bool {'true' if own else 'false'})", ()
        if name.startswith("$"):
            d = table.definitions[name.removesuffix(AFTER)]
            symbols = [self._renamed(n) for n in table.symbols(d.term)]
            return f"(define-fun {name} () {d.sort} {self.after(d.term)})", symbols
        variable = table.variables[name.removesuffix(PRIME)]
        written = self._writes.get(variable.name)
        value = quoted(variable.name) if written is None else written.term
        return f"(define-fun {quoted(name)} () {sort_text(variable)} {value})", table.symbols(value)

    def _declaration(self, variable: Variable) -> str:
        symbol, sort = quoted(variable.name), sort_text(variable)
        value = 0 if self._initial and variable.role != "input" else self._chosen.get(variable.name)
        if value is not None:
            return f"(define-fun {symbol} () {sort} {literal(variable, value)})"
        line = f"(declare-const {symbol} {sort})"
        if variable.sort == "enumeration" and variable.values < 1 << width(variable):
            line += f"\n(assert (bvule {symbol} {literal(variable, variable.values - 1)}))"
        return line

    def text(self, goals: Sequence[str], *, order: bool = False) -> str:
        """The whole script: everything assumed, and that some goal does not hold; with `order`, by order alone."""
        for goal in goals:
            for symbol in mentioned(goal):
                self._need_symbol(symbol)
        self._require_distinct([*(name for name, _ in self._asserted), GOAL])
        body = [f"(assert (! {term} :named {quoted(name)}))" for name, term in self._asserted]
        names = [f"${GOAL}{number}" for number in range(len(goals))]
        body += [f"(define-fun {name} () Bool {goal})" for name, goal in zip(names, goals, strict=True)]
        body.append(f"(assert (! (not {together(names)}) :named {quoted(GOAL)}))")
        logic, commands = "QF_BV", "\n".join([*self._needed.values(), *self._memberships, *body])
        if order:
            logic, commands = by_order(commands)
        head = [f"; {self._title}", "(set-info :smt-lib-version 2.6)", "(set-info :status unsat)"]
        return "\n".join([*head, f"(set-logic {logic})", commands, "(check-sat)\n"])

    def _require_distinct(self, labels: list[str]) -> None:
        """No assertion is called what a variable is called: a solver could take the one for the other."""
        for label in labels:
            if label in self._table.names:
                raise Refused(f"{self._title}: a condition and a variable are both called {label[:80]}")


def together(terms: Sequence[str]) -> str:
    """The conjunction of some terms."""
    return "true" if not terms else terms[0] if len(terms) == 1 else f"(and {' '.join(terms)})"
