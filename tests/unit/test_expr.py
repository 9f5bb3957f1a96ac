import enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callproof.errors import SpecError, collect_faults
from callproof.expr import (
    ADDRESS,
    BOOLEAN,
    FALSE,
    NUMBER,
    SIZE,
    TRUE,
    WORD_MAX,
    Add,
    Address,
    And,
    BitAnd,
    Bool,
    Const,
    EnumTerm,
    Eq,
    Ite,
    Node,
    Not,
    Number,
    Or,
    Size,
    Sub,
    Ule,
    Ult,
    Var,
    all_of,
    any_of,
    children,
    constant,
    disjoint,
    enum_sort,
    holds,
    implies,
    ite,
    no_wrap,
    truth,
    variables,
)


class Colour(enum.Enum):
    RED = 7
    GREEN = 5


class Shape(enum.Enum):
    ROUND = 0
    FLAT = 1


A, B = Address(Var(ADDRESS, "a")), Address(Var(ADDRESS, "b"))
M, N = Size(Var(SIZE, "m")), Size(Var(SIZE, "n"))
P, Q = Bool(Var(BOOLEAN, "p")), Bool(Var(BOOLEAN, "q"))
C = EnumTerm[Colour](Var(enum_sort(Colour), "c"))
COUNT = Number(Var(NUMBER, "count"))


def value(node: Node, env: dict[str, int]) -> int:
    """A slow evaluator, written without looking at the others."""
    match node:
        case Const(_, number):
            return number
        case Var(_, name):
            return env[name]
        case Not(arg):
            return 1 - value(arg, env)
        case And(args):
            return int(all(value(arg, env) for arg in args))
        case Or(args):
            return int(any(value(arg, env) for arg in args))
        case Ite(cond, then, other):
            return value(then, env) if value(cond, env) else value(other, env)
        case Eq(left, right):
            return int(value(left, env) == value(right, env))
        case Ult(left, right):
            return int(value(left, env) < value(right, env))
        case Ule(left, right):
            return int(value(left, env) <= value(right, env))
        case Add(left, right):
            return (value(left, env) + value(right, env)) & WORD_MAX
        case Sub(left, right):
            return (value(left, env) - value(right, env)) & WORD_MAX
        case BitAnd(left, right):
            return value(left, env) & value(right, env)


def test_words_compare_unsigned_and_only_so() -> None:
    assert (A < B).node == Ult(A.node, B.node)
    assert (A <= B).node == Ule(A.node, B.node)
    assert (A > B).node == Ult(B.node, A.node)
    assert (A >= B).node == Ule(B.node, A.node)
    assert value((M > 1).node, {"m": WORD_MAX}) == 1  # as a signed number this would be -1
    assert value((M > 5).node, {"m": WORD_MAX}) == 1


def test_equality_builds_a_formula() -> None:
    assert (A == B).node == Eq(A.node, B.node)
    assert (A != 0).node == Not(Eq(A.node, Const(ADDRESS, 0)))
    assert (P == True).node == Eq(P.node, TRUE)  # noqa: E712
    assert (P != Q).node == Not(Eq(P.node, Q.node))


def test_addresses_and_sizes_make_each_other() -> None:
    assert type(A + M) is Address
    assert (A + M).node == Add(A.node, M.node, ADDRESS)
    assert type(A - B) is Size
    assert (A - B).node == Sub(A.node, B.node, SIZE)
    assert type(M + 1) is Size
    assert type(M - N) is Size
    assert type(COUNT + 1) is Number
    assert type(COUNT - 1) is Number


def test_enumerations_follow_the_order_of_declaration_not_the_values() -> None:
    assert enum_sort(Colour).members == ("RED", "GREEN")
    assert (C < Colour.GREEN).node == Ult(C.node, Const(C.node.sort, 1))
    assert (C >= Colour.GREEN).node == Ule(Const(C.node.sort, 1), C.node)
    assert value(C.is_one_of(Colour.RED, Colour.GREEN).node, {"c": 1}) == 1
    assert constant(Colour.GREEN).node == Const(C.node.sort, 1)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: A < M, "cannot mix address with size"),
        (lambda: M == COUNT, "cannot mix size with number"),
        (lambda: M + COUNT, "cannot mix size with number"),
        (lambda: M == "3", "cannot mix size with str '3'"),
        (lambda: M == True, "cannot mix size with bool True"),  # noqa: E712
        (lambda: P & M, "cannot mix boolean with size"),
        (lambda: P & 1, "cannot mix boolean with int 1"),
        (lambda: C == Shape.FLAT, "cannot mix Colour with Shape"),
        (lambda: A + 1, "an address moves by a size, not by int 1"),
        (lambda: A - M, "from an address only an address can be subtracted, not size"),
        (lambda: ite(P, M, A), "cannot mix size with address"),
        (lambda: ite(P, 1, M), r"the second argument of ite\(\) is a formula, not int 1"),
        (lambda: ite(M, M, N), "a boolean formula is needed here, not size"),
        (lambda: all_of(P, 3), "a boolean formula is needed here, not int 3"),
        (lambda: M == -1, "-1 is no unsigned 64-bit value"),
        (lambda: M == WORD_MAX + 1, "is no unsigned 64-bit value"),
        (lambda: M.is_aligned(12), "an alignment is a power of two, not 12"),
        (lambda: M.rounded_up(12), "a value is rounded up to a power of two, not to 12"),
        (lambda: Size.of(-1), "-1 is no unsigned 64-bit value"),
        (lambda: bool(P), "a formula has no truth value"),
        (lambda: P and Q, "a formula has no truth value"),
        (lambda: A <= B <= A, "a formula has no truth value"),
        (lambda: {M: 1}, "a formula cannot be a dictionary key"),
    ],
)
def test_what_does_not_fit_is_a_fault_of_this_line(build, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        build()
    assert caught.value.location.file.endswith("test_expr.py")
    assert caught.value.location.line == build.__code__.co_firstlineno


def test_faults_can_be_collected() -> None:
    with collect_faults() as found:
        result = (A < M) & (M == "3")
        any_of(P, 3)
    assert isinstance(result, Bool)
    assert [error.location.line - found[0].location.line for error in found] == [0, 0, 1]


def test_a_formula_over_several_lines_is_located_at_its_first() -> None:
    with pytest.raises(SpecError) as caught:
        all_of(
            P,
            implies(
                Q,
                3,
            ),
        )
    source = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert source[caught.value.location.line - 1].strip() == "implies("


def test_truth() -> None:
    assert truth(True).node == TRUE
    assert truth(False).node == FALSE
    assert truth(P) is P


def test_children_and_variables() -> None:
    formula = ite(P & ~Q, M + N, M - 1) == N
    assert list(variables(formula.node)) == ["p", "q", "m", "n"]
    assert children(P.node) == ()
    assert children(ite(P, M, N).node) == (P.node, M.node, N.node)
    assert all(isinstance(child, Var | Not) for child in children((P & ~Q).node))


@given(p=st.booleans(), q=st.booleans())
def test_connectives(p: bool, q: bool) -> None:
    env = {"p": int(p), "q": int(q)}
    assert value((P & Q).node, env) == (p and q)
    assert value((P | Q).node, env) == (p or q)
    assert value((True & P).node, env) == p
    assert value((~P).node, env) == (not p)
    assert value(implies(P, Q).node, env) == (not p or q)
    assert value(ite(P, constant(Colour.RED), Colour.GREEN).node, env) == (0 if p else 1)


# Near both ends of the space, where wrapping matters.
WORDS = st.integers(0, 12) | st.integers(WORD_MAX - 12, WORD_MAX) | st.integers(0, WORD_MAX)


def covered(base: int, size: int, byte: int) -> bool:
    return (byte - base) & WORD_MAX < size


@given(a=WORDS, m=WORDS, b=WORDS, n=WORDS)
def test_disjoint_also_where_a_region_wraps(a: int, m: int, b: int, n: int) -> None:
    meets = (covered(a, m, b) and n > 0) or (covered(b, n, a) and m > 0)
    assert value(disjoint(A, M, B, N).node, {"a": a, "m": m, "b": b, "n": n}) == (not meets)


@given(a=WORDS, m=WORDS)
def test_no_wrap_says_that_the_last_byte_exists(a: int, m: int) -> None:
    assert value(no_wrap(A, M).node, {"a": a, "m": m}) == (m == 0 or a + m - 1 <= WORD_MAX)


@given(a=WORDS, m=WORDS, b=WORDS, n=WORDS)
def test_holds_where_neither_region_wraps(a: int, m: int, b: int, n: int) -> None:
    m, n = min(m, WORD_MAX + 1 - a), min(n, WORD_MAX + 1 - b)
    inside = n == 0 or (a <= b and b + n <= a + m)
    assert value(holds(A, M, B, N).node, {"a": a, "m": m, "b": b, "n": n}) == inside


@given(a=WORDS, shift=st.integers(0, 12))
def test_is_aligned(a: int, shift: int) -> None:
    assert value(A.is_aligned(1 << shift).node, {"a": a}) == (a % (1 << shift) == 0)


@given(m=WORDS, shift=st.integers(0, 12))
def test_rounded_up(m: int, shift: int) -> None:
    to = 1 << shift
    assert value(M.rounded_up(to).node, {"m": m}) == (m + to - 1) // to * to % (WORD_MAX + 1)


def test_a_literal_is_a_term() -> None:
    assert (A + Size.of(7)).node == Add(A.node, Const(SIZE, 7), ADDRESS)
