"""What the monitor keeps does not grow with the log, but with what is in use at once."""

from collections.abc import Iterator
from typing import Any

import pytest

from callproof.monitor.binding import WORDS_KEPT, Words
from callproof.monitor.files import Block
from callproof.monitor.lines import Header
from callproof.monitor.watch import PROBLEMS, Settings, Watch
from callproof.parametric import OpenMachine
from callproof.parametric.world import GONE_LIMIT
from ge_memory import SPEC
from tests.support.long_log import blocks

MACHINE = OpenMachine(SPEC)
PLAIN = Settings()


def watching(parts: Iterator[bytes], settings: Settings = PLAIN) -> Watch:
    watch, number = Watch(SPEC, "a", settings, Header("", 1), None, MACHINE), 1
    for part in parts:
        block = Block(number, part.rstrip(b"\n"))
        watch.block(block)
        number += block.lines
    return watch


def kept(watch: Watch) -> dict[str, int]:
    """How much there is of all that a watch keeps."""
    order: Any = watch._order
    worlds = [world for one in order._configurations for world in one.sessions.worlds.values()]
    return {
        "configurations": len(order._configurations) + len(order._open) + len(order._blind),
        "waiting": len(order._waiting),
        "worlds": len(worlds),
        "records": sum(len(table) for world in worlds for table in (*world.tables, *world.pairs)),
        "trails": sum(len(trail) for world in worlds for trail in world.trails.values()),
        "gone": sum(len(world.gone) for world in worlds),
        "found": len(watch._findings) + len(watch._problems) + len(watch._tally.counts),
    }


def unlike(count: int) -> Iterator[bytes]:
    """One session in which every line is about an address that none was about before, and every tenth is wrong."""
    lines = [b'{"call":"GEInitializeV2","returned":0}']
    for number in range(count):
        block = b'{"block":"0x%x"' % (0x1000000 + number * 0x1000)
        lines.append(b'{"call":"aclrtMalloc","args":%s,"size":64},"returned":0,"result":{"memory":"0x%x"}}'
                     % (block, 0x1000000 + number * 0x1000))  # fmt: skip
        lines.append(b'{"call":"aclrtFree","args":%s},"returned":0}' % block)
        if number % 5 == 0:
            lines.append(lines[-1])
        if len(lines) > 900:
            yield b"\n".join(lines) + b"\n"
            lines = []
    yield b"\n".join(lines) + b"\n"


def test_sessions_that_end_leave_nothing() -> None:
    few, many = (kept(watching(blocks(count))) for count in (2_000, 5_000))
    assert few == many
    assert many["worlds"] == 1


def test_addresses_that_are_never_seen_again_are_forgotten() -> None:
    few, many = (kept(watching(unlike(count))) for count in (2_000, 6_000))
    assert few == many
    assert many["records"] < 100
    assert many["trails"] <= 3 * (GONE_LIMIT + 100)


def test_lines_that_cannot_be_read_are_counted() -> None:
    watch = watching(iter([b"no json\n" * 1_000] * 5))
    assert len(watch._problems) == PROBLEMS
    assert watch.result().problem_count == 5_000


def test_a_bounded_number_of_strings_is_remembered() -> None:
    words = Words()
    for number in range(3 * WORDS_KEPT):
        words.keep(str(number), "x")
    assert len(words) <= WORDS_KEPT


@pytest.mark.parametrize("window", [2, 50])
def test_no_more_lines_wait_than_the_window_holds(window: int) -> None:
    line = b'{"call":"GEInitializeV2","returned":1,"begin":%d,"end":%d}\n'
    watch = watching(iter([b"".join(line % (n, n + 15) for n in range(m, m + 40)) for m in range(0, 400, 40)]),
                     Settings(window=window))  # fmt: skip
    assert kept(watch)["waiting"] <= window
    assert kept(watch)["configurations"] < 10
