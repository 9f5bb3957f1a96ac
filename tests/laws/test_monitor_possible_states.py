"""A log that starts in the middle is blamed where no state before it explains it, and only there."""

import itertools
import random
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from callproof.model import (
    Handle,
    Origin,
    Record,
    Size,
    Specification,
    axiom,
    boolean,
    clause,
    require,
    result,
    size,
    table,
)
from callproof.monitor import Blame, Settings, monitor
from callproof.monitor.blame import breach_of
from callproof.monitor.judge import Judge
from callproof.monitor.lines import Lines
from callproof.monitor.possible import FACTS, Possible
from callproof.monitor.sessions import Sessions
from callproof.parametric import OpenMachine, World
from ge_memory import SPEC
from tests.support.random_plans import Plan, plans
from tests.support.random_specs import specification
from tests.support.recorded import line_of

MACHINE = OpenMachine(SPEC)
DOMAIN = range(4)


class ShelfId(Handle):
    """Names a shelf."""


class Shelf(Record):
    built = boolean()
    level = size()
    limit = size()


class Store(Record):
    most = size()
    shelves = table(Shelf, ShelfId)


def store() -> Specification[Store]:
    """Shelves whose limits nobody is told."""
    clauses = tuple(clause(f"D{n}", Origin.DOCUMENTED, "Page", "rules", "a rule") for n in range(1, 5))
    spec = Specification("store", "Shelves", Store, clauses)

    @spec.call("Put")
    def put(s: Store, shelf: ShelfId, amount: Size) -> None:
        """Put something on a shelf."""
        t = s.shelves[shelf]
        require("D1", t.built)
        require("D2", t.level + amount <= t.limit)
        t.level = t.level + amount

    @spec.call("Take")
    def take(s: Store, shelf: ShelfId, amount: Size) -> None:
        """Take something away."""
        t = s.shelves[shelf]
        require("D3", amount <= t.level)
        t.level = t.level - amount

    @spec.call("Look")
    def look(s: Store, shelf: ShelfId) -> None:
        """Look how much there is."""
        axiom("D1", result("level", Size) == s.shelves[shelf].level)

    @spec.call("Note")
    def note(s: Store, shelf: ShelfId) -> None:
        """Note the fullest shelf."""
        require("D4", s.most <= s.shelves[shelf].level)
        s.most = s.shelves[shelf].level

    return spec


STORE = store()
SHELVES = OpenMachine(STORE)


def start(most: int, *shelves: tuple[int, int, int]) -> World:
    world = SHELVES.world()
    world.session[0] = most
    world.tables[0].update({handle: list(record) for handle, record in enumerate(shelves)})
    return world


def explained(world: World, lines: list[dict[str, Any]]) -> bool:
    """The contract allows every line, if this was the state before the first."""
    for line in lines:
        values = line["args"]
        args = (values["amount"],) if "amount" in values else ()
        results = tuple(line.get("result", {}).values())
        passed = line["call"], (values["shelf"],), args, results
        accepted = line["returned"] == 0
        taken = SHELVES.judge(world, *passed)
        if breach_of(taken, accepted) is not None:
            return False
        if accepted:
            SHELVES.make(world, *passed)
    return True


def lines_of(rng: random.Random, count: int) -> list[dict[str, Any]]:
    made = []
    for _ in range(count):
        call = rng.choice(("Put", "Take", "Look", "Look", "Note"))
        line: dict[str, Any] = {"call": call, "args": {"shelf": rng.choice((0, 0, 1))}, "returned": 0}
        if call in ("Put", "Take"):
            line["args"]["amount"] = rng.choice(DOMAIN)
            line["returned"] = int(rng.random() < 0.2)
        if call == "Look":
            line["result"] = {"level": rng.choice(DOMAIN)}
        made.append(line)
    return made


def written(folder: Path, lines: list[dict[str, Any]], **head: Any) -> str:
    file = folder / "a.jsonl"
    first = [{"format": "callproof-log", "version": 1, **head}] if head else []
    file.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in [*first, *lines]))
    return str(file)


def test_what_is_found_no_start_explains(tmp_path: Path) -> None:
    """Every start over a small domain is tried, with two shelves; and where one explains a log, nothing is found."""
    found = missed = 0
    every = list(itertools.product((0, 1), DOMAIN, (0, 3, 6)))
    for seed in range(30):
        lines = lines_of(random.Random(seed), 5)
        result = monitor(STORE, written(tmp_path, lines), Settings(from_unknown=True), machine=SHELVES)
        named = len({line["args"]["shelf"] for line in lines} | {0})
        until = result.findings[0].line if result.findings else len(lines)
        starts = itertools.product((0, 2, 5), *[every] * named)
        some = any(explained(start(most, *shelves), lines[:until]) for most, *shelves in starts)
        assert not (some and result.findings), lines
        found += bool(result.findings)
        missed += not (some or result.findings or any(line["returned"] for line in lines))
    assert found > 10
    assert missed < 5, "that the small domain allows no state seldom means that larger values allow one"


def test_a_suffix_that_only_the_solver_can_judge(tmp_path: Path) -> None:
    lines = [
        {"call": "Look", "args": {"shelf": 7}, "returned": 0, "result": {"level": 3}},
        {"call": "Put", "args": {"shelf": 7, "amount": 5}, "returned": 0},
        {"call": "Take", "args": {"shelf": 7, "amount": 9}, "returned": 0},
    ]
    path = written(tmp_path, lines)
    (found,) = monitor(STORE, path, Settings(from_unknown=True), machine=SHELVES).findings
    assert (found.line, found.blame, [c.id for c in found.cited]) == (3, Blame.DRIVER, ["D3"])
    assert "no state before the log's first line allows it" in found.message
    sessions, names = Sessions(SHELVES, {}, True), Lines(STORE, SHELVES)
    alone = Judge(SHELVES, names.types)
    judged = [alone.take(sessions, n, names.convert(line)) for n, line in enumerate(lines)]
    assert [one.breach for one in judged] == [None] * 3
    assert judged[2].undecided


def test_a_size_that_the_summary_told_is_held_against_a_later_call(tmp_path: Path) -> None:
    summary = {"is_static": True, "is_refreshable": True, "const_size": 512, "feature_size": 8192, "fixed_size": 0,
               "p2p_fixed_size": 0, "refreshable_size": 8192}  # fmt: skip
    lines = [
        {"call": "GetCompiledGraphSummary", "args": {"graph_id": 4}, "returned": 0, "session": 1, "result": summary},
        {"call": "SetGraphConstMemoryBase", "args": {"graph_id": 4, "memory": "0x10000", "size": 100}, "returned": 0,
         "session": 1},
    ]  # fmt: skip
    (found,) = monitor(SPEC, written(tmp_path, lines), Settings(from_unknown=True), machine=MACHINE).findings
    assert (found.line, found.blame, [c.id for c in found.cited]) == (2, Blame.DRIVER, ["C1-size"])
    lines[1]["args"]["size"] = 512  # type: ignore[index]
    assert not monitor(SPEC, written(tmp_path, lines), Settings(from_unknown=True), machine=MACHINE).findings


@settings(max_examples=12, deadline=None, derandomize=True, database=None, phases=(Phase.generate,))
@given(plans(), st.integers(0, 1 << 16))
def test_no_conforming_log_of_a_random_specification_is_blamed(tmp_path_factory: Any, plan: Plan, seed: int) -> None:
    spec, rng = specification(plan), random.Random(seed)
    machine = OpenMachine(spec)
    options = {option.name: rng.choice(option.values) for option in spec.options}
    world, lines = machine.world(options), []
    words = (0, 32, 4096, 8192)
    for _ in range(400):
        call = rng.choice(list(spec.operations))
        shape = machine.shape(call)
        handles = tuple(rng.choice((2, 5)) for _ in shape.handles)
        args, results = (
            tuple(rng.choice(words) if sort.is_word else rng.randrange(sort.values) for sort in sorts)
            for sorts in ([sort for _, sort in shape.plain], [r.sort for r in shape.results])
        )
        if machine.fast(call, handles, True)(world, handles, args, results, (0, None)) == 0:
            lines.append(line_of(shape, call, handles, args, results, 0))
        if len(lines) == 16:
            break
    for cut in (0, 2, 7):
        path = written(tmp_path_factory.mktemp("log"), lines[cut:], options=options)
        result = monitor(spec, path, Settings(from_unknown=True), machine=machine)
        assert [found for found in result.findings if found.blame is not Blame.HAZARD] == [], lines[cut:]


def test_what_is_remembered_is_bounded() -> None:
    names, sessions = Lines(STORE, SHELVES), Sessions(SHELVES, {}, True)
    possible = Possible(SHELVES)
    judge = Judge(SHELVES, names.types, possible=possible)
    rng = random.Random(1)
    for number in range(FACTS + 40):
        line = {"call": "Look", "args": {"shelf": number}, "returned": 0}
        judge.take(sessions, number, names.convert({**line, "result": {"level": rng.randrange(9)}}))
    (world,) = sessions.worlds.values()
    assert len(world.facts) == FACTS
    exhausted = Judge(SHELVES, names.types, possible=Possible(SHELVES, questions=0))
    lines = [
        {"call": "Look", "args": {"shelf": 0}, "returned": 0, "result": {"level": 3}},
        {"call": "Take", "args": {"shelf": 0, "amount": 9}, "returned": 0},
    ]
    sessions = Sessions(SHELVES, {}, True)
    assert not any(exhausted.take(sessions, n, names.convert(line)).breach for n, line in enumerate(lines))
