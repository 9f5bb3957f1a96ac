"""Log profiles: patterns by which the lines of a text log are read as calls.

A pattern is a regular expression of RE2, whose time is linear in the line whatever the pattern: a profile cannot hang
the monitor.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from callproof.errors import InputError, UsageError
from callproof.expr import BOOLEAN
from callproof.model.specification import Specification
from callproof.monitor.files import Block
from callproof.monitor.lines import CLOSE, OPEN, Decoded, Lines, first_lower
from callproof.parametric import OpenMachine
from callproof.trace.files import read_limited

FORMAT, VERSION = "callproof-profile", 1
SIZE_LIMIT = 1 << 20
PATTERN_MEMORY = 8 << 20
"""Bytes that the automaton of one pattern may take."""

COMMON = ("call", "returned", "session", "thread", "begin", "end", "time")
"""Groups that are no arguments or results."""
_UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}


class _Rule(msgspec.Struct, forbid_unknown_fields=True):
    pattern: str
    call: str = ""
    args: dict[str, int | bool | str] = {}
    result: dict[str, int | bool | str] = {}
    returned: str | int | None = None


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int
    line: list[_Rule]
    clock: str = "ns"
    calls: dict[str, str] = {}
    returned: dict[str, str | int] = {}
    values: dict[str, dict[str, str | int | bool]] = {}
    options: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of line: its compiled expression, the call, and what is given without being in the line."""

    expression: Any
    call: str
    args: Mapping[str, int | bool | str]
    result: Mapping[str, int | bool | str]
    returned: str | int | None


@dataclass(frozen=True, slots=True)
class Profile:
    """How the lines of a text log are read."""

    name: str
    patterns: tuple[Pattern, ...]
    unit: int
    """Nanoseconds in a unit of `begin` and `end`."""
    calls: Mapping[str, str]
    returned: Mapping[str, str | int]
    values: Mapping[str, Mapping[str, str | int | bool]]
    options: Mapping[str, str]


def read_profile(path: str, spec: Specification[Any]) -> Profile:
    """The profile in a TOML file. Raises `InputError` for what is no profile of the specification's calls."""
    data = read_limited(path, SIZE_LIMIT)
    try:
        document = msgspec.convert(tomllib.loads(data.decode()), _Document)
    except RecursionError:
        raise InputError(f"{path}: nested too deeply") from None
    except ValueError as error:
        if isinstance(error, msgspec.ValidationError):
            raise InputError(f"{path}: {first_lower(str(error).replace('`$.', '`'))}") from None
        raise InputError(f"{path}: no TOML: {first_lower(str(error))}") from None
    if (document.format, document.version) != (FORMAT, VERSION):
        raise InputError(f"{path}: format {FORMAT!r}, version {VERSION} is read, not {document.format!r}")
    if document.clock not in _UNITS:
        raise InputError(f"{path}: clock: {document.clock!r} is none of {', '.join(_UNITS)}")
    patterns = tuple(_pattern(path, n, rule, spec) for n, rule in enumerate(document.line, 1))
    for name in document.calls.values():
        _check_call(path, name, spec)
    return Profile(
        path, patterns, _UNITS[document.clock], document.calls, document.returned, document.values, document.options
    )


def _check_call(path: str, name: str, spec: Specification[Any]) -> None:
    if name not in spec.operations and name not in (OPEN, CLOSE):
        raise InputError(f"{path}: {spec.name} has no call {name!r}; it has {', '.join(spec.operations)}")


def _pattern(path: str, number: int, rule: _Rule, spec: Specification[Any]) -> Pattern:
    try:
        import re2
    except ImportError:
        raise UsageError("profiles need the package google-re2: pip install 'callproof[logs]'") from None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    try:
        expression = re2.compile(rule.pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else error
        raise InputError(f"{path}: line {number}, pattern: {reason} (RE2 knows no backreferences)") from None
    if rule.call:
        _check_call(path, rule.call, spec)
    elif "call" not in expression.groupindex:
        raise InputError(f"{path}: line {number}: give the call, or a group of that name in the pattern")
    return Pattern(expression, rule.call, rule.args, rule.result, rule.returned)


class ProfileLines:
    """Decodes the lines of a text log; those that no pattern matches are counted in `skipped`."""

    def __init__(self, profile: Profile, lines: Lines, machine: OpenMachine) -> None:
        self._profile, self._lines, self._machine = profile, lines, machine
        self._by_call = {call: made for made, call in lines.types.items()}
        self.skipped = 0

    def decode(self, block: Block) -> Decoded:
        """The lines of a block that are calls."""
        lines: list[Any] = []
        numbers: list[int] = []
        problems: list[tuple[int, str]] = [(n, "too long") for n in block.long]
        for number, data in enumerate(block.data.split(b"\n") if block.data else [], block.first):
            text = data.decode(errors="replace").rstrip("\r")
            try:
                line = self._line(text)
            except ValueError as error:
                problems.append((number, first_lower(str(error).replace("`$.", "`"))))
                continue
            if line is None:
                self.skipped += bool(text.strip())
            else:
                lines.append(line)
                numbers.append(number)
        return Decoded(lines, numbers, tuple(problems))

    def last(self, block: Block) -> Any | None:
        """The last line of a file that does not end it."""
        found = self.decode(Block(block.first, block.rest))
        return found.lines[0] if found.lines else None

    def _line(self, text: str) -> Any | None:
        for pattern in self._profile.patterns:
            found = pattern.expression.search(text)
            if found is not None:
                return self._read(pattern, {k: v for k, v in found.groupdict().items() if v is not None})
        return None

    def _read(self, pattern: Pattern, groups: dict[str, str]) -> Any:
        profile = self._profile
        named = groups.pop("call", "")
        call = pattern.call or profile.calls.get(named, named)
        if call not in self._by_call:
            raise ValueError(f"unknown call {call[:80]!r}")
        document: dict[str, Any] = {"call": call}
        returned = groups.pop("returned", None)
        given = pattern.returned if returned is None else profile.returned.get(returned, returned)
        if given is not None:
            document["returned"] = given
        for name in ("session", "thread"):
            if name in groups:
                document[name] = groups.pop(name)
        for name in ("begin", "end"):
            if name in groups:
                document[name] = round(float(groups.pop(name)) * profile.unit)
        if "time" in groups:
            document["time"] = float(groups.pop("time"))
        args, result = dict(pattern.args), dict(pattern.result)
        if call in (OPEN, CLOSE):
            args |= groups
        else:
            shape = self._machine.shape(call)
            results = {r.name: r.sort for r in shape.results}
            plain = dict(shape.plain)
            for name, text in groups.items():
                into, sort = (result, results[name]) if name in results else (args, plain.get(name))
                value = profile.values.get(name, {}).get(text, text)
                into[name] = value in ("1", "true", "True", True, 1) if sort == BOOLEAN else value
        if args:
            document["args"] = args
        if result:
            document["result"] = result
        return self._lines.convert(document)
