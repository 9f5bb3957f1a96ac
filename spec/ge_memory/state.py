"""What a GE session remembers, as far as its graph memory depends on it."""

import enum

from callproof.model import (
    Address,
    Bool,
    Handle,
    Record,
    Region,
    Size,
    address,
    any_of,
    boolean,
    disjoint,
    enumeration,
    holds,
    number,
    record,
    size,
    table,
)


class GraphId(Handle):
    """`uint32_t graph_id`."""


class StreamId(Handle):
    """An `aclrtStream`, as a small number."""


class BlockId(Handle):
    """An allocation that the caller made with `aclrtMalloc`, as a small number."""


class Phase(enum.Enum):
    """How far a graph has come; the order is the order of life."""

    ABSENT = 0
    ADDED = 1
    COMPILED = 2
    LOADED = 3


class RunMode(enum.Enum):
    """Which of the three run calls a graph was run by (fact L8)."""

    NONE = 0
    SYNC = 1
    CALLBACK = 2
    STREAM = 3


class Owner(enum.Enum):
    """Who allocated the memory that is bound: the caller, GE itself, or an external allocator for GE."""

    CALLER = 0
    BUILTIN = 1
    EXTERNAL = 2


class MemoryType(enum.Enum):
    """`ge::MemoryType` of fixed feature memory."""

    MEMORY_TYPE_DEFAULT = 0
    MEMORY_TYPE_P2P = 1


class Memory(Region):
    """A region that a graph uses. `live`: its allocation has not been freed."""

    owner = enumeration(Owner)
    live = boolean(data=True)

    @property
    def by_caller(self) -> Bool:
        """The caller bound it, as opposed to GE while loading."""
        return self.bound & (self.owner == Owner.CALLER)


class Lane(Record):
    """A graph on one stream. `busy`: a run of it is in flight there, until the stream is synchronised (fact L9)."""

    busy = boolean()


class Graph(Record):
    """One graph of the session. The `need_` sizes are those of its compiled summary (facts S2 to S5), in bytes.

    Runs in flight: `pending` ones of RunGraphAsync, with `awaiting` while there are any, and those of its lanes.
    """

    phase = enumeration(Phase)
    is_static = boolean()
    is_refreshable = boolean()
    fixed_off = boolean()
    mode = enumeration(RunMode)
    awaiting = boolean()
    lanes = table(Lane, StreamId)
    pending = number()
    tensor = address()
    need_const = size()
    need_feature = size()
    need_fixed = size()
    need_p2p = size()
    need_refreshable = size()
    const = record(Memory)
    feature = record(Memory)
    refreshable = record(Memory)
    fixed = record(Memory)
    p2p = record(Memory)

    @property
    def memories(self) -> tuple[Memory, ...]:
        """The five regions that a graph may use."""
        return (self.const, self.feature, self.refreshable, self.fixed, self.p2p)

    @property
    def running(self) -> Bool:
        """A run of the graph is in flight, on any stream or until its callback."""
        return any_of(self.awaiting, *(lane.busy for lane in self.lanes.every()))

    def runs_beside(self, stream: StreamId) -> Bool:
        """A run of the graph is in flight elsewhere than on a stream, where runs follow one another."""
        return any_of(self.awaiting, *(lane.busy for lane in self.lanes.others(stream)))


class Stream(Record):
    """`allocator`: an external allocator is registered on the stream."""

    allocator = boolean()


class Block(Record):
    """Memory that the caller allocated: [base, base + size) while `live`."""

    live = boolean()
    base = address()
    size = size()

    def contains(self, base: Address, size: Size) -> Bool:
        """The block is allocated and holds all of [base, base + size)."""
        return self.live & holds(self.base, self.size, base, size)

    def overlaps(self, base: Address, size: Size) -> Bool:
        """The block shares a byte with [base, base + size)."""
        return ~disjoint(self.base, self.size, base, size)


class Session(Record):
    """The GE instance, its graphs and streams, and the caller's device memory."""

    initialised = boolean()
    graphs = table(Graph, GraphId)
    streams = table(Stream, StreamId)
    blocks = table(Block, BlockId)

    def is_live(self, base: Address, size: Size) -> Bool:
        """The caller has allocated all of [base, base + size); no byte needs no allocation."""
        return (size == 0) | any_of(*(block.contains(base, size) for block in self.blocks.every()))
