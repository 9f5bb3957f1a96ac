"""The fast path: a call judged, and made, by one generated function.

It takes the world, the handles, the parameters and the results (`UNSET` for one that is not given), and what to note
as the cause of a change. It answers the code of the verdict (0 must_accept, 1 must_reject, 2 may, 3 undefined), 4 where
an axiom fails, or -1 where no outcome is possible; only with 0 has it changed anything. Where that depends on values
that are not known, it answers 32 if nothing that is known speaks against the call and it was made, or else 16 with
nothing changed, or raises `Undecided`, before any change.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from msgspec import UNSET

from callproof.model.clauses import Origin
from callproof.model.system import ClauseUse, returned
from callproof.parametric.emit import Emitter
from callproof.parametric.places import Places
from callproof.parametric.program import Program, Rule
from callproof.parametric.special import returning_nothing
from callproof.parametric.steps import make_step
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
    _existing(emitter, roots)
    _verdict(emitter, program)
    emitter.line(f"return {OPEN} if F else 0")
    return _function("judge", emitter)


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
    _prelude(emitter, roots)
    if bare is not None:
        emitter.counting([bare[0], *_roots(bare[1])])
        with emitter.block(f"if {emitter.value(bare[0])}:"):
            _taking(emitter, bare[1])
        emitter.flag = "F"
        emitter.counting(_roots(program))
    _existing(emitter, roots)
    _taking(emitter, program)
    return emitter.lines, _scope(places)


def failing(program: Program, places: Places, rules: Sequence[Rule]) -> Fast:
    """The function that says whether one of some rules fails: 1 or 0, and `OPEN` where that is not known."""
    roots = [rule.number for rule in rules]
    emitter = Emitter(program, places, roots)
    _prelude(emitter, roots)
    _existing(emitter, roots)
    for rule in rules:
        with emitter.attempt():
            emitter.check(rule.number, f"return {OPEN} if F else 1")
    emitter.line(f"return {OPEN} if F else 0")
    return _function("fails", emitter)


def forcing(program: Program, places: Places) -> Fast:
    """The function that makes the call whatever the contract says: 0, or `NO_OUTCOME` and nothing changed."""
    roots = _roots(replace(program, clauses=(), axioms=()))
    emitter = Emitter(program, places, roots)
    _prelude(emitter, roots)
    _existing(emitter, roots)
    _outcomes(emitter, program)
    return _function("force", emitter)


def _function(name: str, emitter: Emitter) -> Fast:
    program, places = emitter.program, emitter.places
    lines = _passed(program) + emitter.lines
    made: Fast = function(f"{program.call}.{name}", "W, H, A, R, N", lines, _scope(places))
    return made


def _roots(program: Program) -> list[int]:
    roots = [rule.number for rule in (*program.clauses, *program.axioms)]
    roots += [n for e in program.endings for n in (e.when, *(w.value for w in e.writes))]
    return roots + [r.when for r in program.results]


def _taking(emitter: Emitter, program: Program) -> None:
    _verdict(emitter, program)
    emitter.line("X = False")
    emitter.flag = "X"
    for rule in program.axioms:
        with emitter.attempt():
            emitter.check(rule.number, f"return {OPEN} if F else {AXIOM}")
    emitter.line(f"if U and (F or X): return {OPEN}")
    _outcomes(emitter, program)


def _outcomes(emitter: Emitter, program: Program) -> None:
    for ending in program.endings:
        if ending.when == program.table.true:
            make_step(emitter, ending)
            emitter.line(f"return {OPEN_MADE} if F else 0")
            break
        with emitter.block(f"if {emitter.value(ending.when)}:"):
            make_step(emitter, ending)
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


def _prelude(emitter: Emitter, roots: Iterable[int]) -> None:
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


def _existing(emitter: Emitter, roots: Iterable[int]) -> None:
    """A result that does not exist is zero, and one that exists and is not given is unknown.

    Nothing is to be done where formulas do not speak of results.
    """
    named = {returned(r.name, r.sort).name for r in emitter.program.results}
    if named.isdisjoint(emitter.program.table.variables(roots)):
        return
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
