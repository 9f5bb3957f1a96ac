"""One formula, two interpreters: the compiled functions against the pool's evaluation and against Z3."""

import random
from collections.abc import Mapping
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callproof.expr import WORD_MAX, Node, Sort, variables
from callproof.model import instantiate
from callproof.model.system import PRIME, call_marker, primed
from callproof.residue import FALSE, Pool
from callproof.residue.witness import evaluate
from callproof.semantics import CompiledAction, Machine, State, Values
from callproof.semantics.judgement import DECIDING
from callproof.symbolic import Solver
from callproof.symbolic.solver import Answer
from ge_memory import SPEC

SMALL = (0, 1, 2, 31, 32, 4096, 4097, 8192, 1 << 32, (1 << 63) - 1, 1 << 63, WORD_MAX - 1, WORD_MAX)
EXAMPLES, BATCH = 100, 100
"""Random states in all: their product."""


class Subject:
    """A system in both interpreters, every variable as data of the pool."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.machine = Machine(instantiate(SPEC, counts))
        self.pool = Pool()
        self._memo: dict[int, int] = {}

    def number(self, node: Node) -> int:
        return self.pool.intern(node, {}, self._memo)

    def value(self, node: Node, values: dict[int, int], memo: dict[int, int]) -> int:
        return evaluate(self.pool, self.number(node), values, memo)

    def by_number(self, named: Mapping[str, int]) -> dict[int, int]:
        names = self.pool.name
        return {number: named[name] for number, name in names.items() if name in named}


@cache
def subject(graphs: int) -> Subject:
    return Subject({"GraphId": graphs, "StreamId": 2, "BlockId": 1})


def draw(rng: random.Random, sort: Sort) -> int:
    return rng.randrange(sort.values) if not sort.is_word else rng.choice(SMALL)


def random_state(rng: random.Random, machine: Machine) -> State:
    return [draw(rng, sort) for sort in machine.sorts]


def random_values(rng: random.Random, compiled: CompiledAction) -> tuple[Values, Values]:
    action = compiled.action
    return (
        tuple(draw(rng, p.var.sort) for p in action.params),
        tuple(draw(rng, r.var.sort) for r in action.results),
    )


def named(machine: Machine, compiled: CompiledAction, state: State, args: Values, results: Values) -> dict[str, int]:
    values = dict(zip(machine.names, state, strict=True))
    values |= {p.var.name: v for p, v in zip(compiled.action.params, args, strict=True)}
    values |= {r.var.name: v for r, v in zip(compiled.action.results, results, strict=True)}
    return values


def check_action(it: Subject, compiled: CompiledAction, state: State, args: Values, results: Values) -> None:
    action = compiled.action
    nodes = [c.formula for c in action.clauses] + [a.formula for a in action.axioms]
    nodes += [node for o in action.outcomes for node in (o.when, *(value for _, value in o.writes))]
    for node in (*nodes, *(r.when for r in action.results)):
        it.number(node)
    values, memo = it.by_number(named(it.machine, compiled, state, args, results)), dict[int, int]()
    failing = [n for n, c in enumerate(action.clauses) if not it.value(c.formula, values, memo)]
    assert compiled.explain(state, args, results) == failing
    origins = {action.clauses[n].origin for n in failing}
    code = next((code for code, deciding in DECIDING if origins & deciding), 0)
    assert compiled.judge(state, args, results) == code
    against = [n for n, a in enumerate(action.axioms) if not it.value(a.formula, values, memo)]
    assert compiled.against(state, args, results) == against
    assert compiled.possible(state, args, results) == (not against)
    for result, exists in zip(action.results, compiled.exists, strict=True):
        assert (exists is None or exists(state, args, results)) == it.value(result.when, values, memo)
    taken = next((n for n, o in enumerate(action.outcomes) if it.value(o.when, values, memo)), -1)
    after = list(state)
    if taken >= 0:
        for name, node in action.outcomes[taken].writes:
            after[it.machine.slots[name]] = it.value(node, values, memo)
    made, stepped = list(state), list(state)
    assert compiled.apply(made, args, results) == taken
    assert made == after
    assert compiled.step(stepped, args, results) == (code or min(taken, 0))
    assert stepped == (state if code else after)


def step_values(machine: Machine, before: State, after: State, action: int) -> dict[str, int]:
    values = dict(zip(machine.names, before, strict=True))
    values |= {primed(name): value for name, value in zip(machine.names, after, strict=True)}
    for number, other in enumerate(machine.system.actions):
        values[call_marker(other.call, other.indices)] = int(number == action)
    return values


def check_properties(it: Subject, rng: random.Random, before: State, after: State, action: int) -> None:
    machine = it.machine
    chosen = [machine.properties[rng.randrange(len(machine.properties))] for _ in range(3)]
    for compiled in chosen:
        it.number(compiled.property.formula)
    values = it.by_number(step_values(machine, before, after, action))
    memo: dict[int, int] = {}
    for compiled in chosen:
        expected = it.value(compiled.property.formula, values, memo)
        # An invariant over one state is asked of the second argument.
        assert compiled.holds(before, after if compiled.property.over_step else before, action) == expected


@given(st.integers(0, 2**32))
@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)
def test_compiled_and_evaluated_values_agree(seed: int) -> None:
    rng = random.Random(seed)
    it = subject(1 if seed % 4 else 2)
    machine = it.machine
    for _ in range(BATCH):
        number = rng.randrange(len(machine.compiled))
        compiled = machine.compiled[number]
        state = random_state(rng, machine)
        args, results = random_values(rng, compiled)
        check_action(it, compiled, state, args, results)
        check_properties(it, rng, state, random_state(rng, machine), number)


@pytest.mark.parametrize("seed", range(4))
def test_compiled_values_are_what_z3_says(seed: int) -> None:
    """Each formula over variables of its own, pinned to random values, can have no value but the compiled one."""
    rng = random.Random(seed)
    machine = subject(1 + seed % 2).machine
    pool = Pool()
    pins: list[int] = []
    different: list[int] = []
    for case in range(60):
        number = rng.randrange(len(machine.compiled))
        compiled = machine.compiled[number]
        state, after = random_state(rng, machine), random_state(rng, machine)
        args, results = random_values(rng, compiled)
        values = named(machine, compiled, state, args, results)
        failing = compiled.explain(state, args, results)
        expected = [(c.formula, n not in failing) for n, c in enumerate(compiled.action.clauses)]
        against = compiled.against(state, args, results)
        expected += [(a.formula, n not in against) for n, a in enumerate(compiled.action.axioms)]
        for prop in (machine.properties[rng.randrange(len(machine.properties))] for _ in range(2)):
            second = after if prop.property.over_step else state
            expected.append((prop.property.formula, bool(prop.holds(state, second, number))))
        values |= step_values(machine, state, after, number)
        env: dict[str, int] = {}
        for var in variables(*(node for node, _ in expected)).values():
            env[var.name] = pool.data(f"{case} {var.name}".replace(PRIME, "+"), var.sort)
            pins.append(pool.eq(env[var.name], pool.const(var.sort, values[var.name])))
        memo: dict[int, int] = {}
        for node, value in expected:
            formula = pool.intern(node, env, memo)
            different.append(pool.not_(formula) if value else formula)
    solver = Solver(pool)
    wrong = pool.or_(different)
    assert FALSE not in (*pins, wrong)
    assert solver.check([*pins, wrong]) is Answer.UNSAT
    assert solver.statistics.calls > 0, "Z3 decided it, not the pool"
    assert solver.check(pins) is Answer.SAT
