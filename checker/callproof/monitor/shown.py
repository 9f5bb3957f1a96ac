"""Lines, handles and values as a person reads them; what comes from a log cannot steer a terminal."""

from __future__ import annotations

from typing import Any

import msgspec

from callproof.expr import Sort
from callproof.monitor.lines import Line
from callproof.parametric import OpenMachine, Unknown
from callproof.parametric.unknown import Value
from callproof.parametric.world import Group, Handles
from callproof.semantics import decode

_SHORT = 80


def printable(value: object) -> str:
    """Text from a log, short and without anything that would steer a terminal."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value))
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}..."


def handle_text(handle: int) -> str:
    """A handle: small ones as numbers, others as addresses."""
    return str(handle) if handle < 1 << 16 else hex(handle)


def line_text(call: str, line: Line) -> str:
    """The call, its arguments and what it returned, as the log has them."""
    args = msgspec.to_builtins(line.args) if getattr(line, "args", None) is not None else {}
    returned = "" if line.returned is None else f" -> {printable(line.returned)}"
    results = {} if line.result is None else msgspec.to_builtins(line.result)
    shown = f" {{{_pairs(results)}}}" if results else ""
    return f"{call}({_pairs(args)}){returned}{shown}"


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{printable(name)}={_plain(value)}" for name, value in values.items())


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return handle_text(value) if isinstance(value, int) else printable(value)


def value_text(value: Value, sort: Sort, stored: str = "") -> str:
    """A value of the state."""
    if isinstance(value, Unknown):
        return "?"
    if stored:
        return "none" if value == 0 else handle_text(value - 1)
    found = decode(value, sort)
    return "true" if found is True else "false" if found is False else str(found)


def variable_text(machine: OpenMachine, group: Group, handles: Handles, slot: int, value: Value) -> tuple[str, str]:
    """A variable's name and value."""
    field = machine.places.fields[group][slot]
    name = field.pattern
    for handle in handles:
        name = name.replace("[]", f"[{handle_text(handle)}]", 1)
    return name.removeprefix("option:"), value_text(value, field.sort, field.stored)
