"""What is exported, as text, and what cannot be."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from callproof.errors import UsageError
from callproof.export import Problem, Wanted, exported, problem
from callproof.export.c_expressions import Expressions, comment, identifiers, quoted
from callproof.export.domain import DEFAULT, domain
from callproof.expr import BOOLEAN, SIZE, Add, And, Const, Eq, Kind, Node, Not, Or, Ule, Var
from callproof.model.clauses import DOCUMENTED, HARDENED
from callproof.symbolic.words import Words
from callproof.trace import Step, Trace
from ge_memory import SPEC as GE
from tests.support.toys import locker


def toy(**asked: object) -> Problem:
    return problem(locker(), "locker", DOCUMENTED, ["fits"], {}, 3, **asked)  # type: ignore[arg-type]


def test_there_are_as_many_resources_as_an_invariant_names() -> None:
    one = problem(GE, "ge-memory", HARDENED, ["no-wrap"], {}, 1)
    two = problem(GE, "ge-memory", HARDENED, ["no-wrap", "disjoint-in-flight"], {}, 1)
    assert (dict(one.system.counts)["GraphId"], dict(two.system.counts)["GraphId"]) == (1, 2)
    assert {prop.id for prop in two.properties} == {"no-wrap", "disjoint-in-flight"}
    with pytest.raises(UsageError, match="disjoint-in-flight says nothing of 1 GraphId: it names 2"):
        problem(GE, "ge-memory", HARDENED, ["disjoint-in-flight"], {"GraphId": 1}, 1)


def test_readings_and_options_are_told_in_the_head_and_hold_in_the_body() -> None:
    chosen = toy(readings=(("P2", "less"),), options=(("strict", "yes"),))
    assert "with 1 BoxId, P2 read as less, strict=yes" in exported(chosen, "smtlib")
    assert "(define-fun |option:strict| () (_ BitVec 1) (_ bv1 1))" in exported(chosen, "smtlib")
    assert "assume(s.option_strict == 1);" in exported(chosen, "c")
    assert "now.s.option_strict = 1;" in exported(chosen, "promela")
    assert "one_of_2(); c_code { now.s.option_strict = now.pick; };" in exported(toy(), "promela")


@pytest.mark.parametrize("target", ["smtlib", "chc", "c", "promela"])
def test_an_export_is_the_same_each_time(target: str) -> None:
    assert exported(toy(), target) == exported(toy(), target)


@pytest.mark.parametrize(
    ("target", "wanted", "said"),
    [
        ("vhdl", Wanted(), "unknown target 'vhdl'; the targets: smtlib, chc, c, promela"),
        ("c", Wanted(word_bits=8), "--word-bits is for smtlib and chc; c takes words of 64 bits"),
        ("smtlib", Wanted(word_bits=65), "--word-bits is a number from 1 to 64, not 65"),
        ("chc", Wanted(domain={"size": "1"}), "--domain is for promela; chc takes every word"),
        ("smtlib", Wanted(trace=Trace("locker", ())), "--trace is for c, whose program plays it; not for smtlib"),
        ("promela", Wanted(domain={"length": "1"}), "--domain length=1: a domain is of one of address, size, number"),
        ("promela", Wanted(domain={"size": "1,two"}), "--domain size: 'two' is no number"),
        ("promela", Wanted(domain={"size": "-1"}), "--domain size: its values are from 0 to"),
        ("promela", Wanted(domain={"size": ",".join(map(str, range(65)))}), "--domain size: at most 64 values, not 65"),
    ],
)
def test_what_a_target_cannot_be_told_is_refused(target: str, wanted: Wanted, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        exported(toy(), target, wanted)
    assert said in str(caught.value)


def test_a_constant_that_does_not_fit_is_named() -> None:
    with pytest.raises(UsageError, match=r"the constant 31 does not fit words of 4 bits"):
        exported(problem(GE, "ge-memory", HARDENED, ["no-wrap"], {}, 1), "smtlib", Wanted(word_bits=4))


def test_a_trace_of_something_else_is_refused() -> None:
    other = Trace("locker", (), {"P2": "less"})
    with pytest.raises(UsageError, match="the trace reads P2 as less, the export as at-most"):
        exported(toy(), "c", Wanted(trace=other))
    step = Step("Put", {"box": 7, "amount": 1})
    with pytest.raises(UsageError, match=r"locker has no call Put\(7\) here"):
        exported(toy(), "c", Wanted(trace=Trace("locker", (step,))))


def test_a_domain_has_each_value_once() -> None:
    assert domain({"size": "0,0x10,16"}) == {**DEFAULT, Kind.SIZE: (0, 16)}


def test_no_variable_is_taken_for_a_shared_part() -> None:
    """A shared part is bound by `let` under a name that no variable has."""
    shared = Eq(Var(SIZE, "s0"), Const(SIZE, 3))
    text = Words(8).text(
        [Or((shared, Not(shared), Eq(Var(SIZE, "s1"), Var(SIZE, "s0"))))], {"s0": "|s0|", "s1": "|s1|"}
    )
    assert text == "(let ((?0 (= |s0| (_ bv3 8)))) (or ?0 (not ?0) (= |s1| |s0|)))"


# -- C text -------------------------------------------------------------------------------------------------------


def test_no_two_names_become_one_identifier() -> None:
    found = identifiers(["a.b", "a_b", "a[b]", "int", "1x", "?"])
    assert found == {"a.b": "a_b", "a_b": "a_b_2", "a[b]": "a_b_3", "int": "int_2", "1x": "x1x", "?": "x"}


def test_text_of_a_specification_ends_neither_a_comment_nor_a_string() -> None:
    assert comment("a */ b /* c") == "a * / b / * c"
    assert quoted('a"b\\c%d?\n€') == '"a\\042b\\134c\\045d\\077\\012\\342\\202\\254"'


def test_what_is_used_twice_is_computed_once() -> None:
    x = Var(SIZE, "x")
    twice = Add(x, Const(SIZE, 1), SIZE)
    made = Expressions(lambda name: name)
    assert made.of([And((Ule(x, twice), Not(Eq(twice, Const(SIZE, 0)))))]) == ["((x <= t0) && !(t0 == UINT64_C(0)))"]
    assert made.lines == ["const uint64_t t0 = (x + UINT64_C(1));"]
    assert made.of([And(()), Or(())]) == ["1", "0"]


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_deep_formula_compiles(tmp_path: Path) -> None:
    node: Node = Var(BOOLEAN, "x")
    for _ in range(2_000):
        node = Not(Or((node, Var(BOOLEAN, "y"))))
    made = Expressions(lambda name: name)
    [value] = made.of([node])
    body = "\n".join([*made.lines, f"return {value};"])
    (tmp_path / "deep.c").write_text(f"#include <stdint.h>\nint f(int x, int y)\n{{\n{body}\n}}\n")
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-c", "deep.c"], cwd=tmp_path, check=True)
    assert (tmp_path / "deep.o").exists()
