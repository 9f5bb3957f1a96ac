"""What a child process tells the server about a specification; paths are absolute, lines count from 1."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True, tag=True):
    """A line of a file."""

    file: str
    line: int


class Fault(msgspec.Struct, frozen=True, tag=True):
    """Something wrong with a specification; `place` is None where no line is to blame."""

    message: str
    place: Place | None


class Clause(msgspec.Struct, frozen=True, tag=True):
    """A clause of the contract, the calls that state it, and the lines on which they do."""

    id: str
    origin: str
    text: str
    citation: str
    question: str
    answer: str
    readings: tuple[str, ...]
    place: Place | None
    calls: tuple[str, ...]
    uses: tuple[Place, ...]


class Operation(msgspec.Struct, frozen=True, tag=True):
    """A call or an event, and the line of its body's head."""

    name: str
    is_event: bool
    summary: str
    page: str
    place: Place


class Invariant(msgspec.Struct, frozen=True, tag=True):
    """A property that every reachable state, or every step, should have."""

    id: str
    cls: str
    summary: str
    place: Place


class Described(msgspec.Struct, frozen=True, tag=True):
    """One specification as its file stands. `target` is the name by which it can be loaded again."""

    target: str
    name: str
    title: str
    faults: tuple[Fault, ...]
    clauses: tuple[Clause, ...]
    operations: tuple[Operation, ...]
    invariants: tuple[Invariant, ...]


class Cell(msgspec.Struct, frozen=True, tag=True):
    """What is known of an invariant in a layer. `calls` is the shortest way to break it, `labels` as it reads."""

    layer: str
    invariant: str
    status: str
    reason: str
    calls: tuple[str, ...]
    labels: tuple[str, ...]


class Checked(msgspec.Struct, frozen=True, tag=True):
    """The verdicts on a specification; `judged` is the layer that decides."""

    target: str
    judged: str
    verdict: str
    cells: tuple[Cell, ...]


class Needed(msgspec.Struct, frozen=True, tag=True):
    """The invariants that fall without a clause. `told` is False where that could not be told."""

    clause: str
    told: bool
    invariants: tuple[str, ...]


class Needs(msgspec.Struct, frozen=True, tag=True):
    """What the proofs of a layer need; `note` says why nothing could be told."""

    target: str
    layer: str
    note: str
    clauses: tuple[Needed, ...]


class Failure(msgspec.Struct, frozen=True, tag=True):
    """Why there is no answer: the file cannot be read, or a limit was reached."""

    fault: Fault
