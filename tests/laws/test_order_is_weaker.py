"""What is shown by order alone holds as it stands: on random conditions, by Z3 and on facts of random values."""

import random
from itertools import pairwise

import pytest
import z3

from callproof.certificate.order import by_order

WORDS = ("|a|", "|b|", "|c|", "|d|")
LITERALS = ("#x0000000000000000", "#x0000000000000001", "#x0000000000000020", "#xffffffffffffffff")
HEAD = "\n".join(
    [*(f"(declare-const {name} (_ BitVec 64))" for name in WORDS), "(declare-const |p| Bool)",
     "(declare-const |few| (_ BitVec 2))"]
)  # fmt: skip


def word(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(WORDS + LITERALS)
    if rng.random() < 0.2:
        return f"(ite {condition(rng, depth - 1)} {word(rng, depth - 1)} {word(rng, depth - 1)})"
    return f"({rng.choice(('bvadd', 'bvsub', 'bvand'))} {word(rng, depth - 1)} {word(rng, depth - 1)})"


def condition(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(("|p|", "(bvult |few| #b10)", f"(bvule {rng.choice(WORDS)} {rng.choice(WORDS)})"))
    kind = rng.choice(("not", "and", "or", "bvult", "bvule", "="))
    if kind in ("bvult", "bvule", "="):
        return f"({kind} {word(rng, depth - 1)} {word(rng, depth - 1)})"
    return f"({kind} {' '.join(condition(rng, depth - 1) for _ in range(1 if kind == 'not' else 2))})"


def answer(script: str) -> str:
    solver = z3.Solver()
    solver.set("rlimit", 3_000_000)
    solver.from_string(script)
    return str(solver.check())


@pytest.mark.parametrize("seed", range(4))
def test_what_order_refutes_has_no_model(seed: int) -> None:
    rng = random.Random(seed)
    refuted = 0
    for _ in range(60):
        script = "\n".join([HEAD, *(f"(assert {condition(rng, 3)})" for _ in range(7))])
        if answer(by_order(script)[1]) == "unsat":
            refuted += 1
            assert answer(script) != "sat", script
    assert refuted >= 10


def value(values: dict[str, int], rest: list[str]) -> int:
    """The value of the term that some tokens begin with."""
    token = rest.pop(0)
    if token != "(":
        return values[token] if token in values else int(token[2:], 16)
    operator = rest.pop(0)
    left, right = value(values, rest), value(values, rest)
    rest.pop(0)
    return {"bvadd": left + right, "bvsub": left - right, "bvand": left & right}[operator] & (1 << 64) - 1


def facts(rng: random.Random, values: dict[str, int]) -> list[str]:
    """How some terms compare, in truth, in the order of what they come to."""
    found = []
    for _ in range(rng.choice((3, 6, 40))):
        term = without_choices(rng, rng.choice((0, 0, 1, 2)))
        found.append((value(values, term.replace("(", "( ").replace(")", " )").split()), term))
    found.sort()
    return [f"({'=' if a == b else 'bvult'} {s} {t})" for (a, s), (b, t) in pairwise(found)]


def without_choices(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(WORDS + LITERALS)
    operator = rng.choice(("bvadd", "bvsub", "bvand"))
    return f"({operator} {without_choices(rng, depth - 1)} {without_choices(rng, depth - 1)})"


@pytest.mark.parametrize("seed", range(4))
def test_what_has_a_model_is_never_refuted_by_order(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        near = rng.choice((0, 1, 0x20, 1 << 63, (1 << 64) - 4))
        values = {name: rng.choice((near, rng.getrandbits(64))) + rng.randrange(4) & (1 << 64) - 1 for name in WORDS}
        script = "\n".join([HEAD, *(f"(assert {fact})" for fact in facts(rng, values))])
        assert answer(by_order(script)[1]) != "unsat", (values, script)
