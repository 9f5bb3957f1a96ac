"""The fast path: a call judged, and made, by one generated function.

It takes the world, the handles, the parameters and the results (`UNSET` for one that is not given), and what to note
as the cause of a change. It answers the code of the verdict (0 must_accept, 1 must_reject, 2 may, 3 undefined), 4 where
an axiom fails, or -1 where no outcome is possible; only with 0 has it changed anything. Where that depends on values
that are not known, it answers 32 if nothing that is known speaks against the call and it was made, or else 16 with
nothing changed, or raises `Undecided`, before any change.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import UNSET

from callproof.model.clauses import Origin
from callproof.model.system import ClauseUse
from callproof.parametric.emit import Emitter
from callproof.parametric.places import Places
from callproof.parametric.program import Ending, Program, Write
from callproof.parametric.special import returning_nothing
from callproof.parametric.stores import assign, stays, stored_text
from callproof.parametric.trail import note, release
from callproof.parametric.unknown import Undecided, Unknown
from callproof.semantics.compiled import function
from callproof.semantics.judgement import DECIDING

Fast = Callable[..., int]

AXIOM, NO_OUTCOME = 4, -1
OPEN, OPEN_MADE = 16, 32


def judging(program: Program, places: Places) -> Fast:
    """The function that only judges."""
    roots = [rule.number for rule in program.clauses]
    emitter = Emitter(program, places, roots)
    _prelude(emitter, roots)
    if any(name.startswith("out ") for name in program.table.variables(roots)):
        _existing(emitter)
    _verdict(emitter, program)
    emitter.line(f"return {OPEN} if F else 0")
    made: Fast = function(f"{program.call}.judge", "W, H, A, R, N", _passed(program) + emitter.lines, _scope(places))
    return made


def taking(program: Program, places: Places) -> Fast:
    """The function that judges, and makes the call where nothing speaks against it.

    Most calls return nothing that counts in most states, and then most rules say nothing: that case comes first.
    """
    lines, scope = statements(program, places)
    passed = _passed(program)
    made: Fast = function(f"{program.call}.take", "W, H, A, R, N", passed + lines, scope)
    return made


def statements(program: Program, places: Places) -> tuple[list[str], dict[str, Any]]:
    """The body of `taking`, for a function that has the values at hand, and what it has to know.

    They are `W`, `N`, `h0..`, `a0..` and `r0..`.
    """
    bare = returning_nothing(program)
    roots = [*_roots(program), *((bare[0], *_roots(bare[1])) if bare is not None else ())]
    emitter = Emitter(program, places, roots)
    _prelude(emitter, roots, [w for e in program.endings for w in e.writes])
    if bare is not None:
        emitter.counting([bare[0], *_roots(bare[1])])
        with emitter.block(f"if {emitter.value(bare[0])}:"):
            _taking(emitter, bare[1])
        emitter.flag = "F"
        emitter.counting(_roots(program))
    _existing(emitter)
    _taking(emitter, program)
    return emitter.lines, _scope(places)


def _roots(program: Program) -> list[int]:
    roots = [rule.number for rule in (*program.clauses, *program.axioms)]
    roots += [n for e in program.endings for n in (e.when, *(w.value for w in e.writes))]
    return roots + [r.when for r in program.results]


def _taking(emitter: Emitter, program: Program) -> None:
    _verdict(emitter, program)
    emitter.flag = "X"
    for rule in program.axioms:
        with emitter.attempt():
            emitter.check(rule.number, f"return {OPEN} if F else {AXIOM}")
    emitter.line(f"if F and U: return {OPEN}")
    for ending in program.endings:
        if ending.when == program.table.true:
            _make(emitter, ending)
            emitter.line(f"return {OPEN_MADE} if F else 0")
            break
        with emitter.block(f"if {emitter.value(ending.when)}:"):
            _make(emitter, ending)
            emitter.line(f"return {OPEN_MADE} if F else 0")
    else:
        emitter.line(f"return {NO_OUTCOME}")


def _scope(places: Places) -> dict[str, Any]:
    scope: dict[str, Any] = {"Undecided": Undecided, "Unknown": Unknown, "UNSET": UNSET}
    scope |= {"note": note, "release": release, "any": any}
    return scope | {f"Z{n}": [0] * len(places.fields[pair]) for n, pair in enumerate(places.pairs)}


def _passed(program: Program) -> list[str]:
    """Statements that take apart what was passed."""
    lines = []
    for letter, source, count in (
        ("h", "H", len(program.handles)), ("a", "A", len(program.params)), ("r", "R", len(program.results)),
    ):  # fmt: skip
        if count:
            lines.append(f" {', '.join(f'{letter}{n}' for n in range(count))}, = {source}")
    return lines


def _prelude(emitter: Emitter, roots: Iterable[int], writes: Iterable[Write] = ()) -> None:
    """Names for the parts of the world."""
    program, places = emitter.program, emitter.places
    emitter.line("S = W.session; U = W.unseen; F = False")
    for letter, source, count in (("T", "tables", len(places.kinds)), ("P", "pairs", len(places.pairs))):
        if count:
            emitter.line(f"{', '.join(f'{letter}{n}' for n in range(count))}, = W.{source}")
    for (kind, _), position in program.own.items():
        number = places.numbers[kind]
        emitter.line(f"x{position} = T{number}.get(h{position})")
        fresh = [0] * len(places.fields[(kind,)])
        emitter.line(f"if x{position} is None: x{position} = W.blank(({kind!r},), (h{position},)) if U else {fresh}")
    # A pair that was never seen has a blank record, which is zero only where all of both kinds were seen.
    for pair in places.pairs:
        if any(_in_pair(emitter, name, pair) for name in program.table.variables(roots)):
            emitter.line(f"if U and not U.isdisjoint({pair!r}): raise Undecided")


def _in_pair(emitter: Emitter, name: str, pair: tuple[str, ...]) -> bool:
    place = emitter.places.find(name)
    return place is not None and place.kinds == pair


def _existing(emitter: Emitter) -> None:
    """A result that does not exist is zero, and one that exists and is not given is unknown."""
    results = list(enumerate(emitter.program.results))
    for when, group in itertools.groupby(results, lambda item: item[1].when):
        numbers = [number for number, _ in group]
        given = [f"if r{n} is UNSET: r{n} = Unknown()" for n in numbers]
        if when == emitter.table.true:
            for text in given:
                emitter.line(text)
            continue
        with emitter.block(f"if {emitter.value(when)}:"):
            for text in given:
                emitter.line(text)
        emitter.line(f"else: {' = '.join(f'r{n}' for n in numbers)} = 0")


def _verdict(emitter: Emitter, program: Program) -> None:
    for code, origins in DECIDING:
        for rule in program.clauses:
            if _origin(rule.use) in origins:
                with emitter.attempt():
                    emitter.check(rule.number, f"return {OPEN} if F else {code}")


def _origin(use: object) -> Origin:
    assert isinstance(use, ClauseUse)
    return use.origin


# -- making the step --------------------------------------------------------------------------------------------------


def _make(emitter: Emitter, ending: Ending) -> None:
    """Every new value is computed from the state before, then all are stored."""
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
    cleared = tuple(kind for kind in places.kinds if _clears(emitter, kind, over))
    if cleared:
        emitter.line(f"if U: U.difference_update({cleared!r})")


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


def _clears(emitter: Emitter, kind: str, over: list[Write]) -> bool:
    """Every other resource of the kind, seen or not, is as in the beginning afterwards, and so are its pairs."""
    fields = emitter.places.fields
    zero = {
        (w.place.kinds, w.place.slot)
        for w in over
        if set(w.over) == set(w.place.kinds) and emitter.table.keys[w.value] == ("const", (), 0)
    }
    groups = [group for group in fields if kind in group]
    return all((group, slot) in zero for group in groups for slot in range(len(fields[group])))
