"""The lines of a log, decoded: one type for each call of the specification, so that msgspec checks names and types."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from callproof.expr import Kind, Sort
from callproof.model.specification import Specification
from callproof.monitor.files import LINE_LIMIT, Block
from callproof.parametric import OpenMachine
from callproof.trace.reading import quoted

OPEN, CLOSE = "@open", "@close"
"""Lines that say that a session begins, with its options, and that it is gone."""
FORMAT, VERSION = "callproof-log", 1

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`\Z")

_Name = Annotated[str, msgspec.Meta(max_length=256)]
"""What is kept of a line is not long."""

Line = Any
"""A decoded line: `args`, `returned`, `result`, `thread`, `session`, `begin`, `end`, `time`."""


class Header(msgspec.Struct, forbid_unknown_fields=True):
    """The optional first line."""

    format: str
    version: int
    spec: str = ""
    clock: str = ""
    options: dict[str, str] = {}
    readings: dict[str, str] = {}
    origin: str = ""
    kinds: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Lines with their numbers, and what is wrong with the others of the block."""

    lines: list[Line]
    numbers: list[int]
    problems: tuple[tuple[int, str], ...] = ()


class Lines:
    """Decodes the lines of logs on one specification."""

    def __init__(self, spec: Specification[Any], machine: OpenMachine) -> None:
        self._calls = [*spec.operations, OPEN, CLOSE]
        self.types: dict[type, str] = {}
        for call in spec.operations:
            shape = machine.shape(call)
            args = [(name, int | str) for name, _ in shape.handles]
            args += [(name, _type(sort)) for name, sort in shape.plain]
            results: list[Any] = [(r.name, _type(r.sort) | msgspec.UnsetType, msgspec.UNSET) for r in shape.results]
            self._add(call, _struct(f"{call} args", args), None if args else {}, _struct(f"{call} result", results))
        empty = _struct("nothing", [])
        self._add(OPEN, dict[str, str], {}, empty)
        self._add(CLOSE, empty, {}, empty)
        union: Any = None
        for made in self.types:
            union = made if union is None else union | made
        self._union = union
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(union)

    def _add(self, call: str, args: Any, empty: Any, result: Any) -> None:
        given: Any = (
            ("args", args)
            if empty is None
            else ("args", args, msgspec.field(default_factory=args if isinstance(args, type) else dict))
        )
        made = msgspec.defstruct(
            call,
            [
                *([given] if empty is None else []),
                ("returned", int | _Name | None, None),
                ("result", result | None, None),
                ("session", int | _Name | None, None),
                ("thread", int | _Name | None, None),
                ("begin", int | None, None),
                ("end", int | None, None),
                ("time", float | None, None),
                ("kind", _Name | None, None),
                *([] if empty is None else [given]),
            ],
            tag_field="call",
            tag=call,
            forbid_unknown_fields=True,
            gc=False,
        )
        self.types[made] = call

    def raw(self, data: bytes) -> list[Line]:
        """The lines of a block without a thought for what cannot be read: raises what msgspec raises."""
        return self._decoder.decode_lines(data)

    def decode(self, block: Block) -> Decoded:
        """The lines of a block. A last line that is cut off is left out."""
        count = block.lines
        try:
            found = self.raw(block.data) if block.data else []
        except (ValueError, RecursionError):
            found = []
        if len(found) == count and not block.long:
            return Decoded(found, list(range(block.first, block.first + count)))
        return self._one_by_one(block)

    def _one_by_one(self, block: Block) -> Decoded:
        lines: list[Line] = []
        numbers: list[int] = []
        problems = [(n, f"longer than {LINE_LIMIT >> 20} MiB, the most that is read of a line") for n in block.long]
        pieces = block.data.split(b"\n") if block.data else []
        for number, piece in enumerate(pieces, block.first):
            if not piece.strip():
                continue
            try:
                lines.append(self._decoder.decode(piece))
                numbers.append(number)
            except (ValueError, RecursionError) as error:
                problems.append((number, self._explained(piece, error)))
        return Decoded(lines, numbers, tuple(problems))

    def last(self, block: Block) -> Line | None:
        """The last line of a file that does not end it; None where it is cut off."""
        try:
            return self._decoder.decode(block.rest)
        except (ValueError, RecursionError):
            return None

    def convert(self, document: dict[str, Any]) -> Line:
        """A line from plain data; raises `ValueError` where it does not fit."""
        return msgspec.convert(document, self._union)

    def _explained(self, data: bytes, error: Exception) -> str:
        if isinstance(error, RecursionError):
            return "nested too deeply"
        if not isinstance(error, msgspec.ValidationError):
            if isinstance(error, UnicodeError):
                return "no JSON: not UTF-8 text"
            text = str(error).removeprefix("JSON is malformed: ")
            return f"no JSON: {first_lower(text)}"
        message = str(error)
        found = _AT.search(message)
        path = found["path"] if found else ""
        what = message[: found.start()] if found else message
        if path == "call" and what.startswith("Invalid value"):
            return self._unknown(data)
        return f"{path}{': ' if path else ''}{first_lower(what)}"

    def _unknown(self, data: bytes) -> str:
        try:
            name = msgspec.json.decode(data, type=dict[str, Any]).get("call")
        except (ValueError, RecursionError):  # the line was read no further than its unknown call
            return "unknown call, and no JSON behind it"
        close = difflib.get_close_matches(str(name)[:80], self._calls, 1, 0.7)
        return f"unknown call {quoted(name)}{f'; did you mean {close[0]}?' if close else ''}"


def header_of(data: bytes) -> Header | str | None:
    """The header, if the first line is one; text where it is a header that is not read."""
    try:
        start = msgspec.json.decode(data, type=dict[str, Any])
    except (ValueError, RecursionError):
        return None
    if "format" not in start or "call" in start:
        return None
    if start["format"] != FORMAT:
        return f"format: {quoted(start['format'])} is not {FORMAT!r}"
    if start.get("version") != VERSION or type(start["version"]) is not int:
        return f"version: {quoted(start.get('version'))} is unknown; this is read: {VERSION}"
    try:
        return msgspec.convert(start, Header)
    except msgspec.ValidationError as error:
        found = _AT.search(str(error))
        text = str(error)[: found.start()] if found else str(error)
        return f"{found['path'] + ': ' if found and found['path'] else ''}{first_lower(text)}"


def _type(sort: Sort) -> Any:
    if sort.kind is Kind.BOOLEAN:
        return bool
    if sort.kind is Kind.ENUMERATION:
        return Literal[sort.members]
    return int | str


def _struct(name: str, fields: list[Any]) -> Any:
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True, gc=False)


def first_lower(text: str) -> str:
    """A message of another library as it stands behind a colon."""
    return text[:1].lower() + text[1:]
