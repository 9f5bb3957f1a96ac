"""Folding, partial evaluation and substitution keep the value that a naive evaluator of the nodes finds."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from callproof.expr import (
    ADDRESS,
    BOOLEAN,
    SIZE,
    WORD_MAX,
    Add,
    And,
    BitAnd,
    Const,
    Eq,
    Ite,
    Kind,
    Node,
    Not,
    Or,
    Sort,
    Sub,
    Ule,
    Ult,
    Var,
)
from callproof.residue import FALSE, TRUE, Pool
from callproof.residue.witness import evaluate

PHASE = Sort(Kind.ENUMERATION, "Phase", ("NONE", "ADDED", "COMPILED"))
CONTROL = (Var(BOOLEAN, "c"), Var(BOOLEAN, "d"), Var(PHASE, "p"))
DATA = (Var(BOOLEAN, "x"), Var(PHASE, "q"), Var(SIZE, "s"), Var(SIZE, "t"), Var(ADDRESS, "a"))
PLACES = {"c": (0, 1), "d": (1, 1), "p": (2, 2)}
WORDS = st.sampled_from((0, 1, 2, 4096, 1 << 63, WORD_MAX - 1, WORD_MAX))


def value(node: Node, env: Mapping[str, int]) -> int:
    """The node's value, straight from its definition."""
    match node:
        case Const():
            return node.value
        case Var():
            return env[node.name]
        case Not(arg):
            return 1 - value(arg, env)
        case And(args):
            return int(all(value(a, env) for a in args))
        case Or(args):
            return int(any(value(a, env) for a in args))
        case Ite(cond, then, other):
            return value(then if value(cond, env) else other, env)
        case Eq(left, right):
            return int(value(left, env) == value(right, env))
        case Ult(left, right):
            return int(value(left, env) < value(right, env))
        case Ule(left, right):
            return int(value(left, env) <= value(right, env))
        case Add(left, right):
            return (value(left, env) + value(right, env)) % 2**64
        case Sub(left, right):
            return (value(left, env) - value(right, env)) % 2**64
        case BitAnd(left, right):
            return value(left, env) & value(right, env)


def leaves(sort: Sort) -> st.SearchStrategy[Node]:
    constants = WORDS if sort.is_word else st.integers(0, sort.values - 1)
    return st.one_of(
        constants.map(lambda v: Const(sort, v)), st.sampled_from([v for v in (*CONTROL, *DATA) if v.sort == sort])
    )


def nodes(sort: Sort, depth: int) -> st.SearchStrategy[Node]:
    if depth == 0:
        return leaves(sort)
    below = nodes(sort, depth - 1)
    choice = st.builds(Ite, nodes(BOOLEAN, depth - 1), below, below, st.just(sort))
    if sort == PHASE:
        return st.one_of(leaves(sort), choice)
    if sort.is_word:
        operators = [st.builds(op, below, below, st.just(sort)) for op in (Add, Sub, BitAnd)]
        return st.one_of(leaves(sort), choice, *operators)
    several = st.lists(below, max_size=4).map(tuple)
    compared = [
        st.builds(op, nodes(s, depth - 1), nodes(s, depth - 1)) for s in (PHASE, SIZE, ADDRESS) for op in (Eq, Ult, Ule)
    ]
    return st.one_of(
        leaves(sort), choice, st.builds(Not, below), st.builds(And, several), st.builds(Or, several), *compared
    )


ENVS = st.fixed_dictionaries(
    {v.name: WORDS if v.sort.is_word else st.integers(0, v.sort.values - 1) for v in (*CONTROL, *DATA)}
)
FORMULAS = nodes(BOOLEAN, 3)
quick = settings(max_examples=150, deadline=None)


def interned(node: Node) -> tuple[Pool, int]:
    pool = Pool()
    env = {v.name: pool.control(v.name, v.sort, *PLACES[v.name]) for v in CONTROL}
    env |= {v.name: pool.data(v.name, v.sort) for v in DATA}
    return pool, pool.intern(node, env, {})


def packed(env: Mapping[str, int]) -> int:
    return sum(env[name] << shift for name, (shift, _) in PLACES.items())


def data_values(pool: Pool, env: Mapping[str, int]) -> dict[int, int]:
    return {pool.data(v.name, v.sort): env[v.name] for v in DATA}


@quick
@given(FORMULAS, ENVS)
def test_a_residue_has_the_value_of_its_formula(node: Node, env: dict[str, int]) -> None:
    pool, i = interned(node)
    residue = pool.specialise(i, packed(env))
    assert pool.mask[residue] == 0
    assert evaluate(pool, residue, data_values(pool, env), {}) == value(node, env)


@quick
@given(FORMULAS, ENVS, st.integers(0, 15))
def test_a_residue_depends_on_the_bits_of_the_mask_only(node: Node, env: dict[str, int], noise: int) -> None:
    pool, i = interned(node)
    state = packed(env)
    other = state & pool.mask[i] | noise & ~pool.mask[i]
    assert pool.specialise(i, state) == pool.specialise(i, other) == pool.specialise(i, state & pool.mask[i])


@quick
@given(FORMULAS, ENVS, nodes(SIZE, 2), nodes(BOOLEAN, 2))
def test_substitution_is_evaluation_with_other_values(node: Node, env: dict[str, int], size: Node, truth: Node) -> None:
    pool, i = interned(node)
    known = {v.name: pool.control(v.name, v.sort, *PLACES[v.name]) for v in CONTROL}
    known |= {v.name: pool.data(v.name, v.sort) for v in DATA}
    mapping = {known["s"]: pool.intern(size, known, {}), known["x"]: pool.intern(truth, known, {})}
    replaced = pool.specialise(pool.substitute(i, mapping, {}), packed(env))
    expected = value(node, env | {"s": value(size, env), "x": value(truth, env)})
    assert evaluate(pool, replaced, data_values(pool, env), {}) == expected


@quick
@given(st.lists(FORMULAS, max_size=5), ENVS)
def test_a_conjunction_with_unit_resolution_is_still_the_conjunction(parts: list[Node], env: dict[str, int]) -> None:
    pool, i = interned(And(tuple(parts)))
    residue = pool.specialise(i, packed(env))
    assert evaluate(pool, residue, data_values(pool, env), {}) == int(all(value(p, env) for p in parts))


def test_unit_resolution() -> None:
    pool = Pool()
    a, b, c = (pool.data(name, BOOLEAN) for name in "abc")
    clause = pool.or_((pool.not_(a), b))
    assert pool.and_((a, clause)) == pool.and_((a, b))
    assert pool.and_((pool.not_(a), clause)) == pool.not_(a)
    assert pool.and_((a, clause, pool.not_(b))) == FALSE
    assert pool.and_((a, clause, pool.or_((pool.not_(b), c)))) == pool.and_((a, b, c))
    assert pool.and_((a, pool.not_(a))) == FALSE
    assert pool.and_(()) == TRUE
    assert pool.and_((a, TRUE, a)) == a
    assert pool.and_((pool.and_((a, b)), c)) == pool.and_((c, pool.and_((b, a))))


def test_what_is_masked_twice_is_masked_once() -> None:
    """So that a value rounded to pages is seen to be a multiple of the page without a solver."""
    pool = Pool()
    word = Var(SIZE, "s")
    rounded = BitAnd(Add(word, Const(SIZE, 4095), SIZE), Const(SIZE, WORD_MAX - 4095), SIZE)
    assert (
        pool.intern(Eq(BitAnd(rounded, Const(SIZE, 4095), SIZE), Const(SIZE, 0)), {"s": pool.data("s", SIZE)}) == TRUE
    )
    again = BitAnd(rounded, Const(SIZE, WORD_MAX - 8191), SIZE)
    once = BitAnd(Add(word, Const(SIZE, 4095), SIZE), Const(SIZE, WORD_MAX - 8191), SIZE)
    env = {"s": pool.data("s", SIZE)}
    assert pool.intern(again, env) == pool.intern(once, env)
