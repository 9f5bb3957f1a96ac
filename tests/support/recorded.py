"""Logs made of random walks on the interpreter for any number of resources, as a recorder would write them."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from callproof.expr import Kind, Sort
from callproof.parametric import OpenMachine, World
from ge_memory import SPEC

SIZES = (0, 512, 2048, 8192, 10240)
GRAPHS, STREAMS = (0, 7, 4_000_000_000), (0, 0x7F00DEADBEEF)
HEAP = 0x7F0000000000


@dataclass(slots=True)
class Recording:
    """A walk of calls that the contract accepts (or, where `refused`, refuses and the driver refused)."""

    rng: random.Random
    machine: OpenMachine
    hide: bool = False
    """Leave out the addresses that the driver chose."""
    world: World = field(init=False)
    next_block: int = 0

    def __post_init__(self) -> None:
        self.world = self.machine.world({"ge.featureBaseRefreshable": "1"})

    def lines(self, count: int) -> Iterator[dict[str, Any]]:
        """Lines of accepted calls, the first initialises."""
        made = 0
        first = True
        for _ in range(count * 200):
            call = "GEInitializeV2" if first else self.rng.choice(CALLS)
            line = self.attempt(call)
            first = False
            if line is not None:
                made += 1
                yield line
                if made == count:
                    return

    def attempt(self, call: str) -> dict[str, Any] | None:
        """A line of the call where some arguments and results are accepted, and the call made."""
        shape = self.machine.shape(call)
        for _ in range(6):
            handles, args, results = self.draw(call)
            if self.machine.fast(call, handles, True)(self.world, handles, args, results, (0, None)) == 0:
                if call == "aclrtMalloc":
                    self.next_block += 1
                return line_of(shape, call, handles, args, results, 0, self.hide)
        return None

    def draw(self, call: str) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Handles, arguments and results, likely ones."""
        shape = self.machine.shape(call)
        rng = self.rng
        if call == "aclrtMalloc":
            base = HEAP + self.next_block * 0x10000
            return (base,), (0x10000,), (base,)
        blocks = list(self.world.tables[self.machine.places.numbers["BlockId"]]) or [HEAP]
        pick = {"GraphId": GRAPHS, "StreamId": STREAMS, "BlockId": blocks}
        handles = tuple(rng.choice(pick[kind]) for _, kind in shape.handles)
        block = rng.choice(blocks)
        args = tuple(self._value(sort, block) for _, sort in shape.plain)
        if call == "CompileGraph":
            fixed, rest = rng.choice((0, 2048)), 8192
            results: tuple[int, ...] = (int(rng.random() < 0.9), rng.randrange(2), 512, fixed + rest, fixed, 0, rest)
        elif call == "GetCompiledGraphSummary":
            record = self.world.record(("GraphId",), handles)
            slots = {f.pattern: n for n, f in enumerate(self.machine.places.fields[("GraphId",)])}
            names = ("is_static", "is_refreshable", "need_const", "need_feature", "need_fixed", "need_p2p",
                     "need_refreshable")  # fmt: skip
            results = tuple(int(record[slots[f"graphs[].{name}"]]) for name in names)  # type: ignore[arg-type]
        else:
            far = 0x100000000 + rng.randrange(1 << 20) * 0x100000
            results = tuple(
                far + n * 0x10000 if r.sort.kind is Kind.ADDRESS else (1 if r.sort.kind is Kind.BOOLEAN else 8192)
                for n, r in enumerate(shape.results)
            )
        return handles, args, results

    def _value(self, sort: Sort, block: int) -> int:
        if sort.kind is Kind.ADDRESS:
            return self.rng.choice((0, block, block + 0x1000, block + 0x4000, block + 0x8000))
        return self.rng.choice(SIZES) if sort.is_word else self.rng.randrange(sort.values)


CALLS = [call for call in SPEC.operations if call not in ("GEInitializeV2", "GEFinalizeV2")] + ["GEFinalizeV2"]


def line_of(
    shape: Any, call: str, handles: tuple[int, ...], args: tuple[int, ...], results: tuple[int, ...], returned: object,
    hide: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """A call as a line of a log."""
    line: dict[str, Any] = {"call": call}
    given: dict[str, Any] = {name: handle for (name, _), handle in zip(shape.handles, handles, strict=True)}
    given |= {name: shown(sort, value) for (name, sort), value in zip(shape.plain, args, strict=True)}
    if given:
        line["args"] = given
    if not (shape.is_event and not call.startswith("acl")):
        line["returned"] = returned
    found = {
        r.name: shown(r.sort, value)
        for r, value in zip(shape.results, results, strict=True)
        if not (hide and r.sort.kind is Kind.ADDRESS and call != "aclrtMalloc")
    }
    if found and returned == 0:
        line["result"] = found
    return line


def shown(sort: Sort, value: int) -> object:
    """A value as a log has it."""
    if sort.kind is Kind.BOOLEAN:
        return bool(value)
    if sort.kind is Kind.ENUMERATION:
        return sort.members[value]
    return hex(value) if sort.kind is Kind.ADDRESS else str(value)


def text(lines: list[dict[str, Any]], **head: Any) -> str:
    """A log with its header."""
    options = {"ge.featureBaseRefreshable": "1"}
    first = {"format": "callproof-log", "version": 1, "spec": "ge-memory", "options": options, **head}
    return "".join(json.dumps(line) + "\n" for line in [first, *lines])
