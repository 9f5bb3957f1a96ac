"""A system compiled for the engines: control packed into one integer, each call split into moves.

A move is one call with its control parameters, control results and outcome chosen. What is left of its formulas
after that speaks of control state and data only.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from callproof.errors import InternalError, SpecError
from callproof.expr import Sort, Var
from callproof.model.clauses import Layer, Origin
from callproof.model.system import Action, Outcome, Property, System, call_marker, primed
from callproof.residue.pool import AND, CONST, DATA, FALSE, NOT, TRUE, Pool


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a control variable lies in the packed state."""

    name: str
    sort: Sort
    shift: int
    width: int

    @property
    def mask(self) -> int:
        return ((1 << self.width) - 1) << self.shift

    def of(self, state: int) -> int:
        """The variable's value in a packed state."""
        return (state >> self.shift) & ((1 << self.width) - 1)


@dataclass(frozen=True, slots=True)
class ControlWrite:
    """A control variable and the formula of its new value."""

    slot: Slot
    value: int


@dataclass(frozen=True, slots=True)
class Move:
    """One call with its control choices made. Formulas are integers of the model's pool."""

    number: int
    action: Action
    outcome: Outcome
    choices: tuple[tuple[str, int], ...]
    """Control parameters and results by full name, with the value chosen."""
    clauses: tuple[tuple[str, Origin, int], ...]
    rest: int
    """Axioms, the outcome's condition, and that results which do not exist have their first value."""
    control: tuple[ControlWrite, ...]
    data: tuple[tuple[str, int], ...]
    writes: frozenset[str]
    env: dict[str, int] = field(repr=False)
    """State variables after the move (primed names), choices and call markers: what a property sees."""

    def guard(self, pool: Pool, layer: Layer) -> int:
        """The condition under which the move is accepted in a layer."""
        return pool.and_([self.demands(pool, layer), self.rest])

    def demands(self, pool: Pool, layer: Layer) -> int:
        """The clauses of a layer, taken together."""
        return pool.and_([f for id, origin, f in self.clauses if layer.demands(self.action.call, id, origin)])


class Model:
    """A system, its pool and its moves. The packed state 0 is the initial one: every variable starts at zero."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.pool = Pool()
        self.slots: dict[str, Slot] = {}
        shift = 0
        for variable in system.variables:
            if variable.control:
                width = max(1, (variable.var.sort.values - 1).bit_length())
                self.slots[variable.name] = Slot(variable.name, variable.var.sort, shift, width)
                shift += width
        self.state_env = {v.name: self._leaf(v.var) for v in system.variables}
        self.option_env = {
            v.name: self.pool.const(v.sort, dict(system.fixed_options)[v.name])
            if v.name in dict(system.fixed_options)
            else self.pool.data(v.name, v.sort)
            for v in system.options
        }
        self.data_names = frozenset(v.name for v in system.variables if not v.control)
        self.moves = [replace(move, number=number) for number, move in enumerate(self._moves())]
        self._state_memo: dict[int, int] = {}

    def _leaf(self, var: Var) -> int:
        slot = self.slots.get(var.name)
        if slot is None:
            return self.pool.data(var.name, var.sort)
        return self.pool.control(var.name, var.sort, slot.shift, slot.width)

    # -- moves --------------------------------------------------------------------------------------------------

    def _moves(self) -> Iterator[Move]:
        for action in self.system.actions:
            chosen = [p.var for p in action.params if not p.var.sort.is_word]
            chosen += [r.var for r in action.results if not r.var.sort.is_word]
            for values in itertools.product(*(range(v.sort.values) for v in chosen)):
                choices = tuple((v.name, value) for v, value in zip(chosen, values, strict=True))
                env = {**self.state_env, **self.option_env}
                env |= {v.name: self.pool.const(v.sort, value) for v, value in zip(chosen, values, strict=True)}
                memo: dict[int, int] = {}
                yield from self._outcomes(action, choices, env, memo)

    def _outcomes(
        self, action: Action, choices: tuple[tuple[str, int], ...], env: dict[str, int], memo: dict[int, int]
    ) -> Iterator[Move]:
        pool = self.pool
        axioms = pool.and_([pool.intern(a.formula, env, memo) for a in action.axioms])
        pins = pool.and_([self._pin(r.var, pool.intern(r.when, env, memo), dict(choices)) for r in action.results])
        clauses = tuple((c.id, c.origin, pool.intern(c.formula, env, memo)) for c in action.clauses)
        for outcome in action.outcomes:
            rest = pool.and_((axioms, pins, pool.intern(outcome.when, env, memo)))
            if rest == FALSE:
                continue
            after = {name: pool.intern(node, env, memo) for name, node in outcome.writes}
            control, data = self._split(action, after)
            seen = dict(env)
            for name in self.state_env:
                seen[primed(name)] = after.get(name, self.state_env[name])
            for other in self.system.actions:
                same = other is action
                seen[call_marker(other.call, other.indices)] = TRUE if same else FALSE
            writes = frozenset(w.slot.name for w in control) | frozenset(name for name, _ in data)
            yield Move(0, action, outcome, choices, clauses, rest, control, data, writes, seen)

    def _pin(self, var: Var, when: int, choices: Mapping[str, int]) -> int:
        """A result that does not exist is 0, as it is for the interpreter; so it multiplies no edges either."""
        if var.sort.is_word:
            return self.pool.or_((when, self.pool.eq(self._leaf(var), self.pool.const(var.sort, 0))))
        return TRUE if choices[var.name] == 0 else when

    def _split(
        self, action: Action, after: Mapping[str, int]
    ) -> tuple[tuple[ControlWrite, ...], tuple[tuple[str, int], ...]]:
        control: list[ControlWrite] = []
        data: list[tuple[str, int]] = []
        for name, value in after.items():
            if value == self.state_env[name]:
                continue
            slot = self.slots.get(name)
            if slot is None:
                data.append((name, value))
                continue
            if self.pool.data_of(value):
                mentioned = ", ".join(sorted(self.pool.name[v] for v in self.pool.data_of(value)))
                place = action.clauses[0].location if action.clauses else None
                raise SpecError(
                    f"{action.call} assigns {name}, which is control, from data ({mentioned}): "
                    "split the cases with outcome(..., when=...)",
                    place,
                )
            control.append(ControlWrite(slot, value))
        return tuple(control), tuple(data)

    def successor(self, move: Move, state: int) -> int:
        """The packed state after a move that is accepted in `state`."""
        result, pool = state, self.pool
        for write in move.control:
            value = pool.specialise(write.value, state) if pool.mask[write.value] else write.value
            if pool.op[value] != CONST:
                raise InternalError(f"control value of {write.slot.name} is not decided by control")
            slot = write.slot
            result = result & ~(((1 << slot.width) - 1) << slot.shift) | pool.args[value][0] << slot.shift
        return result

    # -- properties ---------------------------------------------------------------------------------------------

    def state_formula(self, prop: Property) -> int:
        """An invariant over a state, as a formula of the pool."""
        return self.pool.intern(prop.formula, {**self.state_env, **self.option_env}, {})

    def after_formula(self, prop: Property, move: Move) -> int:
        """What has to hold so that an invariant holds after a move, or on it; over the state before and the choices."""
        if prop.over_step:
            return self.pool.intern(prop.formula, move.env, {})
        after = {name: move.env[primed(name)] for name in self.state_env}
        return self.pool.intern(prop.formula, after | self.option_env, {})

    def initial_env(self) -> dict[str, int]:
        """Every state variable at its initial value."""
        return {v.name: self.pool.const(v.var.sort, 0) for v in self.system.variables} | self.option_env

    def decode(self, state: int) -> dict[str, int]:
        """Control variables by name."""
        return {name: slot.of(state) for name, slot in self.slots.items()}

    def control_mask(self, names: frozenset[str]) -> int:
        """The bits of some control variables."""
        mask = 0
        for name in names:
            mask |= self.slots[name].mask
        return mask


def conjuncts(pool: Pool, formula: int, flags: bool = False) -> tuple[int, ...]:
    """A formula split into parts that can be proved one by one: `a -> (b and c)` becomes `a -> b` and `a -> c`.

    Only where `a` is control: a premise over data is a case split of the formula's own, better left to the solver.
    With `flags` also where it is a boolean variable left to the solver, or the negation of one.
    """
    result: list[int] = []
    stack = [formula]
    while stack:
        f = stack.pop()
        if f == TRUE:
            continue
        split = _distribute(pool, f, flags)
        if split is None:
            result.append(f)
        else:
            stack.extend(split)
    return tuple(dict.fromkeys(reversed(result)))


def _distribute(pool: Pool, f: int, flags: bool) -> list[int] | None:
    if pool.op[f] == AND:
        return list(pool.args[f])
    if pool.op[f] != NOT or pool.op[pool.args[f][0]] != AND:
        return None
    # f is a disjunction of the negated members; a member that is itself a negated conjunction distributes.
    members = pool.args[pool.args[f][0]]
    for member in members:
        if pool.op[member] == NOT and pool.op[pool.args[member][0]] == AND:
            rest = [m for m in members if m != member]
            if any(pool.data_of(m) and not (flags and _is_flag(pool, m)) for m in rest):
                continue
            return [pool.not_(pool.and_([*rest, pool.not_(part)])) for part in pool.args[pool.args[member][0]]]
    return None


def _is_flag(pool: Pool, f: int) -> bool:
    """The formula is a variable or the negation of one."""
    return pool.op[f] == DATA or (pool.op[f] == NOT and pool.op[pool.args[f][0]] == DATA)


def connected(pool: Pool, formula: int, hypotheses: Iterable[int]) -> list[int]:
    """Those hypotheses that share data with a formula, directly or through one another.

    The others cannot make a question unsatisfiable unless they are so on their own, which the constraints of a
    reachable edge are not.
    """
    variables = set(pool.data_of(formula))
    rest = [(h, pool.data_of(h)) for h in hypotheses]
    chosen: list[int] = []
    while rest:
        apart = []
        found: set[int] = set()
        for pair in rest:
            if variables.isdisjoint(pair[1]):
                apart.append(pair)
            else:
                chosen.append(pair[0])
                found |= pair[1]
        if len(apart) == len(rest):
            break
        variables, rest = variables | found, apart
    return chosen
