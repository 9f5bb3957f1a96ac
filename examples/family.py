"""A family of specifications that grows in every direction, to see how callproof grows with it.

`family(flags, calls)` is one: a device with so many flags, and channels that own memory. The flags are control, so
that a device with f flags has 2 ** f control states; each call sets or clears one of them, or changes a channel's
memory. How many channels there are is asked when it is checked (`callproof check ... --graphs 3`).

    python examples/family.py --edges 1000000     measures one process on the smallest one with so many edges
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any

from callproof.model import (
    Address,
    Bool,
    Handle,
    Origin,
    Question,
    Record,
    Region,
    Size,
    Specification,
    assume,
    boolean,
    clause,
    harden,
    implies,
    record,
    require,
    size,
    table,
)


class ChannelId(Handle):
    """The number of a channel."""


class Channel(Record):
    """Memory, and how much of it the device wants."""

    running = boolean()
    wanted = size()
    buffer = record(Region)


def family(flags: int, calls: int | None = None) -> Specification[Any]:
    """A device with so many flags; `calls` of the calls that set and clear them, all where none is given."""
    fields: dict[str, object] = {f"flag{n}": boolean() for n in range(flags)}
    device = type("Device", (Record,), {"__doc__": "All flags.", **fields, "channels": table(Channel, ChannelId)})
    spec = Specification(
        f"family-{flags}",
        f"A device with {flags} flags",
        device,
        clauses=(
            clause("F1", Origin.DOCUMENTED, "flags", "Remarks", "a flag is changed only"),
            clause("B1", Origin.DOCUMENTED, "bind", "Remarks", "memory is as large as the device wants"),
            clause("S1", Origin.DOCUMENTED, "start", "Remarks", "a channel starts on its memory"),
            clause("live", Origin.CALLER, "bind", "Remarks", "memory does not pass the end of the address space"),
            clause("W1", Origin.DOCUMENTED, "want", "Remarks", "nothing is wanted of memory that is there"),
            clause("H1", Origin.HARDENING, "", "", "the channel does not run", question="Q1"),
        ),
        questions=(Question("Q1", "May memory be changed while a channel runs?", "No: H1."),),
    )
    _channel_calls(spec)
    for number in range(flags if calls is None else (calls + 1) // 2):
        _flag_call(spec, number, value=True)
        if calls is None or 2 * number + 1 < calls:
            _flag_call(spec, number, value=False)
    return spec


def _flag_call(spec: Specification[Any], number: int, *, value: bool) -> None:
    name = f"flag{number}"

    def change(device: Any) -> None:
        require("F1", getattr(device, name) != value)
        setattr(device, name, value)

    change.__doc__ = f"{'Set' if value else 'Clear'} flag {number}."
    spec.call(f"{'set' if value else 'clear'}_{name}")(change)


def _channel_calls(spec: Specification[Any]) -> None:
    @spec.call("want")
    def want(device: Any, channel: ChannelId, least: Size) -> None:
        """Say how much memory the device wants."""
        c = device.channels[channel]
        require("W1", ~c.buffer.bound)
        c.wanted = least

    @spec.call("bind")
    def bind(device: Any, channel: ChannelId, memory: Address, length: Size) -> None:
        """Give a channel its memory."""
        c = device.channels[channel]
        require("B1", length >= c.wanted)
        assume("live", memory + length >= memory)
        harden("H1", ~c.running)
        c.buffer.bind(memory, length)

    @spec.call("start")
    def start(device: Any, channel: ChannelId) -> None:
        """Start a channel."""
        c = device.channels[channel]
        require("S1", c.buffer.bound)
        c.running = True

    @spec.event("done")
    def done(device: Any, channel: ChannelId) -> None:
        """A channel has finished."""
        device.channels[channel].running = False

    @spec.invariant("fits", "SIZE")
    def fits(device: Any, channel: ChannelId) -> Bool:
        """Memory is as large as the device wants."""
        c = device.channels[channel]
        return implies(c.buffer.bound, c.buffer.size >= c.wanted)

    @spec.invariant("no-wrap", "ADDRESS")
    def no_wrap(device: Any, channel: ChannelId) -> Bool:
        """Memory does not pass the end of the address space."""
        c = device.channels[channel]
        return implies(c.buffer.bound, c.buffer.base + c.buffer.size >= c.buffer.base)

    @spec.step_invariant("stable", "ADDRESS", answers=("Q1",))
    def stable(old: Any, new: Any, step: Any, channel: ChannelId) -> Bool:
        """A running channel keeps its memory."""
        before, after = old.channels[channel], new.channels[channel]
        return implies(before.running & after.running, after.buffer.base == before.buffer.base)


SPEC = family(int(os.environ.get("FAMILY_FLAGS", "4")))


def edges(flags: int) -> int:
    """How many edges the graph of one channel has: its own calls, and a change of each flag, in every state."""
    return 2**flags * (8 + 3 * flags)


def _held() -> int:
    """The most bytes that this process has held; what `getrusage` says counts the process that started it as well."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM:"))


def main() -> int:
    """Check the smallest family with so many edges in this process, and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=int, default=1_000_000)
    asked = parser.parse_args()
    flags = next(n for n in range(1, 64) if edges(n) >= asked.edges)

    from callproof.run.check import check
    from callproof.run.request import Request

    started = time.perf_counter()
    result = check(family(flags), Request("hardened", graphs=1))
    seconds = time.perf_counter() - started
    found = result.judged_layer
    measured = {
        "flags": flags,
        "states": found.states,
        "edges": found.edges,
        "proved": sum(f.status.value == "proved" for f in found.findings),
        "invariants": len(found.findings),
        "seconds": round(seconds, 1),
        "seconds_by": {
            "graph": round(result.work.graph_seconds, 1),
            "proof": round(result.work.proof_seconds, 1),
            "search": round(result.work.search_seconds, 1),
        },
        "cpu_seconds": round(time.process_time(), 1),
        "megabytes": _held() >> 20,
    }
    sys.stdout.write(json.dumps(measured) + "\n")
    return int(result.exit)


if __name__ == "__main__":
    sys.exit(main())
