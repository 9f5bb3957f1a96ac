"""Folded formulas on a world some of whose values are not known: true, false, or neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from callproof.errors import InternalError
from callproof.expr import WORD_MAX
from callproof.model.system import passed, returned
from callproof.parametric.places import HANDLE_MARK
from callproof.parametric.program import Program, Rule
from callproof.parametric.unknown import Unknown, Value
from callproof.parametric.world import Group, Handles, World

Read = Callable[[Group, Handles, int], Value]
"""The value of a slot of the record of some resources."""

_WORDS: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b & WORD_MAX,
    "sub": lambda a, b: a - b & WORD_MAX,
    "bitand": lambda a, b: a & b,
    "ult": lambda a, b: int(a < b),
    "ule": lambda a, b: int(a <= b),
}


class Evaluator:
    """Evaluates the formulas of one call. A truth value is 0, 1 or an `Unknown`."""

    def __init__(
        self,
        program: Program,
        world: World,
        handles: Handles,
        args: tuple[Value, ...],
        results: tuple[Value, ...],
        read: Read | None = None,
    ) -> None:
        self.program, self.world, self.handles = program, world, handles
        self._table, self._read = program.table, read or self._stored
        self._own = program.own
        self._passed = {passed(name, sort).name: args[n] for n, (name, sort) in enumerate(program.params)}
        self._results = [returned(r.name, r.sort).name for r in program.results]
        self._passed |= dict(zip(self._results, results, strict=True))
        self._known: dict[int, Value] = {}
        self._bound: dict[str, int] = {}

    def _stored(self, group: Group, handles: Handles, slot: int) -> Value:
        return self.world.record(group, handles)[slot]

    def give(self, result: int, value: Value) -> None:
        """Another value for a result; what was computed before is forgotten."""
        self._passed[self._results[result]] = value
        self._known.clear()

    def fails(self, rules: tuple[Rule, ...]) -> tuple[list[Rule], list[Rule]]:
        """The rules that do not hold, and those of which that cannot be said."""
        values = [(rule, self.value(rule.number)) for rule in rules]
        return [r for r, v in values if type(v) is int and not v], [r for r, v in values if isinstance(v, Unknown)]

    def value(self, number: int) -> Value:
        """The value of a formula."""
        op, args, extra = self._table.keys[number]
        if op == "const":
            return int(extra)
        bound = bool(self._bound) and any(kind in self._bound for kind, _ in self._table.others(number))
        if not bound and number in self._known:
            return self._known[number]
        found = self._value(op, args, str(extra))
        if not bound:
            self._known[number] = found
        return found

    def _value(self, op: str, args: tuple[int, ...], extra: str) -> Value:
        if op == "var":
            return self._variable(extra)
        if op in ("all", "any"):
            return self._each(args[0], extra, int(op == "any"))
        if op in ("and", "or"):
            return self._junction((self.value(arg) for arg in args), int(op == "or"))
        if op == "not":
            inner = self.value(args[0])
            return Unknown() if isinstance(inner, Unknown) else 1 - inner
        if op == "ite":
            return self._choice(args)
        left, right = self.value(args[0]), self.value(args[1])
        if op == "eq":
            return _equal(left, right)
        if op not in _WORDS:
            raise InternalError(f"no value of {op}")
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return int(op == "ule") if left is right and op in ("ule", "ult") else Unknown()
        return _WORDS[op](left, right)

    def _choice(self, args: tuple[int, ...]) -> Value:
        cond = self.value(args[0])
        if not isinstance(cond, Unknown):
            return self.value(args[1] if cond else args[2])
        then, other = self.value(args[1]), self.value(args[2])
        same = _equal(then, other)
        return then if type(same) is int and same else Unknown()

    @staticmethod
    def _junction(parts: Iterable[Value], decides: int) -> Value:
        found: Value = 1 - decides
        for part in parts:
            if isinstance(part, Unknown):
                found = part if not isinstance(found, Unknown) else Unknown()
            elif part == decides:
                return decides
        return found

    def others(self, kind: str) -> list[int]:
        """The handles of the resources of a kind that are followed, but for those that the call names."""
        own = {self.handles[position] for (k, _), position in self._own.items() if k == kind}
        return [h for h in self.world.tables[self.world.places.numbers[kind]] if h not in own]

    def _each(self, body: int, kind: str, decides: int) -> Value:
        values = []
        for handle in self.others(kind):
            found = self.value_at(body, {kind: handle})
            if type(found) is int and found == decides:
                return decides
            values.append(found)
        if kind in self.world.unseen:
            values.append(Unknown())
        return self._junction(values, decides)

    def value_at(self, number: int, where: dict[str, int]) -> Value:
        """The value of a formula about particular other resources, one of each kind."""
        before = self._bound
        self._bound = {**before, **where}
        found = self.value(number)
        self._bound = before
        return found

    def place(self, name: str) -> tuple[Group, Handles, int] | None:
        """Where a variable of the formulas stands now; None for what was passed or returned."""
        place = self.world.places.find(name)
        if place is None:
            return None
        return place.kinds, tuple(map(self.handle, place.kinds, place.indices)), place.slot

    def handle(self, kind: str, index: int) -> int:
        """The handle of a resource that the formulas mention."""
        position = self._own.get((kind, index))
        return self._bound[kind] if position is None else self.handles[position]

    def _variable(self, name: str) -> Value:
        if name.startswith(HANDLE_MARK):
            kind, index = name[1:-1].split("[")
            return self.handle(kind, int(index)) + 1
        found = self.place(name)
        return self._passed[name] if found is None else self._read(*found)


def _equal(left: Value, right: Value) -> Value:
    if left is right:
        return 1
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return Unknown()
    return int(left == right)
