"""A log of any length on standard output, for `callproof monitor -`: sessions that come and go, with their own handles.

python -m tests.support.long_log 10000000 | /usr/bin/time -v callproof monitor -q -
"""

import random
import sys
from collections.abc import Iterator

import msgspec

from callproof.parametric import OpenMachine
from ge_memory import SPEC
from tests.support.recorded import Recording, text

STEPS, MARK = 1_000, 88_888_888
"""Lines of one session, and the number that stands for the session in them."""


def blocks(count: int, seed: int = 1) -> Iterator[bytes]:
    """So many lines, a session at a time; each begins and ends, and two are never about the same addresses."""
    made = Recording(random.Random(seed), OpenMachine(SPEC)).lines(STEPS - 2)
    opened = {"call": "@open", "args": {"ge.featureBaseRefreshable": "1"}}
    lines = [{**line, "session": MARK} for line in (opened, *made, {"call": "@close"})]
    head, *_ = text([]).encode().splitlines(keepends=True)
    yield head
    block = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    for session in range(count // len(lines)):
        yield block.replace(b"0x7f00", b"0x%x" % (0x7F00 + session % 0x1000)).replace(b"%d" % MARK, b"%d" % session)


if __name__ == "__main__":
    for part in blocks(int(sys.argv[1])):
        sys.stdout.buffer.write(part)
