"""Reading traces. A file is never trusted: every problem becomes one `InputError` that names the place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec

from callproof.errors import InputError
from callproof.expr import WORD_MAX
from callproof.trace.files import read_limited
from callproof.trace.steps import Step, Trace, Value

FORMAT, VERSION = "callproof-trace", 1
SIZE_LIMIT = 64 << 20
"""The most bytes of a trace file that are read."""
STEP_LIMIT = 1_000_000
"""The most steps of a trace."""

_NUMBER = re.compile(r"-?(0[xX][0-9a-fA-F]+|[0-9]+)\Z")
_DIGITS = 64
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PLACE = re.compile(r" - at `\$\.?(?P<path>.*)`\Z")


class _Step(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    call: str
    args: dict[str, int | bool | str]
    returned: str | int | msgspec.UnsetType | None = msgspec.UNSET
    result: dict[str, int | bool | str] | msgspec.UnsetType | None = msgspec.UNSET


class _Trace(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int
    spec: str
    steps: list[_Step]
    readings: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    options: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    origin: str | msgspec.UnsetType | None = msgspec.UNSET
    kinds: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


class _Header(msgspec.Struct):
    """As much as any version of any format must say; read first, so that another version is named as such."""

    format: Any = None
    version: Any = None


class _RawStep(msgspec.Struct):
    args: Any = None
    result: Any = None


class _RawTrace(msgspec.Struct):
    steps: list[msgspec.Raw] = []
    readings: Any = None
    options: Any = None
    kinds: Any = None


def read_trace(path: str) -> Trace:
    """The trace in a file (`-` is standard input)."""
    return decode_trace(read_limited(path, SIZE_LIMIT), path)


def decode_trace(data: bytes, name: str = "trace") -> Trace:
    """The trace in a JSON document; `name` stands at the front of every message."""
    _check_header(data, name)
    try:
        document = msgspec.json.decode(data, type=_Trace)
    except msgspec.ValidationError as error:
        _explain(data, name, str(error))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: {_syntax(error)}") from None
    if len(document.steps) > STEP_LIMIT:
        raise InputError(f"{name}: {len(document.steps):,} steps; a trace has at most {STEP_LIMIT:,}")
    # An object with a key given twice has more colons than keys that arrived.
    if _STRING.sub(b"", data).count(b":") != _keys(document):
        _refuse_duplicates(data, name)
    steps = tuple(_step(step, number, name) for number, step in enumerate(document.steps, 1))
    return Trace(
        document.spec,
        steps,
        _given(document.readings, {}),
        _given(document.options, {}),
        _given(document.origin, None),
        _given(document.kinds, {}),
    )


def _given(value: Any, default: Any) -> Any:
    return default if value is msgspec.UNSET else value


def _check_header(data: bytes, name: str) -> None:
    try:
        header = msgspec.json.decode(data, type=_Header)
    except msgspec.ValidationError:
        raise InputError(f"{name}: not a trace: a JSON object is needed") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: {_syntax(error)}") from None
    if header.format is None:
        raise InputError(f'{name}: not a trace: the key "format" is missing')
    if header.format != FORMAT:
        raise InputError(f"{name}: format: {quoted(header.format)} is not {FORMAT!r}")
    if type(header.version) is not int or header.version != VERSION:
        raise InputError(f"{name}: version: {quoted(header.version)} is unknown; this is read: {VERSION}")


def quoted(value: object) -> str:
    """A value from a file as it can stand in a one-line message."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:76]}..."


def _syntax(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "not JSON: not UTF-8 text"
    if isinstance(error, RecursionError):
        return "not a trace: nested too deeply"
    text = str(error).removeprefix("JSON is malformed: ")
    return f"not JSON: {text[:1].lower()}{text[1:]}"


def _explain(data: bytes, name: str, message: str) -> NoReturn:
    """Raise the validation error with the place as a person counts it, and with the key where msgspec gives none."""
    found = _PLACE.search(message)
    path = found["path"] if found else ""
    what = message[: found.start()] if found else message
    place = re.sub(r"steps\[(\d+)\]\.?", lambda m: f"step {int(m[1]) + 1}, ", path).removesuffix(", ")
    key = _culprit(data, path) if place.endswith("[...]") else None
    if place.endswith("[...]"):
        place = place.removesuffix("[...]") + (f".{quoted(key)[1:-1]}" if key is not None else "")
    raise InputError(f"{name}: {place}{': ' if place else ''}{what[:1].lower()}{what[1:]}")


def _culprit(data: bytes, path: str) -> str | None:
    """The key of the value at which decoding stopped."""
    found = re.match(r"(?:steps\[(\d+)\]\.)?(args|result|readings|options|kinds)\[", path)
    if not found:
        return None
    try:
        document: _RawTrace | _RawStep = msgspec.json.decode(data, type=_RawTrace)
        if found[1] and isinstance(document, _RawTrace):
            document = msgspec.json.decode(document.steps[int(found[1])], type=_RawStep)
        values = getattr(document, found[2])
    except (ValueError, RecursionError):
        return None
    allowed: tuple[type, ...] = (int, str) if found[1] else (str,)
    return next((key for key, value in values.items() if not isinstance(value, allowed)), None)


def _keys(document: _Trace) -> int:
    top = sum(getattr(document, field) is not msgspec.UNSET for field in _Trace.__struct_fields__)
    top += len(_given(document.readings, ())) + len(_given(document.options, ())) + len(_given(document.kinds, ()))
    for step in document.steps:
        top += 2 + len(step.args)
        top += step.returned is not msgspec.UNSET
        if step.result is not msgspec.UNSET:
            top += 1 + len(step.result or ())
    return top


def _refuse_duplicates(data: bytes, name: str) -> NoReturn:
    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(items)
        if len(found) < len(items):
            keys = [key for key, _ in items]
            double = next(key for key in keys if keys.count(key) > 1)
            where = f" in a call of {quoted(found['call'])}" if "call" in found else ""
            raise InputError(f"{name}: the key {quoted(double)} stands twice in one object{where}")
        return found

    json.loads(data, object_pairs_hook=pairs)
    raise InputError(f"{name}: a key stands twice in one object")


def _step(step: _Step, number: int, name: str) -> Step:
    result = _given(step.result, None)
    returned = _given(step.returned, None)
    return Step(
        step.call,
        _values(step.args, f"{name}: step {number}, args."),
        parsed(returned) if isinstance(returned, str) else returned,
        None if result is None else _values(result, f"{name}: step {number}, result."),
    )


def _values(given: Mapping[str, Value], place: str) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key, value in given.items():
        if isinstance(value, str):
            value = parsed(value)
        if type(value) is int and not 0 <= value <= WORD_MAX:
            raise InputError(f"{place}{quoted(key)[1:-1]}: {quoted(value)} is outside 0 to 2**64 - 1")
        values[key] = value
    return values


def parsed(text: str) -> str | int:
    """A string as the integer it spells in decimal or hexadecimal, else as it is."""
    if not _NUMBER.match(text):
        return text
    if len(text) > _DIGITS:
        return -1 if text.startswith("-") else 1 << 4 * _DIGITS
    return int(text, 16) if "x" in text.lower() else int(text)
