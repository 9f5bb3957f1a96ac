"""Making a call, as Python statements: every new value is computed from the state before, then all are stored."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from callproof.parametric.emit import Emitter
from callproof.parametric.program import Ending, Write, cleared
from callproof.parametric.stores import assign, stays, stored_text


def make_step(emitter: Emitter, ending: Ending) -> None:
    """Add the statements of one outcome."""
    program, places = emitter.program, emitter.places
    writes = [w for w in ending.writes if not stays(emitter, w)]
    over = [w for w in writes if w.over]
    own = [w for w in writes if not w.over]
    values: dict[int, str] = {}
    records = _groups(own, lambda w: emitter.record(w.place))
    if over or len(records) > 1:  # computed before anything is stored: what one record gets may be read for another
        for number, write in enumerate(own):
            text = stored_text(emitter, write)
            if emitter.table.keys[write.value][0] != "const":
                emitter.line(f"v{number} = {text}")
                text = f"v{number}"
            values[id(write)] = text
    if over:
        emitter.line("D = []")
        for write_over in _groups(over, lambda w: w.over).values():
            _collect(emitter, write_over)
    for record, group in records.items():
        _store(emitter, str(record), group, values)
    if over:
        emitter.line(f"for group, keys, slots, values in D: note(W, N, {program.call!r}, group, keys, slots, values)")
    if writes:
        for (kind, _), position in program.own.items():
            emitter.line(f"T{places.numbers[kind]}[h{position}] = x{position}")
    for (kind, index), position in program.own.items():
        slots = {w.place.slot for w in own if w.place.kinds == (kind,) and w.place.indices == (index,)}
        if len(slots) == len(places.fields[(kind,)]):
            zero = all(emitter.table.keys[w.value] == ("const", (), 0) for w in own if w.place.kinds == (kind,))
            emitter.line(f"{'' if zero else f'if not any(x{position}): '}release(W, {kind!r}, h{position})")
    kinds = cleared(program, places, ending)
    if kinds:
        emitter.line(f"if U: U.difference_update({kinds!r})")


def _groups(writes: Iterable[Write], key: Callable[[Write], Any]) -> dict[Any, list[Write]]:
    found: dict[Any, list[Write]] = {}
    for write in writes:
        found.setdefault(key(write), []).append(write)
    return found


def _store(emitter: Emitter, record: str, writes: list[Write], values: dict[int, str]) -> None:
    place = writes[0].place
    slots = tuple(w.place.slot for w in writes)
    if len(place.kinds) == 2:
        texts = ", ".join(values[id(w)] for w in writes)
        where = f"{place.kinds!r}, {emitter.keys(place)}, {slots!r}"
        emitter.line(f"note(W, N, {emitter.program.call!r}, {where}, ({texts},))")
        return
    stores = assign(emitter, record, writes, values)
    with emitter.block("try:"):
        emitter.line(f"C = {stores.changes}")
        emitter.line("if C: C = True")
    emitter.line("except Undecided: C = True")
    with emitter.block("if C:"):
        key = emitter.keys(place) if place.kinds else "()"
        emitter.line(f"O = {record}[:]")
        for line in stores.lines:
            emitter.line(line)
        emitter.line(f"L = W.trails.get(({place.kinds!r}, {key}))")
        emitter.line(f"if L is None: L = W.trails[{place.kinds!r}, {key}] = {{}}")
        emitter.line(f"L[{emitter.program.call!r}] = N, O, {record}[:]")


def _collect(emitter: Emitter, writes: list[Write]) -> None:
    """Loop over the other resources that get new values, and keep these until all are computed."""
    over = writes[0].over
    for group in _groups(writes, lambda w: (w.place.kinds, w.place.indices)).values():
        with contextlib.ExitStack() as loops:
            if _clears_pairs(emitter, group):
                loops.enter_context(emitter.block(f"if U or P{emitter.places.pairs.index(group[0].place.kinds)}:"))
            for kind in over:
                loops.enter_context(emitter.each(kind, seen=False))
            _collect_one(emitter, group)


def _clears_pairs(emitter: Emitter, writes: list[Write]) -> bool:
    return len(writes[0].place.kinds) == 2 and all(emitter.table.keys[w.value] == ("const", (), 0) for w in writes)


def _collect_one(emitter: Emitter, writes: list[Write]) -> None:
    place = writes[0].place
    slots = tuple(w.place.slot for w in writes)
    if _clears_pairs(emitter, writes):
        pair = emitter.places.pairs.index(place.kinds)
        emitter.line(f"if not U and {emitter.keys(place)} not in P{pair}: continue")
    texts = [stored_text(emitter, w) for w in writes]
    emitter.line(f"V = ({', '.join(texts)},)")
    store = f"D.append(({place.kinds!r}, {emitter.keys(place)}, {slots!r}, V))"
    if len(place.kinds) == 1:  # most others are as they were
        record = emitter.record(place)
        store = f"if V != ({', '.join(f'{record}[{slot}]' for slot in slots)},): {store}"
    emitter.line(store)
