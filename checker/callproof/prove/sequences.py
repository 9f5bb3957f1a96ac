"""The literal engine: every call sequence up to a length, solved one by one.

It knows no induction and no obligations, and reads invariants from the specification's formulas: an independent check
of the engine that proves edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callproof.errors import LimitError
from callproof.graph import Reach
from callproof.graph.explore import Edge
from callproof.graph.sequences import SequenceGraph
from callproof.prove.paths import Paths, Prefix, at_step, call_of
from callproof.residue import FALSE, TRUE, Model
from callproof.symbolic import Answer
from callproof.trace import Trace

Open = tuple[tuple[int, int], ...]
"""Properties that an edge may break, each with what has to hold before the edge for it to hold behind it."""


def shortest_violations(
    model: Model, reach: Reach, paths: Paths, bound: int, properties: Sequence[int]
) -> dict[int, int | None]:
    """The length of the shortest sequence that breaks each property, or None where none of `bound` calls or fewer does.

    Raises `LimitError` where the solver's budget runs out on a sequence.
    """
    return Literal(model, reach, paths, properties).run(bound)


class Literal:
    """One enumeration of sequences."""

    def __init__(self, model: Model, reach: Reach, paths: Paths, properties: Sequence[int]) -> None:
        self._model, self._paths = model, paths
        self._leaving = SequenceGraph(model, reach).leaving()
        self.found: dict[int, int | None] = dict.fromkeys(properties)
        self.walks: dict[int, tuple[Prefix, Edge]] = {}
        """For each violated property the sequence up to its last call, and that call; none if it fails at first."""
        self.completed = -1
        self.asked = 0
        """Sequences that were solved for some property, as opposed to those that control alone decides."""
        self._formulas: dict[tuple[int, int], int] = {}
        self._open: dict[tuple[int, int], Open] = {}
        self._renamed: dict[tuple[int, str], dict[int, int]] = {}
        self._variables: dict[int, tuple[int, ...]] = {}
        self._images: dict[tuple[int, tuple[int, ...]], int] = {}
        self._before: dict[int, int] = {
            prop: model.state_formula(model.system.properties[prop])
            for prop in properties
            if not model.system.properties[prop].over_step
        }

    def run(self, bound: int) -> dict[int, int | None]:
        """Enumerate the sequences of 0, 1, ... `bound` calls."""
        for prop, formula in self._before.items():
            if self._is_possible(self._paths.start, self._at_start(formula)):
                self.found[prop] = 0
        self.completed = 0
        for length in range(1, bound + 1):
            self._close()
            self._visit(self._paths.start, length, length)
            self.completed = length
            if all(shortest is not None for shortest in self.found.values()):
                break
        return self.found

    def trace(self, prop: int) -> Trace:
        """The calls that break a property, with readable values."""
        if prop not in self.walks:
            start = self._paths.start
            return self._paths.trace(start, self._paths.solve(start, self._at_start(self._before[prop])))
        prefix, (_, target, number, residue) = self.walks[prop]
        move = self._model.moves[number]
        broken = self._model.pool.not_(self._paths.behind(prefix, move, self._formula(prop, number)))
        whole = self._paths.extend(prefix, move, target, residue)
        return self._paths.trace(whole, self._paths.solve(whole, broken))

    def _close(self) -> None:
        """Forget the edges' formulas of properties that are violated."""
        for key, pairs in self._open.items():
            self._open[key] = tuple(pair for pair in pairs if self.found[pair[0]] is None)

    def _at_start(self, formula: int) -> int:
        pool = self._model.pool
        return pool.not_(pool.substitute(pool.specialise(formula, 0), self._paths.start.values, {}))

    def _visit(self, prefix: Prefix, left: int, length: int) -> None:
        """Every sequence that continues a prefix, which has values, by exactly `left` calls."""
        for edge in self._leaving[prefix.state]:
            if left == 1:
                self._judge(prefix, edge, length)
            else:
                longer = self._extend(prefix, edge)
                if longer is not None:
                    self._visit(longer, left - 1, length)

    def _extend(self, prefix: Prefix, edge: Edge) -> Prefix | None:
        """The prefix with one more call, or None where no values allow it."""
        _, target, number, residue = edge
        move = self._model.moves[number]
        names = self._names(prefix, number)
        constraint = self._along(prefix, names, residue)
        if not self._is_possible(prefix, constraint):
            return None
        values = dict(prefix.values)
        for name, written in move.data:
            value = self._model.pool.specialise(written, prefix.state)
            values[self._model.state_env[name]] = self._along(prefix, names, value)
        constraints = prefix.constraints if constraint == TRUE else (*prefix.constraints, constraint)
        return Prefix(target, values, constraints, prefix.length + 1, prefix, number, call_of(move))

    def _judge(self, prefix: Prefix, edge: Edge, length: int) -> None:
        """Solve one sequence for each property that is not violated yet."""
        waiting = [pair for pair in self._opened(edge) if self.found[pair[0]] is None]
        if not waiting:
            return
        self.asked += 1
        _, _, number, residue = edge
        names = self._names(prefix, number)
        taken = self._along(prefix, names, residue)
        for prop, formula in waiting:
            broken = self._model.pool.not_(self._along(prefix, names, formula))
            if broken != FALSE and self._is_possible(prefix, self._model.pool.and_((broken, taken))):
                self.found[prop] = length
                self.walks[prop] = prefix, edge

    def _names(self, prefix: Prefix, number: int) -> dict[int, int]:
        """Parameters and results of a move, under names of their own for this step."""
        move = self._model.moves[number]
        key = number, prefix.occurrence(call_of(move))
        found = self._renamed.get(key)
        if found is None:
            pool, action = self._model.pool, move.action
            found = self._renamed[key] = {
                pool.data(var.name, var.sort): pool.data(at_step(var.name, key[1]), var.sort)
                for var in (*(p.var for p in action.params), *(r.var for r in action.results))
                if var.sort.is_word
            }
        return found

    def _along(self, prefix: Prefix, names: Mapping[int, int], formula: int) -> int:
        """A formula over the state behind a prefix and the next call's choices, in terms of all choices so far.

        Remembered by what it puts for the formula's variables: most calls of a sequence touch few of them.
        """
        pool = self._model.pool
        variables = self._variables.get(formula)
        if variables is None:
            variables = self._variables[formula] = tuple(sorted(pool.data_of(formula)))
        values = prefix.values
        image = tuple([values[v] if v in values else names.get(v, v) for v in variables])
        key = formula, image
        found = self._images.get(key)
        if found is None:
            mapping = dict(zip(variables, image, strict=True))
            found = self._images[key] = pool.substitute(formula, mapping, {})
        return found

    def _opened(self, edge: Edge) -> Open:
        """What an edge may break. What reads the same before and behind it would be broken by a shorter sequence."""
        source, _, number, _ = edge
        key = source, number
        pairs = self._open.get(key)
        if pairs is None:
            pool = self._model.pool
            made = []
            for prop in (p for p, length in self.found.items() if length is None):
                after = pool.specialise(self._formula(prop, number), source)
                before = pool.specialise(self._before[prop], source) if prop in self._before else TRUE
                if after not in (TRUE, before):
                    made.append((prop, after))
            pairs = self._open[key] = tuple(made)
        return pairs

    def _formula(self, prop: int, number: int) -> int:
        key = prop, number
        found = self._formulas.get(key)
        if found is None:
            model = self._model
            found = self._formulas[key] = model.after_formula(model.system.properties[prop], model.moves[number])
        return found

    def _is_possible(self, prefix: Prefix, formula: int) -> bool:
        """Are there values for the prefix, which has some on its own, and the formula?

        Only what shares variables with the formula, directly or through one another, is asked: the rest has values of
        its own. Sequences that differ in calls without influence then ask the same question, which is solved once.
        """
        pool = self._model.pool
        if formula in (FALSE, TRUE):
            return formula == TRUE
        variables, rest, chosen = set(pool.data_of(formula)), list(prefix.constraints), [formula]
        touching = rest
        while touching:
            touching = [c for c in rest if not variables.isdisjoint(pool.data_of(c))]
            rest = [c for c in rest if variables.isdisjoint(pool.data_of(c))]
            chosen += touching
            for c in touching:
                variables |= pool.data_of(c)
        answer = self._paths.solver.check(chosen)
        if answer is Answer.UNKNOWN:
            calls = "".join(f"{self._model.moves[at.move].action.label}; " for at in prefix.chain())
            raise LimitError(f"the solver's budget ran out on a sequence that begins with {calls or 'any call'}")
        return answer is Answer.SAT
