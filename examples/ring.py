"""A ring of DMA descriptors: the driver posts descriptors of 32 bytes, and the device takes them out one by one."""

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
    StepInfo,
    assume,
    axiom,
    boolean,
    clause,
    harden,
    implies,
    no_wrap,
    record,
    require,
    size,
    table,
)

DESCRIPTOR = 32
"""Bytes."""


class RingId(Handle):
    """The number of a ring."""


class Ring(Record):
    """`memory` holds the descriptors, `used` is how many bytes of it the device has still to read."""

    running = boolean()
    memory = record(Region)
    used = size()


class Device(Record):
    """All rings of the device."""

    rings = table(Ring, RingId)


SPEC = Specification(
    "ring",
    "A ring of DMA descriptors",
    Device,
    clauses=(
        clause("S1", Origin.DOCUMENTED, "ring_setup", "Parameters", "the memory is aligned to 64 bytes"),
        clause("S2", Origin.DOCUMENTED, "ring_setup", "Parameters", "it holds a descriptor at least"),
        clause("S3", Origin.CALLER, "ring_setup", "Remarks", "the caller owns all of the memory"),
        clause("G1", Origin.DOCUMENTED, "ring_start", "Remarks", "the ring is set up"),
        clause("P1", Origin.DOCUMENTED, "ring_post", "Remarks", "the ring runs"),
        clause("H1", Origin.HARDENING, "", "", "the ring is not running", question="Q1"),
        clause("H2", Origin.HARDENING, "", "", "there is room for a descriptor", question="Q2"),
    ),
    questions=(
        Question("Q1", "May a running ring be set up anew?", "No: H1, for memory-stable."),
        Question("Q2", "May more be posted than the ring holds?", "No: H2, for no-overrun."),
    ),
)


@SPEC.call("ring_setup")
def setup(device: Device, ring: RingId, memory: Address, size: Size) -> None:
    """Give a ring its memory, and empty it."""
    r = device.rings[ring]
    require("S1", memory.is_aligned(64))
    require("S2", size >= DESCRIPTOR)
    assume("S3", no_wrap(memory, size))
    harden("H1", ~r.running)
    r.memory.bind(memory, size)
    r.used = 0


@SPEC.call("ring_start")
def start(device: Device, ring: RingId) -> None:
    """Let the device read the ring."""
    r = device.rings[ring]
    require("G1", r.memory.bound)
    r.running = True


@SPEC.call("ring_post")
def post(device: Device, ring: RingId) -> None:
    """Write a descriptor behind the others."""
    r = device.rings[ring]
    used = r.used
    require("P1", r.running)
    harden("H2", (used + DESCRIPTOR <= r.memory.size) & (used <= used + DESCRIPTOR))
    r.used = used + DESCRIPTOR


@SPEC.event("descriptor read")
def read(device: Device, ring: RingId) -> None:
    """The device has read a descriptor."""
    r = device.rings[ring]
    used = r.used
    axiom("read", r.running & (used >= DESCRIPTOR))
    r.used = used - DESCRIPTOR


@SPEC.invariant("no-overrun", "SIZE", answers=("Q2",))
def no_overrun(device: Device, ring: RingId) -> Bool:
    """Descriptors that wait lie inside the ring's memory."""
    r = device.rings[ring]
    return implies(r.memory.bound, r.used <= r.memory.size)


@SPEC.invariant("inside-space", "ADDRESS")
def inside_space(device: Device, ring: RingId) -> Bool:
    """The ring's memory does not pass the end of the address space."""
    r = device.rings[ring]
    return implies(r.memory.bound, r.memory.within_space)


@SPEC.step_invariant("memory-stable", "ADDRESS", answers=("Q1",))
def memory_stable(old: Device, new: Device, step: StepInfo, ring: RingId) -> Bool:
    """A running ring keeps its memory."""
    a, b = old.rings[ring], new.rings[ring]
    return implies(a.running & b.running, a.memory.base == b.memory.base)
