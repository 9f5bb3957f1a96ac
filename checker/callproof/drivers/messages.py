"""The lines that callproof and a driver exchange: JSON, one answer a request, validated and bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from callproof.trace import Value
from callproof.trace.reading import parsed

PROTOCOL = 1
LINE_LIMIT = 1 << 16
"""The most bytes of one answer."""
HELLO_LIMIT = 1 << 20
"""The most bytes of the first answer, which lists what a driver offers."""
COMPLAINT = "callproof: "
"""How the host of a driver in Python begins the last words that it writes to stderr."""
ITEM_LIMIT = 1_000
"""The most calls, kinds, options or values that a driver may name."""

M = TypeVar("M")

_EXACT = 1 << 53
"""Integers past this are written as strings: not every JSON reader keeps them exactly."""


class _Kind(msgspec.Struct):
    name: str
    result: dict[str, int | bool | str] = {}


class _Hello(msgspec.Struct):
    id: int
    ok: bool
    driver: str = ""
    version: str | int = ""
    calls: list[str] = []
    kinds: list[_Kind] = []
    options: dict[str, list[str]] = {}
    handles: dict[str, int] = {}
    error: str = ""


class _Reset(msgspec.Struct):
    id: int
    ok: bool
    error: str = ""


class _Call(msgspec.Struct, gc=False, tag_field="op", tag="call"):
    id: int
    call: str
    args: Mapping[str, Value]


class Answer(msgspec.Struct, gc=False):
    """What a driver says to a call: a status with perhaps results, or that it lacks the call, or that it failed."""

    id: int
    status: str | int | None = None
    result: dict[str, int | bool | str] | None = None
    unsupported: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class KindOffer:
    """A kind of resource that a driver offers; `result`: what the calls on such a resource return, as far as said."""

    name: str
    result: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a driver says that it can do, which bounds the coverage that can be claimed."""

    driver: str
    version: str
    calls: frozenset[str]
    kinds: tuple[KindOffer, ...]
    options: Mapping[str, tuple[str, ...]]
    """The values that each run option can have; an option that is not named has its default."""
    handles: Mapping[str, int]
    """How many resources of each kind of handle it serves; one where nothing is said."""

    def has(self, call: str) -> bool:
        """It can do the call or cause the event, named as it is or as an identifier."""
        return call in self.calls or identifier(call) in self.calls


class Malformed(Exception):
    """An answer that is none; the message says why."""


def identifier(call: str) -> str:
    """A call's name as a method has it: `run callback` is `run_callback`."""
    return re.sub(r"\W", "_", call)


_encode = msgspec.json.Encoder().encode
_hello = msgspec.json.Decoder(_Hello).decode
_reset = msgspec.json.Decoder(_Reset).decode
_answer = msgspec.json.Decoder(Answer).decode


def hello_line(id: int, spec: str) -> bytes:
    """The first request."""
    return _encode({"id": id, "op": "hello", "protocol": PROTOCOL, "spec": spec}) + b"\n"


def reset_line(id: int, options: Mapping[str, str], kinds: Mapping[str, str]) -> bytes:
    """The request for a fresh session: run options, and the kind of each resource by its handle."""
    return _encode({"id": id, "op": "reset", "options": dict(options), "kinds": dict(kinds)}) + b"\n"


def call_line(id: int, call: str, args: Mapping[str, Value]) -> bytes:
    """The request for one call."""
    for value in args.values():
        if type(value) is int and value > _EXACT:
            args = {k: hex(v) if type(v) is int and v > _EXACT else v for k, v in args.items()}
            break
    return _encode(_Call(id, call, args)) + b"\n"


def bye_line(id: int) -> bytes:
    """The last request."""
    return _encode({"id": id, "op": "bye"}) + b"\n"


def read_hello(line: bytes, id: int) -> Offer:
    """The answer to `hello`; `Malformed` where it is none."""
    hello = _decoded(_hello, line)
    _same_id(hello.id, id)
    if not hello.ok:
        raise Malformed(f"it refuses the hello: {hello.error[:200] or 'it does not say why'}")
    for name in ("calls", "kinds", "options", "handles"):
        if len(getattr(hello, name)) > ITEM_LIMIT:
            raise Malformed(f"hello names more than {ITEM_LIMIT:,} {name}")
    names = [kind.name for kind in hello.kinds]
    if len(set(names)) < len(names):
        raise Malformed("hello names a kind twice")
    return Offer(
        hello.driver[:200],
        str(hello.version)[:80],
        frozenset(hello.calls),
        tuple(KindOffer(kind.name, results(kind.result)) for kind in hello.kinds),
        {name: tuple(values) for name, values in hello.options.items()},
        dict(hello.handles),
    )


def read_reset(line: bytes, id: int) -> str:
    """The answer to `reset`: why it was refused, or nothing."""
    answer = _decoded(_reset, line)
    _same_id(answer.id, id)
    return "" if answer.ok else answer.error[:200] or "it does not say why"


def read_answer(line: bytes, id: int) -> Answer:
    """The answer to a call; `Malformed` where it is none."""
    answer = _decoded(_answer, line)
    _same_id(answer.id, id)
    if answer.status is None and not answer.unsupported and answer.error is None:
        raise Malformed('the answer has no "status"')
    return answer


def results(given: Mapping[str, Value]) -> dict[str, Value]:
    """Results with integers that came as strings made integers."""
    return {name: parsed(value) if isinstance(value, str) else value for name, value in given.items()}


def _decoded(decode: Callable[[bytes], M], line: bytes) -> M:
    try:
        return decode(line)
    except msgspec.ValidationError as error:
        raise Malformed(f"the answer is not what the protocol asks for: {error}") from None
    except (ValueError, RecursionError):
        raise Malformed(f"the answer is no JSON: {shown(line)}") from None


def shown(line: bytes) -> str:
    """The start of a line as it can stand in a one-line message."""
    text = repr(line[:60].decode(errors="replace"))
    return f"{text}..." if len(line) > 60 else text


def _same_id(got: int, wanted: int) -> None:
    if got != wanted:
        raise Malformed(f"the answer has id {got}, the request {wanted}")
