"""Whole results kept between runs: found for the same question only, and the same as they were."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callproof.answers import Answers
from callproof.errors import Location
from callproof.expr import SIZE, TRUE, Const, Eq, Ule, Var
from callproof.model.fingerprint import fingerprint
from callproof.model.instantiate import instantiate
from callproof.model.system import System
from callproof.report.check_json import check_json
from callproof.run.check import check
from callproof.run.recall import question
from callproof.run.request import Request
from callproof.verdict import CheckResult
from tests.support.toys import BoxId, Store, locker


def ready(s: Store) -> Any:
    """It does not hold at first, and there is no trace of no calls."""
    return s.ready


def without_costs(result: CheckResult) -> str:
    work = replace(result.work, solver_calls=0, kept=0)
    return check_json(replace(result, work=work), with_times=False)


def test_a_second_check_finds_the_whole_result(tmp_path: Path) -> None:
    request, ticks = Request(layer="documented"), []
    with Answers(tmp_path / "answers") as answers:
        first = check(locker(), request, None, answers)
    with Answers(tmp_path / "answers") as answers:
        second = check(locker(), request, ticks.append, answers)
    assert any(finding.counterexample for finding in first.layers[0].findings), "the premise: traces are kept too"
    assert ticks == []
    assert second.layers == first.layers
    assert without_costs(second) == without_costs(first)


def test_what_is_unknown_is_not_kept(tmp_path: Path) -> None:
    spec, request, ticks = locker(), Request(layer="documented", budget=1), []
    spec.invariant("ready", "LIFECYCLE")(ready)
    for _ in range(2):
        ticks.clear()
        with Answers(tmp_path / "answers") as answers:
            result = check(spec, request, ticks.append, answers)
    assert any(finding.status.value == "unknown" for finding in result.layers[0].findings), "the premise"
    assert ticks != []


def test_a_kept_result_that_is_none_is_worked_out_again(tmp_path: Path) -> None:
    request = Request(layer="documented")
    asked = question(locker(), request)
    assert asked is not None
    with Answers(tmp_path / "answers") as answers:
        answers.put(asked, b"no result at all")
        result = check(locker(), request, None, answers)
    assert without_costs(result) == without_costs(check(locker(), request))


@pytest.mark.parametrize(
    "change",
    [
        {"layer": "hardened"},
        {"bound": 11},
        {"graphs": 3},
        {"readings": (("P2", "less"),)},
        {"options": (("strict", "no"),)},
        {"invariants": ("fits",)},
        {"budget": 1},
        {"dropped": frozenset({("Put", "P1")})},
        {"engine": "paths"},
        {"needs": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_request_is_another_question(change: dict[str, Any]) -> None:
    assert question(locker(), replace(Request(), **change)) != question(locker(), Request())


def titled(spec: Any) -> None:
    spec.title = "another"


def one_more_invariant(spec: Any) -> None:
    @spec.invariant("more", "SIZE")
    def more(s: Store) -> Any:
        return s.ready | ~s.ready


def two_boxes(spec: Any) -> None:
    spec.numbers = {BoxId: 2}


@pytest.mark.parametrize("change", [titled, one_more_invariant, two_boxes])
def test_another_specification_is_another_question(change: Callable[[Any], None]) -> None:
    other = locker()
    change(other)
    assert question(other, Request()) != question(locker(), Request())


def test_what_is_said_of_three_resources_is_part_of_the_question() -> None:
    """Only the formula with three of them tells these two apart: their source is the same."""

    def asked(*, first: bool) -> bytes | None:
        spec = locker()

        def picked(s: Store, a: BoxId, b: BoxId, c: BoxId) -> Any:
            return s.boxes[a].used <= (s.boxes[b] if first else s.boxes[c]).used

        spec.invariant("picked", "SIZE")(picked)
        return question(spec, Request())

    assert asked(first=True) != asked(first=False)


def test_a_body_whose_source_is_not_there_asks_no_question() -> None:
    spec, names = locker(), {}
    exec(compile("def body(s):\n  'It is so.'\n  return s.ready | ~s.ready", "/nowhere/else.py", "exec"), names)
    spec.invariant("more", "SIZE")(names["body"])
    assert question(spec, Request()) is None


def test_a_fingerprint_tells_formulas_apart_but_not_where_they_stand() -> None:
    system = instantiate(locker(), {})
    assert fingerprint(instantiate(locker(), {})) == fingerprint(system)

    def with_property(formula: Any) -> System:
        return replace(system, properties=(replace(system.properties[0], formula=formula),))

    a, b = Var(SIZE, "a"), Const(SIZE, 1)
    made = [with_property(f) for f in (TRUE, Ule(a, b), Ule(b, a), Eq(a, b), Ule(Var(SIZE, "b"), b))]
    assert len({fingerprint(each) for each in made}) == len(made)
    put = system.actions[1]
    moved = replace(put, clauses=tuple(replace(c, location=Location("elsewhere.py", 1)) for c in put.clauses))
    assert moved != put
    assert fingerprint(replace(system, actions=(system.actions[0], moved, *system.actions[2:]))) == fingerprint(system)
