"""A DMA channel that must not lose its buffer while it runs."""

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
    boolean,
    clause,
    harden,
    implies,
    record,
    require,
    table,
)


class ChannelId(Handle):
    """The number of a channel."""


class Channel(Record):
    """`bound` of the buffer is control, its base and size are data, left to the solver."""

    running = boolean()
    buffer = record(Region)


class Device(Record):
    """All channels of the device."""

    channels = table(Channel, ChannelId)


SPEC = Specification(
    "dma",
    "A DMA channel",
    Device,
    clauses=(
        clause("D1", Origin.DOCUMENTED, "dma_start", "Remarks", "a buffer is set"),
        clause("H1", Origin.HARDENING, "", "", "the channel is not running", question="Q1"),
    ),
    questions=(Question("Q1", "May a buffer be changed while the channel runs?", "No: H1."),),
)


@SPEC.call("dma_set_buffer")
def set_buffer(device: Device, channel: ChannelId, memory: Address, size: Size) -> None:
    """Give a channel its buffer."""
    c = device.channels[channel]
    harden("H1", ~c.running)
    c.buffer.bind(memory, size)


@SPEC.call("dma_start")
def start(device: Device, channel: ChannelId) -> None:
    """Start a channel on its buffer."""
    c = device.channels[channel]
    require("D1", c.buffer.bound)
    c.running = True


@SPEC.event("interrupt")
def interrupt(device: Device, channel: ChannelId) -> None:
    """The channel has finished."""
    device.channels[channel].running = False


@SPEC.step_invariant("buffer-stable", "ADDRESS", answers=("Q1",))
def buffer_stable(old: Device, new: Device, step: StepInfo, channel: ChannelId) -> Bool:
    """A running channel keeps its buffer."""
    before, after = old.channels[channel], new.channels[channel]
    return implies(before.running & after.running, after.buffer.base == before.buffer.base)
