"""Folded formulas as Python statements over a world; rules over all other resources become loops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from callproof.errors import InternalError
from callproof.model.system import passed, returned
from callproof.parametric.fold import Folded
from callproof.parametric.places import HANDLE_MARK, Place, Places
from callproof.parametric.program import Program
from callproof.semantics.source import Made, Statements

_LOOPING = frozenset({"all", "any"})
_COMPARING = _LOOPING | {"ult", "ule"}


class Emitter(Statements):
    """Writes the statements of one function on one program.

    Names in them: `F` tells that a clause could not be decided, `X` that an axiom could not; `W` is the world, `S` the
    session's record, `T0..` the tables, `P0..` the pairs, `U` the kinds with unseen resources, `h0..` handles, `a0..`
    parameters, `r0..` results, `x0..` the records of the handles, `k0..`, `y0..` handle and record of any other
    resource of a kind.
    """

    table: Folded

    def __init__(self, program: Program, places: Places, roots: Sequence[int]) -> None:
        super().__init__(program.table, roots)
        self.program, self.places = program, places
        self.flag = "F"
        self._holding: dict[tuple[int, frozenset[str]], bool] = {}
        self._sizes: dict[int, int] = {}
        self._own = program.own
        self._named: dict[tuple[tuple[str, ...], tuple[int, ...]], str] = {}
        self._passed = {passed(name, sort).name: f"a{n}" for n, (name, sort) in enumerate(program.params)}
        self._passed |= {returned(r.name, r.sort).name: f"r{n}" for n, r in enumerate(program.results)}

    def counting(self, roots: Sequence[int]) -> None:
        """From here on, what is used more than once in these formulas is worth a name."""
        self._uses = self.table.reach(roots)

    # -- names ------------------------------------------------------------------------------------------------------

    def handle(self, kind: str, index: int) -> str:
        """The handle of a resource that the program mentions."""
        position = self._own.get((kind, index))
        return f"k{self.places.numbers[kind]}" if position is None else f"h{position}"

    def record(self, place: Place) -> str:
        """The record in which a variable stands."""
        if not place.kinds:
            return "S"
        if len(place.kinds) == 1:
            position = self._own.get((place.kinds[0], place.indices[0]))
            return f"y{self.places.numbers[place.kinds[0]]}" if position is None else f"x{position}"
        pair = self.places.pairs.index(place.kinds)
        return self._named.get((place.kinds, place.indices)) or f"P{pair}.get({self.keys(place)}, Z{pair})"

    def keys(self, place: Place) -> str:
        """The handles of a place, as a tuple."""
        return f"({', '.join(self.handle(k, i) for k, i in zip(place.kinds, place.indices, strict=True))},)"

    def variable(self, name: str) -> str:
        if name.startswith(HANDLE_MARK):
            kind, index = name[1:-1].split("[")
            return f"({self.handle(kind, int(index))} + 1)"
        place = self.places.find(name)
        if place is not None:
            return f"{self.record(place)}[{place.slot}]"
        if name not in self._passed:
            raise InternalError(f"{self.program.call} mentions {name}, which is no variable, parameter or result")
        return self._passed[name]

    # -- formulas ---------------------------------------------------------------------------------------------------

    def value(self, number: int) -> str:
        """The expression of a formula; shared parts and loops are put before it."""
        return self._value(number)[0]

    def _value(self, number: int) -> Made:
        found = self._made.get(number)
        if found is None:
            op, args, extra = self.table.keys[number]
            if op in ("all", "any"):
                found = self._loop(number, op, args[0], str(extra)), 0, 0
            else:
                found = self.join(number, [self._value(arg) for arg in args])
            self._made[number] = found
        return found

    @contextmanager
    def each(self, kind: str, seen: bool = True, check: bool = False) -> Iterator[None]:
        """A loop over the other resources of a kind. `seen`: undecided where some were never seen."""
        number = self.places.numbers[kind]
        if seen:
            self.line(f"if U and {kind!r} in U: {f'{self.flag} = True' if check else 'raise Undecided'}")
        with self.block(f"for k{number}, y{number} in T{number}.items():"):
            mine = [f"k{number} == h{position}" for (k, _), position in self._own.items() if k == kind]
            if mine:
                self.line(f"if {' or '.join(mine)}: continue")
            yield

    def _loop(self, number: int, op: str, body: int, kind: str) -> str:
        self.line(f"t{number} = {op == 'all'}")
        pair = self._only_pair(body, op, kind)
        with self.unless_empty(body, op, kind), self.each(kind) if pair is None else self._each_pair(pair, kind):
            text = self.value(body)
            with self.block(f"if {'not ' if op == 'all' else ''}{text}:"):
                self.line(f"t{number} = {op != 'all'}")
                self.line("break")
        return f"t{number}"

    def _only_pair(self, body: int, op: str, kind: str) -> Place | None:
        """The pair of which alone a rule over a kind asks, if it holds of every pair that is not kept."""
        about: set[tuple[tuple[str, ...], tuple[int, ...]]] = set()
        for name in self.table.variables([body]):
            place = self.places.find(name)
            if self._about(place, kind):
                assert place is not None
                about.add((place.kinds, place.indices))
            elif place is None and name.startswith(f"{HANDLE_MARK}{kind}["):
                return None
        neutral = self.table.true if op == "all" else self.table.false
        if len(about) != 1 or self.table.without(body, kind) != neutral:
            return None
        kinds, indices = about.pop()
        return Place(kinds, indices, 0) if len(set(kinds)) == 2 else None

    @contextmanager
    def _each_pair(self, pair: Place, kind: str) -> Iterator[None]:
        """A loop over the kept pairs of a resource with others of a kind."""
        number, position = self.places.numbers[kind], pair.kinds.index(kind)
        self.line(f"if U and {kind!r} in U: raise Undecided")
        names = [f"k{number}", f"q{number}"] if position == 0 else [f"q{number}", f"k{number}"]
        with self.block(f"for ({', '.join(names)}), z{number} in P{self.places.pairs.index(pair.kinds)}.items():"):
            skipped = [f"q{number} != {self.handle(pair.kinds[1 - position], pair.indices[1 - position])}"]
            skipped += [f"k{number} == h{place}" for (k, _), place in self._own.items() if k == kind]
            self.line(f"if {' or '.join(skipped)}: continue")
            self._named[pair.kinds, pair.indices] = f"z{number}"
            yield
            del self._named[pair.kinds, pair.indices]

    @contextmanager
    def unless_empty(self, body: int, op: str, kind: str) -> Iterator[None]:
        """Statements that are passed over where no pair is kept, if a rule only asks for pairs and holds of none."""
        about = [place for name in self.table.variables([body]) if self._about(place := self.places.find(name), kind)]
        groups = {place.kinds for place in about if place is not None}
        pairs = [self.places.pairs.index(group) for group in groups if len(group) == 2]
        neutral = self.table.true if op == "all" else self.table.false
        if len(pairs) == len(groups) and self.table.without(body, kind) == neutral:
            with self.block(f"if U or {' or '.join(f'P{pair}' for pair in pairs)}:"):
                yield
        else:
            yield

    def _about(self, place: Place | None, kind: str) -> bool:
        return place is not None and (kind, self.table.sample(kind)) in zip(place.kinds, place.indices, strict=True)

    def _invariant(self, body: int, kind: str) -> str:
        """What makes a rule true of every resource of a kind, without asking any; empty where nothing does."""
        op, args, _ = self.table.keys[body]
        negated = op == "not" and self.table.keys[args[0]][0] == "and"
        parts = self.table.keys[args[0]][1] if negated else args if op == "or" else ()
        fixed = [part for part in parts if (kind, self.table.sample(kind)) not in self.table.others(part)]
        if not fixed or len(fixed) == len(parts):
            return ""
        return " or ".join(f"not {self.value(part)}" if negated else self.value(part) for part in fixed)

    def check(self, number: int, fail: str, sense: bool = True, depth: int = 0) -> None:
        """Run the statement `fail` (which leaves the function) unless the formula has the truth value `sense`.

        Guards become `if` blocks, so that what a guard rules out is not computed.
        """
        op, args, extra = self.table.keys[number]
        shared = self.shared(number, depth)
        if op == "not":
            self.check(args[0], fail, not sense, depth)
        elif not shared and op in ("all", "any") and (op == "all") is sense:
            spared = self._invariant(args[0], str(extra))
            with (
                self.block(f"if not ({spared}):" if spared else "if True:"),
                self.each(str(extra), check=True),
                self.attempt(),
            ):
                self.check(args[0], fail, sense, depth + 1)
        elif shared or op not in ("and", "or"):
            self.line(f"if {'not ' if sense else ''}{self.value(number)}: {fail}")
        elif (op == "and") is sense:
            for arg in args:
                if self._compares(arg):
                    with self.attempt():
                        self.check(arg, fail, sense, depth)
                else:
                    self.check(arg, fail, sense, depth)
        else:
            # The last part decides where the others do not: `not a or b` is `if a: b must hold`. The largest is last.
            ordered = sorted(args, key=self._size)
            guard = f" {op} ".join([self.value(arg) for arg in ordered[:-1]])
            with self.block(f"if {'not ' if sense else ''}({guard}):"):
                self.check(ordered[-1], fail, sense, depth + 1)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Statements that may come upon an unknown value: then a flag is set, and the rest goes on."""
        with self.block("try:"):
            yield
        self.line(f"except Undecided: {self.flag} = True")

    def _compares(self, number: int) -> bool:
        return self._has(number, _COMPARING)

    def _size(self, number: int) -> int:
        if number not in self._sizes:
            self._sizes[number] = len(self.table.reach([number]))
        return self._sizes[number]

    def _has(self, number: int, ops: frozenset[str]) -> bool:
        """One of the operators stands in the formula."""
        found = self._holding.get((number, ops))
        if found is None:
            op, args, _ = self.table.keys[number]
            found = self._holding[number, ops] = op in ops or any(self._has(arg, ops) for arg in args)
        return found
