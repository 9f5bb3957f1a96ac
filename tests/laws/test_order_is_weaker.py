"""What is shown by order alone holds as it stands: on random conditions, by Z3."""

import random

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
