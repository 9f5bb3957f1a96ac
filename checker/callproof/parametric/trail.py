"""Which line made each record what it is: for each call, its last line that changed the record, with the values before
and after. So much is kept of each record in use, and of some that went out of use last."""

from __future__ import annotations

from typing import Any

from callproof.parametric.unknown import Value
from callproof.parametric.world import Handles, World, identical, is_zero


def note(
    world: World,
    cause: Any,
    call: str,
    group: tuple[str, ...],
    handles: Handles,
    slots: tuple[int, ...],
    values: tuple[Value, ...],
) -> None:
    """Give some variables of a record new values, and remember the cause if that changes anything."""
    before = world.record(group, handles)
    after = before[:]
    for slot, value in zip(slots, values, strict=True):
        after[slot] = value
    if identical(before, after):
        return
    world.keep(group, handles, after)
    key = group, handles
    trail = world.trails.get(key)
    if trail is None:
        trail = world.trails[key] = {}
    trail[call] = cause, before, after


def release(world: World, kind: str, handle: int) -> None:
    """Stop following a resource that is as in the beginning, unless others refer to it."""
    places = world.places
    table = world.tables[places.numbers[kind]]
    if kind in world.unseen or (places.references(kind) and world.refers(kind, handle)):
        return
    if handle in table and is_zero(table[handle]):
        del table[handle]
        world.forget((kind,), (handle,))
