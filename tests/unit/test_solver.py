"""What the solver answers, with its short cuts, against Z3 on the whole formula and against evaluation."""

from itertools import pairwise

import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from callproof.expr import ADDRESS, BOOLEAN, SIZE, WORD_MAX, Node
from callproof.residue import FALSE, Pool
from callproof.residue.pool import ADD
from callproof.residue.repair import repair
from callproof.residue.witness import evaluate, guess, typical
from callproof.symbolic import Answer, Solver, script
from tests.unit.test_pool import ENVS, FORMULAS, PHASE, interned, packed

QUESTIONS = st.lists(FORMULAS, min_size=1, max_size=4)
quick = settings(max_examples=60, deadline=None)


def residues(parts: list[Node], state: int) -> tuple[Pool, list[int]]:
    pool, _ = interned(parts[0])
    env = {name: number for number, name in pool.name.items()}
    return pool, [pool.specialise(pool.intern(part, env, {}), state) for part in parts]


def by_z3(pool: Pool, formulas: list[int]) -> Answer:
    """The answer of plain bit vectors, no short cut taken. Enumerations range over their members."""
    mentioned = frozenset[int]().union(*(pool.data_of(f) for f in formulas))
    ranges = [
        pool.or_([pool.eq(v, pool.const(PHASE, n)) for n in range(3)]) for v in mentioned if pool.sort[v] == PHASE
    ]
    solver = z3.Solver()
    solver.from_string(script(pool, [*formulas, *ranges]))
    return Answer.SAT if solver.check() == z3.sat else Answer.UNSAT


@quick
@given(QUESTIONS, ENVS)
def test_short_cuts_change_no_answer(parts: list[Node], env: dict[str, int]) -> None:
    pool, formulas = residues(parts, packed(env))
    solver = Solver(pool)
    assert solver.check(formulas) is by_z3(pool, formulas)


@quick
@given(QUESTIONS, ENVS)
def test_order_alone_refutes_only_what_is_unsatisfiable(parts: list[Node], env: dict[str, int]) -> None:
    pool, formulas = residues(parts, packed(env))
    if Solver(pool).refuted(formulas):
        assert by_z3(pool, formulas) is Answer.UNSAT


@quick
@given(QUESTIONS, ENVS)
def test_a_model_satisfies_what_was_asked(parts: list[Node], env: dict[str, int]) -> None:
    pool, formulas = residues(parts, packed(env))
    answer, values = Solver(pool).model(formulas)
    if answer is Answer.SAT:
        assert all(evaluate(pool, f, values, {}) for f in formulas)


@quick
@given(QUESTIONS, ENVS)
def test_a_guess_satisfies_what_was_asked(parts: list[Node], env: dict[str, int]) -> None:
    pool, formulas = residues(parts, packed(env))
    values = guess(pool, formulas)
    if values is not None:
        assert all(evaluate(pool, f, values, {}) for f in formulas)
        assert all(0 <= v < pool.sort[i].values for i, v in values.items())


@quick
@given(QUESTIONS, ENVS)
def test_a_repair_satisfies_what_was_asked(parts: list[Node], env: dict[str, int]) -> None:
    pool, formulas = residues(parts, packed(env))
    values = repair(pool, formulas, typical(pool, formulas))
    if values is not None:
        assert all(evaluate(pool, f, values, {}) for f in formulas)
        assert all(0 <= v < pool.sort[i].values for i, v in values.items())


def test_a_repair_moves_one_address_into_a_region() -> None:
    pool = Pool()
    a, b, s, t = (pool.data(name, sort) for name, sort in (("a", ADDRESS), ("b", ADDRESS), ("s", SIZE), ("t", SIZE)))
    end = pool.word(ADD, ADDRESS, a, s)
    inside = [pool.ule(a, b), pool.ult(b, end), pool.ult(a, end), pool.not_(pool.eq(a, b)), pool.ult(t, s)]
    values = repair(pool, inside, typical(pool, inside))
    assert values is not None
    assert values[a] < values[b] < values[a] + values[s]


@quick
@given(QUESTIONS, QUESTIONS, ENVS)
def test_a_core_refutes_no_more_than_it_should(first: list[Node], second: list[Node], env: dict[str, int]) -> None:
    pool, formulas = residues([*first, *second], packed(env))
    solver = Solver(pool)
    for asked in (formulas[: len(first)], formulas[len(first) :], formulas):
        assert solver.check(asked) is by_z3(pool, asked)


def test_a_core_is_remembered_and_asks_nothing_again() -> None:
    pool = Pool()
    a, b, c = (pool.data(name, ADDRESS) for name in "abc")
    circle = [pool.ult(a, b), pool.ult(b, c), pool.ult(c, a)]
    solver = Solver(pool)
    assert solver.check(circle) is Answer.UNSAT
    calls = solver.statistics.calls
    assert solver.check([*circle, pool.data("more", BOOLEAN)]) is Answer.UNSAT
    assert solver.statistics.calls == calls
    assert solver.check(circle[:2]) is Answer.SAT


def test_sums_that_wrap_are_not_refuted_by_order() -> None:
    pool = Pool()
    base, size = pool.data("base", ADDRESS), pool.data("size", SIZE)
    wraps = pool.ult(pool.word(8, ADDRESS, base, size), base)
    solver = Solver(pool)
    assert not solver.refuted([wraps])
    assert solver.check([wraps]) is Answer.SAT


def test_a_budget_that_runs_out_is_unknown() -> None:
    pool = Pool()
    a, b, c, d = (pool.data(name, SIZE) for name in "abcd")
    sums = [pool.word(8, SIZE, x, y) for x, y in ((a, b), (b, c), (c, d), (d, a))]
    hard = [pool.ult(pool.word(10, SIZE, x, y), pool.word(9, SIZE, y, x)) for x, y in pairwise(sums)]
    hard += [pool.not_(pool.eq(x, pool.const(SIZE, 0))) for x in sums]
    assert Solver(pool, budget=1).check(hard) in (Answer.UNKNOWN, Answer.SAT)
    assert Solver(pool, budget=1).check([FALSE]) is Answer.UNSAT


def test_a_guess_stays_within_a_word() -> None:
    pool = Pool()
    s, t = pool.data("s", SIZE), pool.data("t", SIZE)
    greater_than_all = [pool.eq(s, pool.const(SIZE, WORD_MAX)), pool.ult(s, t)]
    assert guess(pool, greater_than_all) is None
    assert Solver(pool).check(greater_than_all) is Answer.UNSAT


def test_an_enumeration_holds_a_member() -> None:
    pool = Pool()
    q, s, t = pool.data("q", PHASE), pool.data("s", SIZE), pool.data("t", SIZE)
    wraps = pool.ult(pool.word(8, SIZE, s, t), s)
    none = [pool.not_(pool.eq(q, pool.const(PHASE, n))) for n in range(3)]
    assert Solver(pool).check([wraps, *none]) is Answer.UNSAT
    assert Solver(pool).model([wraps, *none], by_order=False)[0] is Answer.UNSAT
