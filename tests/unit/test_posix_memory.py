"""The specification of anonymous memory: its facts and pages, its verdicts, and what it says of single calls."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from callproof.expr import WORD_MAX
from callproof.model import Origin, instantiate
from callproof.model.lint import lint
from callproof.semantics import VERDICTS, Machine, Verdict
from callproof.semantics.machine import CompiledAction
from posix_memory import SPEC
from posix_memory.state import PAGE

ROOT = Path(__file__).parents[2]
COUNTS = {"M": 10, "U": 5, "P": 5, "A": 5, "R": 12, "S": 4}
FACTS = [f"{letter}{n}" for letter, count in COUNTS.items() for n in range(1, count + 1)]
PAGES = {
    "mmap(2)", "munmap(2)", "mprotect(2)", "mremap(2)", "madvise(2)", "POSIX mmap", "POSIX munmap", "POSIX mprotect",
}  # fmt: skip
ERRORS = {"EINVAL", "ENOMEM", "EEXIST", "EFAULT", "EOVERFLOW", "SIGSEGV"}
ARENA = 1 << 20


def test_every_fact_is_listed_once() -> None:
    assert [fact.id for fact in SPEC.facts] == FACTS
    assert [question.id for question in SPEC.questions] == [f"Q{n}" for n in range(1, 6)]
    assert lint(SPEC) == []


def test_clauses_cite_pages_sections_and_errors() -> None:
    for clause in SPEC.clauses.values():
        if clause.page:
            assert set(clause.page.split("; ")) <= PAGES, clause.id
            assert re.match(r"ERRORS|DESCRIPTION|NOTES|RETURN VALUE", clause.section), clause.id
        if clause.origin is Origin.DOCUMENTED:
            assert clause.refused_with, clause.id
            assert set(clause.refused_with) <= ERRORS, clause.id
        else:
            assert not clause.refused_with, clause.id


def test_verdicts() -> None:
    """As the evidence has them, which tests/e2e/test_report.py holds to what the command writes today."""
    document = json.loads((ROOT / "reports" / "posix-memory.json").read_text(encoding="utf-8"))
    table = {layer["layer"]: {i["id"]: i for i in layer["invariants"]} for layer in document["layers"]}
    assert set(table) == {"documented", "+caller", "hardened"}
    assert all(set(layer) == set(SPEC.invariants) for layer in table.values())
    broken = {(name, id) for name, layer in table.items() for id, i in layer.items() if i["verdict"] != "proved"}
    assert broken == {("documented", id) for id in ("placed-in-arena", "not-null", "intact")}
    assert {i["scope"] for i in table["hardened"].values()} == {"any length, 3 RegionId"}
    assert document["exit"] == 0


# -- single calls, by the interpreter -----------------------------------------------------------------------------


class Memory:
    """Regions 1 and 2 in an arena of eight pages, by the compiled specification."""

    def __init__(self) -> None:
        self._machine = Machine(instantiate(SPEC, {"RegionId": 2}))
        self._state = self._machine.initial({})
        self.do("reserve", (), (8 * PAGE,), (ARENA,))

    def _action(self, call: str, handles: tuple[int, ...]) -> CompiledAction:
        return self._machine.compiled[self._machine.action(call, handles)]

    def says(self, call: str, handles: tuple[int, ...], args: tuple[int, ...]) -> tuple[Verdict, list[str]]:
        """The verdict, and the documented clauses that fail."""
        act = self._action(call, handles)
        none = (0,) * len(act.action.results)
        uses = [act.action.clauses[n] for n in act.explain(self._state, args, none)]
        return VERDICTS[act.judge(self._state, args, none)], [u.id for u in uses if u.origin is Origin.DOCUMENTED]

    def do(
        self, call: str, handles: tuple[int, ...], args: tuple[int, ...], results: tuple[int, ...] = ()
    ) -> dict[int, tuple[int, int]]:
        """Make a call that must be accepted; the first page and the number of pages of every region."""
        act = self._action(call, handles)
        assert act.judge(self._state, args, results) == 0
        assert act.possible(self._state, args, results)
        assert act.apply(self._state, args, results) >= 0
        slots, state = self._machine.slots, self._state
        return {
            n: ((state[slots[f"regions[{n}].base"]] - ARENA) // PAGE, state[slots[f"regions[{n}].size"]] // PAGE)
            for n in (1, 2)
            if state[slots[f"regions[{n}].mapped"]]
        }

    def stamp(self, region: int) -> int:
        return self._state[self._machine.slots[f"regions[{region}].stamp"]]


def at(page: int) -> int:
    return ARENA + page * PAGE


READ_WRITE, FIXED, NOREPLACE = 2, 1, 2


@pytest.fixture
def memory() -> Memory:
    made = Memory()
    made.do("mmap", (1,), (at(1), 5 * PAGE - 1, READ_WRITE, NOREPLACE), (at(1),))
    made.do("store", (1,), (at(1), 5 * PAGE, 77))
    return made


@pytest.mark.parametrize(
    ("addr", "length", "left"),
    [
        (at(1), 5 * PAGE, {}),
        (at(0), 8 * PAGE, {}),
        (at(1), 1, {1: (2, 4)}),
        (at(5), 1, {1: (1, 4)}),
        (at(3), PAGE, {1: (1, 2), 2: (4, 2)}),
        (at(6), PAGE, {1: (1, 5)}),
    ],
    ids=["all", "more than all", "the front", "the back", "a hole", "nothing"],
)
def test_munmap(memory: Memory, addr: int, length: int, left: dict[int, tuple[int, int]]) -> None:
    assert memory.do("munmap", (1, 2), (addr, length)) == left
    assert [memory.stamp(n) for n in left] == [77] * len(left)


def test_a_larger_region_keeps_its_bytes_and_gets_zeros(memory: Memory) -> None:
    grown = memory.do("mremap", (1, 2), (at(1), 5 * PAGE, 7 * PAGE, 0, 0), (at(1),))
    assert grown == {1: (1, 5), 2: (6, 2)}
    assert (memory.stamp(1), memory.stamp(2)) == (77, 0)
    assert memory.do("mremap", (1, 2), (at(1), 5 * PAGE, 1, 1, 0), (at(1),)) == {1: (1, 1), 2: (6, 2)}


def test_dropped_pages_read_as_zeros(memory: Memory) -> None:
    memory.do("madvise", (1,), (at(1), 5 * PAGE, 0))
    assert memory.stamp(1) == 77
    memory.do("madvise", (1,), (at(1), 5 * PAGE, 1))
    assert memory.stamp(1) == 0


@pytest.mark.parametrize(
    ("call", "handles", "args", "fails"),
    [
        ("mmap", (2,), (at(5), PAGE, 0, NOREPLACE), ["M8"]),
        ("mmap", (2,), (at(7), 0, 0, FIXED), ["M3", "M6"]),
        ("mmap", (2,), (at(7), WORD_MAX, 0, 0), ["M4"]),
        ("mmap", (2,), (at(7) + 1, PAGE, 0, FIXED), ["M5"]),
        ("munmap", (1, 2), (at(1) + 1, 1), ["U2"]),
        ("munmap", (1, 2), (at(1), WORD_MAX - at(1)), ["U4"]),
        ("mprotect", (2,), (at(6), PAGE, 0), ["P4"]),
        ("madvise", (1,), (at(1), WORD_MAX, 1), ["A3"]),
        ("mremap", (1, 2), (at(1), 5 * PAGE, PAGE, 3, at(6)), ["R2"]),
        ("mremap", (1, 2), (at(1), 5 * PAGE, PAGE, 2, at(5)), ["R7"]),
        ("mremap", (1, 2), (at(6), PAGE, 2 * PAGE, 1, 0), ["R8"]),
        ("load", (1,), (at(0),), ["S1"]),
    ],
)
def test_what_must_be_refused(
    memory: Memory, call: str, handles: tuple[int, ...], args: tuple[int, ...], fails: list[str]
) -> None:
    assert memory.says(call, handles, args) == (Verdict.MUST_REJECT, fails)


def test_what_protection_forbids(memory: Memory) -> None:
    memory.do("mprotect", (1,), (at(1), 5 * PAGE, 1))
    assert memory.says("store", (1,), (at(1), 5 * PAGE, 1)) == (Verdict.MUST_REJECT, ["S3"])
    memory.do("mprotect", (1,), (at(1), 5 * PAGE, 0))
    assert memory.says("load", (1,), (at(3),)) == (Verdict.MUST_REJECT, ["S2"])


@pytest.mark.parametrize(
    ("call", "handles", "args"),
    [
        ("mmap", (2,), (at(8), PAGE, 0, FIXED)),
        ("mmap", (2,), (at(5), PAGE, 0, FIXED)),
        ("mprotect", (1,), (at(1), 8 * PAGE, 0)),
        ("munmap", (2, 1), (at(5), 2 * PAGE)),
    ],
    ids=["beyond the arena", "over another region", "mapped in part", "of another region"],
)
def test_what_callers_owe(memory: Memory, call: str, handles: tuple[int, ...], args: tuple[int, ...]) -> None:
    assert memory.says(call, handles, args) == (Verdict.UNDEFINED, [])
