"""Formulas as Python source: interned first, so that a subformula that is used twice is computed once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from callproof.errors import InternalError
from callproof.expr import (
    WORD_MAX,
    Add,
    And,
    BitAnd,
    Const,
    Eq,
    Ite,
    Node,
    Not,
    Or,
    Sub,
    Ule,
    Ult,
    Var,
    children,
)

Key = tuple[str, tuple[int, ...], int | str]

_BINARY = {"eq": "({} == {})", "ult": "({} < {})", "ule": "({} <= {})", "bitand": "({} & {})"}
_MODULAR = {"add": "({} + {} & {})", "sub": "({} - {} & {})"}
_OPERATOR: dict[type, str] = {Eq: "eq", Ult: "ult", Ule: "ule", Add: "add", Sub: "sub", BitAnd: "bitand"}

_DEPTH = 12
"""Nesting past which an expression gets a name: Python's own parser gives up at some 100."""
_WEIGHT = 3
"""Operations from which on a shared expression is worth a name."""

Made = tuple[str, int, int]
"""The text of an expression, its depth, and its weight in operations."""


class Table:
    """Interned formulas: equal ones have equal numbers, and what is constant is folded."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self._index: dict[Key, int] = {}
        # By identity: hashing a frozen node hashes all of it. The node is kept so that its id stays its own.
        self._seen: dict[int, tuple[int, Node]] = {}
        self.false, self.true = self._add("const", (), 0), self._add("const", (), 1)

    def _add(self, op: str, args: tuple[int, ...], extra: int | str = 0) -> int:
        key = (op, args, extra)
        found = self._index.get(key)
        if found is None:
            found = self._index[key] = len(self.keys)
            self.keys.append(key)
        return found

    def intern(self, root: Node) -> int:
        """The number of a formula."""
        seen = self._seen
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in seen:
                stack.pop()
                continue
            parts = children(node)
            waiting = [part for part in parts if id(part) not in seen]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            stack.pop()
            seen[id(node)] = (self._make(node, tuple(seen[id(part)][0] for part in parts)), node)
        return seen[id(root)][0]

    def _make(self, node: Node, args: tuple[int, ...]) -> int:
        match node:
            case Const():
                return self._add("const", (), node.value)
            case Var():
                return self._add("var", (), node.name)
            case Not():
                return self._not(args[0])
            case And():
                return self._junction("and", args, self.true, self.false)
            case Or():
                return self._junction("or", args, self.false, self.true)
            case Ite():
                return self._choice(*args)
            case Eq() | Ult() | Ule() | Add() | Sub() | BitAnd():
                return self._add(_OPERATOR[type(node)], args)

    def _not(self, arg: int) -> int:
        if arg in (self.false, self.true):
            return self.true + self.false - arg
        op, args, _ = self.keys[arg]
        return args[0] if op == "not" else self._add("not", (arg,))

    def _junction(self, op: str, args: tuple[int, ...], neutral: int, zero: int) -> int:
        parts: dict[int, None] = {}
        for arg in args:
            inner = self.keys[arg]
            parts.update(dict.fromkeys(inner[1] if inner[0] == op else (arg,)))
        parts.pop(neutral, None)
        if zero in parts:
            return zero
        if len(parts) < 2:
            return next(iter(parts), neutral)
        return self._add(op, tuple(parts))

    def _choice(self, cond: int, then: int, other: int) -> int:
        if then == other or cond == self.true:
            return then
        return other if cond == self.false else self._add("ite", (cond, then, other))

    def variables(self, roots: Iterable[int]) -> set[str]:
        """The names of the variables that formulas mention."""
        return {str(self.keys[n][2]) for n in self.reach(roots) if self.keys[n][0] == "var"}

    def reach(self, roots: Iterable[int]) -> dict[int, int]:
        """Every subformula, and how often it is used."""
        uses: dict[int, int] = {}
        stack = list(roots)
        while stack:
            number = stack.pop()
            uses[number] = uses.get(number, 0) + 1
            if uses[number] == 1:
                stack.extend(self.keys[number][1])
        return uses


class Statements(ABC):
    """The statements of one generated function, and the expression of each formula that stands in them."""

    def __init__(self, table: Table, roots: Iterable[int]) -> None:
        self.table = table
        self.lines: list[str] = []
        self._uses = table.reach(roots)
        self._made: dict[int, Made] = {}
        """What can be written as it stands here, by the number of the formula."""
        self._indent = " "

    def line(self, text: str) -> None:
        """Add a statement."""
        self.lines.append(self._indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Statements under a condition or in a loop; what is named inside is unknown behind it."""
        self.line(head)
        made, indent = dict(self._made), self._indent
        self._indent += " "
        try:
            yield
        finally:
            self._made, self._indent = made, indent

    @abstractmethod
    def variable(self, name: str) -> str:
        """The expression of a variable."""

    def shared(self, number: int, depth: int) -> bool:
        """The formula is better named than written out: it is used twice, or nested too deeply."""
        return depth > _DEPTH or self._uses.get(number, 0) > 1

    def join(self, number: int, made: Sequence[Made]) -> Made:
        """The formula, given its parts; one that is worth a name is assigned to it."""
        op, _, extra = self.table.keys[number]
        text = self._text(op, [text for text, _, _ in made], extra)
        depth = 1 + max((depth for _, depth, _ in made), default=0)
        weight = sum(weight for _, _, weight in made) + (op not in ("const", "var", "not"))
        if depth > _DEPTH or (weight >= _WEIGHT and self._uses.get(number, 0) > 1):
            self.line(f"t{number} = {text}")
            return f"t{number}", 0, 0
        return text, depth, weight

    def _text(self, op: str, args: list[str], extra: int | str) -> str:
        if op == "const":
            return str(extra)
        if op == "var":
            return self.variable(str(extra))
        if op == "not":
            return f"(not {args[0]})"
        if op in ("and", "or"):
            return f"({f' {op} '.join(args)})"
        if op == "ite":
            return f"({args[1]} if {args[0]} else {args[2]})"
        if op in _MODULAR:
            return _MODULAR[op].format(*args, WORD_MAX)
        if op in _BINARY:
            return _BINARY[op].format(*args)
        raise InternalError(f"no Python operator for {op}")


class Body(Statements):
    """A function on one state whose variables are all there; `place` gives the Python expression of each."""

    def __init__(self, table: Table, place: Callable[[str], str], roots: Sequence[int]) -> None:
        super().__init__(table, roots)
        self._place = place

    def variable(self, name: str) -> str:
        return self._place(name)

    def value(self, root: int) -> str:
        """The expression of a formula; shared parts are assigned to names before it."""
        stack = [root]
        while stack:
            number = stack[-1]
            if number in self._made:
                stack.pop()
                continue
            args = self.table.keys[number][1]
            waiting = [arg for arg in args if arg not in self._made]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            stack.pop()
            self._made[number] = self.join(number, [self._made[arg] for arg in args])
        return self._made[root][0]

    def check(self, number: int, fail: str, sense: bool = True, depth: int = 0) -> None:
        """Run the statement `fail` (which leaves the function) unless the formula has the truth value `sense`.

        Guards become `if` blocks, so that what a guard rules out is not computed, shared or not.
        """
        op, args, _ = self.table.keys[number]
        if op == "not":
            self.check(args[0], fail, not sense, depth)
        elif op not in ("and", "or") or self.shared(number, depth):
            self.line(f"if {'not ' if sense else ''}{self.value(number)}: {fail}")
        elif (op == "and") is sense:
            for arg in args:
                self.check(arg, fail, sense, depth)
        else:
            # The last part decides where the others do not: `not a or b` is `if a: b must hold`.
            guard = f" {op} ".join([self.value(arg) for arg in args[:-1]])
            with self.block(f"if {'not ' if sense else ''}({guard}):"):
                self.check(args[-1], fail, sense, depth + 1)
