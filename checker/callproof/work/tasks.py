"""A task: what is to be done, by description. Names and bytes go to a worker, and bytes come back; never code.

Each kind of task is one function from bytes to bytes, found by its name here. What a worker answers is decoded into the
one record that is expected, so that nothing that comes from another machine is run.
"""

from __future__ import annotations

import importlib
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from callproof.errors import Exit, InternalError, UserError
from callproof.work.stamp import Stamp, differences, stamp

KINDS = {
    "check": "callproof.run.shares:check_share",
    "log": "callproof.monitor.shares:log_share",
    "probe": "callproof.work.probe:probe",
    "sequences": "callproof.prove.listing:listing_share",
    "suite": "callproof.conform.shares:suite_share",
}
"""What there is to do -> module:function, each `bytes -> bytes`. They are imported where they run."""


@dataclass(frozen=True, slots=True)
class Task:
    """One part of a campaign."""

    kind: str
    label: str
    """What it is, for people."""
    content: bytes
    """The request, in the form that the kind's function reads; with the name of a specification and its fingerprint."""
    risky: bool = False
    """It may kill the process that does it, so on a worker that is not ours alone it is done in a child."""

    @property
    def key(self) -> str:
        """A name for the task and for all that its result depends on, in 40 characters."""
        made = stamp()
        parts = [self.kind.encode(), self.content, msgspec.json.encode(made)]
        whole = b"".join(len(part).to_bytes(8) + part for part in parts)
        return blake2b(b"task\0" + whole, digest_size=20).hexdigest()


@dataclass(frozen=True, slots=True)
class Lost:
    """A task without a result: whoever worked on it died, or ran out of memory. Nothing is known of it."""

    reason: str


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What comes back: a result, or why there is none."""

    result: msgspec.Raw = msgspec.Raw(b"")
    error: str = ""
    """Whatever a person can mend, in one line or a few."""
    exit: int = 0
    internal: str = ""
    """Our own fault, with its traceback."""
    lost: str = ""


class TaskError(UserError):
    """A task that ended with an error for a person, as it was said by the worker."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit = Exit(code)


def perform(kind: str, content: bytes, expected: bytes) -> bytes:
    """Do a task in this process; `expected` is the stamp of whoever asks. Answers a `Reply`."""
    return msgspec.json.encode(_reply(kind, content, expected))


_ALONE = threading.Lock()
"""Held by the task that is being done: neither Z3 nor what tasks keep for the next is made for several threads."""


def _reply(kind: str, content: bytes, expected: bytes) -> Reply:
    try:
        asked = msgspec.json.decode(expected, type=Stamp)
    except msgspec.DecodeError:
        return Reply(error="whoever asked is no callproof", exit=Exit.USAGE)
    differs = differences(asked, stamp())
    if differs:
        where = socket.gethostname()
        return Reply(
            error=f"the worker on {where} is another: it has {differs}; install the same there and here",
            exit=Exit.USAGE,
        )
    try:
        with _ALONE:
            return Reply(result=msgspec.Raw(_function(kind)(content)))
    except UserError as error:
        return Reply(error=str(error), exit=error.exit)
    except MemoryError:
        return Reply(lost="out of memory")
    except Exception as error:
        if "out of memory" in str(error):  # Z3's way of saying so, which has no class of its own
            return Reply(lost="out of memory")
        return Reply(internal=traceback.format_exc(limit=-12))


def _function(kind: str) -> Callable[[bytes], bytes]:
    module, _, name = KINDS[kind].partition(":")
    found: Callable[[bytes], bytes] = getattr(importlib.import_module(module), name)
    return found


def result_of(answer: bytes) -> bytes | Lost:
    """The result in a worker's answer.

    Raises `TaskError` for what a person can mend, and `InternalError` for what is our fault.
    """
    try:
        reply = msgspec.json.decode(answer, type=Reply)
    except msgspec.DecodeError as error:
        raise InternalError(f"a worker's answer is none: {error}") from None
    if reply.internal:
        print(reply.internal, file=sys.stderr)  # noqa: T201 - the worker's traceback, beside ours
        raise InternalError("a task failed on its worker, with the lines above")
    if reply.error:
        raise TaskError(reply.error, reply.exit)
    return Lost(reply.lost) if reply.lost else bytes(reply.result)
