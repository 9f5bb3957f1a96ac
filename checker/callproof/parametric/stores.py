"""Assignments to the slots of one record, as Python statements.

Most effects leave most variables alone: `x = v if c else x` becomes an assignment under a condition, and those under
one condition stand together.
"""

from __future__ import annotations

from dataclasses import dataclass

from callproof.expr import BOOLEAN
from callproof.parametric.emit import Emitter
from callproof.parametric.program import Write


def stays(emitter: Emitter, write: Write) -> bool:
    """The write leaves the variable as it is."""
    op, _, extra = emitter.table.keys[write.value]
    return op == "var" and emitter.places.find(str(extra)) == write.place


def stored_text(emitter: Emitter, write: Write, value: int | None = None) -> str:
    """The expression of what is stored: a flag as 0 or 1."""
    number = write.value if value is None else value
    text = emitter.value(number)
    op = emitter.table.keys[number][0]
    plain = op in ("var", "const") or emitter.places.fields[write.place.kinds][write.place.slot].sort != BOOLEAN
    return text if plain else f"1 if {text} else 0"


@dataclass(frozen=True, slots=True)
class Stores:
    """Statements that store new values, all computed before, and the expression of whether they change anything."""

    changes: str
    lines: tuple[str, ...]


def assign(emitter: Emitter, record: str, writes: list[Write], values: dict[int, str]) -> Stores:
    """Compute new values; `values` are the expressions of those that were computed already."""
    groups: dict[tuple[int, bool], list[tuple[Write, int]]] = {}
    plain = (emitter.table.true, True)
    for write in writes:
        guard, value = (plain, write.value) if id(write) in values else _guarded(emitter, write)
        groups.setdefault(guard, []).append((write, value))
    plainly = groups.pop(plain, [])
    whole = _whole(emitter, writes, plainly)
    if whole is not None:
        return Stores(f"{record} != {whole}", (f"{record}[:] = {whole}",))
    changes, lines = [], []
    for count, (write, value) in enumerate(plainly):
        text = values.get(id(write)) or stored_text(emitter, write, value)
        if not text.isidentifier() and not text.isdigit():
            emitter.line(f"u{count} = {text}")
            text = f"u{count}"
        target = f"{record}[{write.place.slot}]"
        changes.append(f"{target} != {text}")
        lines.append(f"{target} = {text}")
    for number, ((condition, sense), group) in enumerate(groups.items()):
        emitter.line(f"g{number} = {'' if sense else 'not '}{emitter.value(condition)}")
        changes.append(f"g{number}")
        lines.append(f"if g{number}:")
        texts = []
        with emitter.block(f"if g{number}:"):
            emitter.line("pass")
            for write, value in group:
                text = stored_text(emitter, write, value)
                if not text.isidentifier() and not text.isdigit():
                    emitter.line(f"w{write.place.slot} = {text}")
                    text = f"w{write.place.slot}"
                texts.append(f" {record}[{write.place.slot}] = {text}")
        lines += texts
    return Stores(" or ".join(changes), tuple(lines))


def _whole(emitter: Emitter, writes: list[Write], plainly: list[tuple[Write, int]]) -> list[int] | None:
    """The record as it is afterwards, where nothing in it depends on anything."""
    constants = {w.place.slot: emitter.table.keys[n] for w, n in plainly if emitter.table.keys[n][0] == "const"}
    if len(constants) < len(emitter.places.fields[writes[0].place.kinds]):
        return None
    return [int(constants[slot][2]) for slot in sorted(constants)]


def _guarded(emitter: Emitter, write: Write) -> tuple[tuple[int, bool], int]:
    """When the variable gets a value that may be new, and that value."""
    table = emitter.table
    op, args, _ = table.keys[write.value]
    same = [_is_old(emitter, write, arg) for arg in args]
    if op == "ite" and same[2]:
        return (args[0], True), args[1]
    if op == "ite" and same[1]:
        return (args[0], False), args[2]
    if op in ("and", "or") and any(same):
        rest = table.build(op, tuple(arg for arg, old in zip(args, same, strict=True) if not old), 0)
        return (rest, op == "or"), table.true if op == "or" else table.false
    return (table.true, True), write.value


def _is_old(emitter: Emitter, write: Write, number: int) -> bool:
    op, _, extra = emitter.table.keys[number]
    return op == "var" and emitter.places.find(str(extra)) == write.place
