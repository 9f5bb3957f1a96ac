"""Rules over all other resources, found in formulas that were written out for a few.

A body is recorded with three resources of each kind beside those that the call names: a blank one, which no log
names, and two more. What a formula says of the three alike, it says of each: `and` becomes `all`, `or` becomes `any`.
There is always a resource that no call has touched, so the rule is stated for a blank one too, where all is zero; that
mostly says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from callproof.expr import WORD_MAX, Const, Node
from callproof.parametric.places import HANDLE_MARK, Places, resources
from callproof.semantics.source import Table

BLANK = 1
"""The index of the resource that no log names; a stored handle that was never set names it."""

QUANTIFIERS = {"and": "all", "or": "any"}


class NotUniform(Exception):
    """A formula treats other resources in a way that is no rule over each of them."""


class Folded(Table):
    """Interned formulas with quantifiers: `("all", (body,), kind)`, whose body speaks of the kind's sample.

    `samples` are the indices of the two other resources of each kind.
    """

    def __init__(self, places: Places, samples: Mapping[str, tuple[int, int]]) -> None:
        super().__init__()
        self._places, self._samples = places, samples
        self._mentioned: dict[int, frozenset[tuple[str, int]]] = {}
        self._folded: dict[tuple[int, frozenset[str]], int] = {}

    def _make(self, node: Node, args: tuple[int, ...]) -> int:
        if isinstance(node, Const) and node.value and self._places.is_handle(node.sort):
            return self._add("var", (), f"{HANDLE_MARK}{node.sort.name}[{node.value + 1}]")
        return super()._make(node, args)

    def sample(self, kind: str) -> int:
        """The index that stands for any other resource of a kind."""
        return self._samples[kind][0]

    def others(self, number: int) -> frozenset[tuple[str, int]]:
        """The resources that a formula mentions beside those that the call names, bound ones left out."""
        found = self._mentioned.get(number)
        if found is None:
            op, args, extra = self.keys[number]
            if op == "var":
                every = resources(str(extra), self._places)
                found = frozenset(r for r in every if r[1] in (BLANK, *self._samples[r[0]]))
            else:
                found = frozenset().union(*map(self.others, args))
            if op in ("all", "any"):
                found -= {(str(extra), self.sample(str(extra)))}
            self._mentioned[number] = found
        return found

    def rename(self, number: int, kind: str, to: int, seen: dict[int, int] | None = None) -> int:
        """The formula with another resource in the place of the kind's sample."""
        seen = {} if seen is None else seen
        if (kind, self.sample(kind)) not in self.others(number):
            return number
        if number not in seen:
            op, args, extra = self.keys[number]
            made = tuple(self.rename(arg, kind, to, seen) for arg in args)
            seen[number] = self._renamed(str(extra), kind, to) if op == "var" else self.build(op, made, extra)
        return seen[number]

    def _renamed(self, name: str, kind: str, to: int) -> int:
        if name.startswith(HANDLE_MARK):
            return self._add("const", (), 0) if to == BLANK else self._add("var", (), f"{HANDLE_MARK}{kind}[{to}]")
        return self._add("var", (), moved(name, self._places, kind, self.sample(kind), to))

    def build(self, op: str, args: tuple[int, ...], extra: int | str) -> int:
        """A formula of an operator; constants are folded as they are for nodes."""
        if op == "and":
            return self._junction("and", args, self.true, self.false)
        if op == "or":
            return self._junction("or", args, self.false, self.true)
        if op == "not":
            return self._not(args[0])
        if op == "ite":
            return self._choice(*args)
        known = _computed(op, args, [self.keys[arg] for arg in args])
        return self._add(op, args, extra) if known is None else self._add("const", (), known)

    def without(self, body: int, kind: str) -> int:
        """The body of a rule over a kind, said of a blank resource."""
        return self.zeroed(self.rename(body, kind, BLANK))

    def zeroed(self, number: int, seen: dict[int, int] | None = None) -> int:
        """The formula with every variable of a blank resource replaced by its value, zero."""
        seen = {} if seen is None else seen
        if all(index != BLANK for _, index in self.others(number)):
            return number
        if number not in seen:
            op, args, extra = self.keys[number]
            made = tuple(self.zeroed(arg, seen) for arg in args)
            seen[number] = self._add("const", (), 0) if op == "var" else self.build(op, made, extra)
        return seen[number]

    def fold(self, number: int, bound: frozenset[str] = frozenset()) -> int:
        """The formula with quantifiers, in a place where the samples of the `bound` kinds stand for one resource each.

        Raises `NotUniform` where two other resources are told apart.
        """
        found = self._folded.get((number, bound))
        if found is None:
            op, args, extra = self.keys[number]
            if op in QUANTIFIERS:
                found = self._fold_junction(op, list(args), bound)
            else:
                found = self.build(op, tuple(self.fold(arg, bound) for arg in args), extra) if args else number
            self._folded[number, bound] = found
        return found

    def _fold_junction(self, op: str, parts: list[int], bound: frozenset[str]) -> int:
        done: list[int] = []
        for kind, (sample, second) in self._samples.items():
            if kind in bound:
                continue
            about: dict[int, list[int]] = {sample: [], BLANK: [], second: []}
            for part in parts:
                named = [index for index in about if (kind, index) in self.others(part)]
                if len(named) == 1:  # one that names several holds a rule over the kind inside
                    about[named[0]].append(part)
            concerned = [p for found in about.values() for p in found]
            if not concerned:
                continue
            for index in (BLANK, second):
                if {self.rename(p, kind, index) for p in about[sample]} != set(about[index]):
                    raise NotUniform
            body = self.fold(self.build(op, tuple(about[sample]), 0), bound | {kind})
            done.append(self._add(QUANTIFIERS[op], (body,), kind))
            done.append(self.fold(self.zeroed(self.build(op, tuple(about[BLANK]), 0)), bound))
            parts = [p for p in parts if p not in concerned]
        return self.build(op, (*(self.fold(p, bound) for p in parts), *done), 0)

    def closed(self, formulas: Iterable[Node], bound: frozenset[str] = frozenset()) -> int:
        """The conjunction of formulas, folded; of other resources it may mention the samples of `bound` kinds only."""
        number = self.fold(self.build("and", tuple(self.intern(f) for f in formulas), 0), bound)
        return self.only(number, bound)

    def only(self, number: int, bound: frozenset[str]) -> int:
        """The same folded formula; `NotUniform` where it mentions other resources than the samples of `bound`."""
        if not self.others(number) <= {(kind, self.sample(kind)) for kind in bound}:
            raise NotUniform
        return number


def moved(name: str, places: Places, kind: str, old: int, new: int) -> str:
    """The name of a variable of one resource as that of another of its kind."""
    place = places.find(name)
    if place is None:
        return name
    pieces = name.split("[")
    for n, (owner, index) in enumerate(zip(place.kinds, place.indices, strict=True), 1):
        if owner == kind and index == old:
            pieces[n] = f"{new}{pieces[n][len(str(index)) :]}"
    return "[".join(pieces)


def _computed(op: str, args: tuple[int, ...], keys: list[tuple[str, tuple[int, ...], int | str]]) -> int | None:
    """The value of an operation that does not depend on its variables; None where it does."""
    left, right = (
        (int(extra) if kind == "const" else None for kind, _, extra in keys) if len(keys) == 2 else (None,) * 2
    )
    if op in ("eq", "ule") and (args[0] == args[1] or (op == "ule" and left == 0)):
        return 1
    if (op == "ult" and (args[0] == args[1] or right == 0)) or (op == "bitand" and 0 in (left, right)):
        return 0
    if left is None or right is None:
        return None
    return {
        "eq": int(left == right), "ult": int(left < right), "ule": int(left <= right), "bitand": left & right,
        "add": left + right & WORD_MAX, "sub": left - right & WORD_MAX,
    }.get(op)  # fmt: skip
