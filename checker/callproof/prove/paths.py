"""One walk through the sequence graph, solved as one path for concrete addresses and sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callproof.errors import InternalError
from callproof.expr import Kind, Sort
from callproof.prove.settled import settle
from callproof.residue import FALSE, TRUE, Model, Move, connected
from callproof.residue.digest import Digests
from callproof.residue.pool import Pool
from callproof.residue.witness import evaluate, guess
from callproof.symbolic import Answer, Solver
from callproof.trace import Step, Trace, Value

_PAGE = 4096
_FIRST_ADDRESS, _ADDRESS_STRIDE = 0x10_0000, 0x10_0000


@dataclass(frozen=True, slots=True)
class Prefix:
    """The first calls of a walk: what they constrain, and the data state behind them in terms of their choices."""

    state: int
    values: Mapping[int, int]
    """Data state variable -> formula over the parameters and results so far."""
    constraints: tuple[int, ...]
    length: int = 0
    before: Prefix | None = None
    move: int = -1
    """The last call, which led here from `before`."""
    call: str = ""
    """Its name, with the resources that it names."""

    @property
    def impossible(self) -> bool:
        return FALSE in self.constraints

    def occurrence(self, call: str) -> str:
        """A name for the next step if it is this call: the call and how often it was made before.

        Walks that differ in calls without influence, or in what the driver chose, then ask the same question, which
        is solved once, and what refutes one of them is known of all.
        """
        return f"{call}.{sum(at.call == call for at in self.chain())}"

    def chain(self) -> list[Prefix]:
        """Every prefix of this one that has at least one call, the shortest first."""
        chain: list[Prefix] = []
        at: Prefix | None = self
        while at is not None and at.before is not None:
            chain.append(at)
            at = at.before
        return chain[::-1]


@dataclass(frozen=True, slots=True)
class Solution:
    """Whether a path can be taken, and values that do."""

    answer: Answer
    formulas: tuple[int, ...]
    values: dict[int, int]


class Paths:
    """Builds and solves paths of one model."""

    def __init__(self, model: Model, solver: Solver) -> None:
        self.model, self.solver = model, solver
        self._digests = Digests(model.pool)
        self._step_: tuple[Prefix, int, dict[int, int], dict[int, int]] | None = None
        """The step looked at last: what is before it, its move, the substitution, and a memo for that."""
        self._substituted: dict[tuple[int, ...], int] = {}
        self._refuted: dict[tuple[int, tuple[int, ...]], bool] = {}
        self.start = Prefix(
            0,
            {model.state_env[v.name]: model.pool.const(v.var.sort, 0) for v in model.system.variables if not v.control},
            (),
        )

    def extend(self, prefix: Prefix, move: Move, target: int, residue: int) -> Prefix:
        """The prefix with one more call."""
        pool = self.model.pool
        constraint = self._along(prefix, move, residue)
        values = dict(prefix.values)
        for name, written in move.data:
            values[self.model.state_env[name]] = self._along(prefix, move, pool.specialise(written, prefix.state))
        constraints = prefix.constraints if constraint == TRUE else (*prefix.constraints, constraint)
        return Prefix(target, values, constraints, prefix.length + 1, prefix, move.number, call_of(move))

    def behind(self, prefix: Prefix, move: Move, formula: int) -> int:
        """A formula over the state before a move and its choices, in terms of the path that leads there."""
        return self._along(prefix, move, self.model.pool.specialise(formula, prefix.state))

    def _along(self, prefix: Prefix, move: Move, formula: int) -> int:
        """A formula over the data before a move and its choices, in terms of the path that leads there.

        Many walks leave the few variables that a formula mentions alike: those are told by their values.
        """
        pool = self.model.pool
        step = self._step_
        if step is None or step[0] is not prefix or step[1] != move.number:
            step = self._step_ = (prefix, move.number, self._mapping(prefix, move), {})
        _, _, mapping, memo = step
        key = (formula, *(mapping.get(v, v) for v in pool.data_of(formula)))
        found = self._substituted.get(key)
        if found is None:
            found = self._substituted[key] = pool.substitute(formula, mapping, memo)
        return found

    def _mapping(self, prefix: Prefix, move: Move) -> dict[int, int]:
        """State variables as the path left them; parameters and results under names of their own for this step."""
        pool, step = self.model.pool, prefix.occurrence(call_of(move))
        mapping = dict(prefix.values)
        for var in (*(p.var for p in move.action.params), *(r.var for r in move.action.results)):
            if var.sort.is_word:
                mapping[pool.data(var.name, var.sort)] = pool.data(at_step(var.name, step), var.sort)
        return mapping

    def feasible(self, prefix: Prefix) -> Answer:
        """Do values exist for all calls of the prefix?"""
        return self.solver.check(prefix.constraints, likely=True)

    def refuted(self, prefix: Prefix, broken: int) -> bool:
        """Are there no values for the prefix with which `broken` holds, as the data that it speaks of tells at once?"""
        key = broken, prefix.constraints
        found = self._refuted.get(key)
        if found is None:
            asked = [broken, *connected(self.model.pool, broken, prefix.constraints)]
            found = self._refuted[key] = self.solver.refuted(asked)
        return found

    def solve(self, prefix: Prefix, broken: int) -> Solution:
        """Values for all calls of the prefix such that `broken` holds as well."""
        pool = self.model.pool
        formulas = tuple(dict.fromkeys(c for f in (*prefix.constraints, broken) for c in pool.conjuncts(f)))
        mentioned = {v for f in formulas for v in pool.data_of(f)}
        nice = dict.fromkeys(sorted(mentioned), 0) | self._nice(prefix)
        if self._satisfied(formulas, nice):
            return Solution(Answer.SAT, formulas, nice)
        values = guess(pool, formulas)
        if values is not None:
            return Solution(Answer.SAT, formulas, nice | values)
        if self.solver.refuted(formulas):
            return Solution(Answer.UNSAT, formulas, nice)
        small = [*formulas, *(self._small(v) for v in sorted(mentioned))]
        answer, values = self.solver.model(small, by_order=False)
        if answer is not Answer.SAT:
            answer, values = self.solver.model(formulas, by_order=False)
        return Solution(answer, formulas, nice | (values or {}))

    def _small(self, variable: int) -> int:
        return self._small_in(self.model.pool, variable)

    def _small_in(self, pool: Pool, variable: int) -> int:
        """A bound that keeps values readable where it can be kept."""
        limit = {Kind.SIZE: 1 << 20, Kind.ADDRESS: 1 << 32}.get(pool.sort[variable].kind)
        return TRUE if limit is None else pool.ult(variable, pool.const(pool.sort[variable], limit))

    # -- from a solution to a trace -----------------------------------------------------------------------------

    def trace(self, prefix: Prefix, solution: Solution) -> Trace:
        """The calls of a prefix with readable values."""
        values = self._readable(*self._settled(prefix, solution))
        steps = tuple(self._step(at, values) for at in prefix.chain())
        system = self.model.system
        options = {
            v.name.removeprefix("option:"): v.sort.members[self._value(self.model.option_env[v.name], values)]
            for v in system.options
        }
        return Trace(system.spec, steps, dict(system.readings), options)

    def _settled(self, prefix: Prefix, solution: Solution) -> tuple[Solution, dict[int, int]]:
        """The solution with values that depend on the path alone, and what would be nice in the order of its calls."""
        pool = self.model.pool
        mentioned = {v for f in solution.formulas for v in pool.data_of(f)}
        nice = self._nice(prefix)
        nice |= dict.fromkeys(sorted(mentioned - nice.keys(), key=pool.name.__getitem__), 0)
        small, formulas = self._small_in, solution.formulas
        values = settle(pool, formulas, nice, small, self._digests, self.solver.budget)
        return (solution if values is None else Solution(solution.answer, formulas, values)), nice

    def _value(self, formula: int, values: dict[int, int]) -> int:
        return evaluate(self.model.pool, formula, values, {})

    def _satisfied(self, formulas: Sequence[int], values: dict[int, int]) -> bool:
        memo: dict[int, int] = {}
        return all(evaluate(self.model.pool, f, values, memo) for f in formulas)

    def _nice(self, prefix: Prefix) -> dict[int, int]:
        """Values that a person would choose: whole pages, addresses far apart."""
        pool = self.model.pool
        nice: dict[int, int] = {}
        addresses = 0
        for at in prefix.chain():
            assert at.before is not None
            action, step = self.model.moves[at.move].action, at.before.occurrence(at.call)
            for var in (*(p.var for p in action.params), *(r.var for r in action.results)):
                if not var.sort.is_word:
                    continue
                leaf = pool.data(at_step(var.name, step), var.sort)
                if var.sort.kind is Kind.ADDRESS:
                    nice[leaf] = _FIRST_ADDRESS + addresses * _ADDRESS_STRIDE
                    addresses += 1
                else:
                    nice[leaf] = _PAGE if var.sort.kind is Kind.SIZE else 1
        return nice

    def _readable(self, solution: Solution, nice: dict[int, int]) -> dict[int, int]:
        """A solution moved towards the nice values as far as its formulas allow."""
        found = solution.values
        if not self._satisfied(solution.formulas, found):
            raise InternalError("the solver's model does not satisfy the path")
        pool = self.model.pool
        mentioned = frozenset().union(*(pool.data_of(f) for f in solution.formulas)) if solution.formulas else ()
        rank = {v: number for number, v in enumerate(nice)}
        variables = sorted(mentioned, key=lambda v: (pool.sort[v].kind is not Kind.ADDRESS, rank[v]))
        for v in variables * 2:  # twice, since a value can become free once another has moved
            equal = [w for w in variables if found[w] == found[v] and pool.sort[w] == pool.sort[v]]
            for candidate in self._candidates(v, nice.get(v, 0), found):
                if candidate == found[v]:
                    break
                moves = (found | dict.fromkeys(group, candidate) for group in (equal, [v]))
                moved = next((m for m in moves if self._satisfied(solution.formulas, m)), None)
                if moved is not None:
                    found = moved
                    break
        return found

    def _candidates(self, variable: int, nice: int, found: Mapping[int, int]) -> list[int]:
        """Values to try for a variable, the most readable first."""
        kind = self.model.pool.sort[variable].kind
        if kind is Kind.SIZE:
            return [_PAGE, 2 * _PAGE, _PAGE // 2, 3 * _PAGE, 1, 0]
        if kind is Kind.ADDRESS:
            same = {found[v] for v in found if self.model.pool.sort[v].kind is Kind.ADDRESS and v != variable}
            return [nice, *sorted(same - {0}), 2**64 - _PAGE, 0]
        return [nice]

    def _step(self, at: Prefix, values: dict[int, int]) -> Step:
        """The last call of a prefix with its values."""
        if at.before is None:
            raise InternalError("the empty prefix has no call")
        pool, move = self.model.pool, self.model.moves[at.move]
        action, mapping = move.action, self._mapping(at.before, move)
        choices = dict(move.choices)
        args: dict[str, Value] = {name: index for name, _, index in action.handles}
        for parameter in action.params:
            args[parameter.name] = self._shown(parameter.var.name, parameter.var.sort, choices, mapping, values)
        result: dict[str, Value] = {}
        for r in action.results:
            when = pool.substitute(pool.specialise(pool.intern(r.when, move.env), at.before.state), mapping, {})
            if self._value(when, values):
                result[r.name] = self._shown(r.var.name, r.var.sort, choices, mapping, values)
        return Step(action.call, args, "SUCCESS" if not action.is_event else None, result or None)

    def _shown(
        self, name: str, sort: Sort, choices: Mapping[str, int], mapping: Mapping[int, int], values: dict[int, int]
    ) -> Value:
        if sort.is_word:
            return self._value(mapping[self.model.pool.data(name, sort)], values)
        value = choices[name]
        return bool(value) if sort.kind is Kind.BOOLEAN else sort.members[value]


def call_of(move: Move) -> str:
    """The call of a move and the resources it names, whatever the driver chooses."""
    return f"{move.action.call}{move.action.indices}"


def at_step(name: str, step: str) -> str:
    """A parameter's or result's name on one step of a path."""
    return f"{name} @{step}"
