"""From a line to the interpreter: a generated function for each call that checks the values and takes the fast path."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import msgspec

from callproof.expr import WORD_MAX, Kind, Sort
from callproof.monitor.lines import Line
from callproof.parametric import OpenMachine, Shape, World
from callproof.parametric.generate import OPEN, statements
from callproof.semantics.compiled import function
from callproof.trace.reading import parsed, quoted

UNSAID = 64
"""The code where the line does not say whether the driver accepted the call."""
REFUSED = 8
"""Added to the code of the verdict where the driver refused the call."""

Handler = Callable[[Line, World, Any], int]
Bound = tuple[tuple[int, ...], tuple[Any, ...], tuple[Any, ...], bool | None]
"""Handles, parameters, results, and whether the call was accepted; None where the line does not say."""

SUCCESSES: frozenset[Hashable] = frozenset({0, "SUCCESS", "0", "0x0"})


WORDS_KEPT = 1 << 13
"""Of each call, so many strings are remembered with the words that they spell: logs repeat their addresses."""


class Words(dict[str, int]):
    """Words by the strings that spell them, a bounded number of them."""

    def keep(self, text: str, place: str) -> int:
        """The word of a string that is not among them yet; see `word`."""
        found = word(text, place)
        if len(self) >= WORDS_KEPT:
            self.clear()
        self[text] = found
        return found


class BadValue(Exception):
    """A value that the call does not take; the message names its place in the line."""


def word(value: int | str, place: str) -> int:
    """An unsigned 64-bit word from an integer, a decimal string or a "0x..." string."""
    found = parsed(value) if isinstance(value, str) else value
    if isinstance(found, str):
        raise BadValue(f"{place}: {quoted(value)} is no number")
    if not 0 <= found <= WORD_MAX:
        raise BadValue(f"{place}: {quoted(value)} is outside 0 to 2**64 - 1")
    return found


def handler(machine: OpenMachine, call: str) -> Handler:
    """The function that takes a line of a call: 0 where nothing is to be said, else the code of what is wrong.

    Codes are those of the fast path, plus `REFUSED` where the driver refused. Raises `Undecided` and `BadValue`.
    """
    shape = machine.shape(call)
    count = len(shape.handles)
    lines = _binding(shape)
    passed = ", ".join(_tuple(*one) for one in (("h", count), ("a", len(shape.plain)), ("r", len(shape.results))))
    lines.append(" if not ok:")
    if not shape.is_event:
        lines.append(f"  if L.returned is None: return {UNSAID}")
    lines.append(f"  c = judge(W, {passed}, None)")
    lines.append(f"  return 0 if c == 2 else c if c == {OPEN} else c + {REFUSED}")
    scope = _scope(shape)

    def take(world: World, handles: tuple[int, ...], *rest: Any) -> int:
        return machine.fast(call, handles, True)(world, handles, *rest)

    def judge(world: World, handles: tuple[int, ...], *rest: Any) -> int:
        return machine.fast(call, handles, False)(world, handles, *rest)

    lines.append(" N = N, L")
    if len({kind for _, kind in shape.handles}) == count:
        body, needed = statements(machine.program(call, tuple(range(count))), machine.places)
        lines += body
        scope |= needed
    else:  # what is to be done depends on which handles are equal
        lines.append(f" return take(W, {passed}, N)")
    made: Handler = function(f"{call}.line", "L, W, N", lines, scope | {"take": take, "judge": judge})
    return made


def binder(machine: OpenMachine, call: str) -> Callable[[Line], Bound]:
    """The function that only reads a line."""
    shape = machine.shape(call)
    lines = _binding(shape)
    if not shape.is_event:
        lines.append(" if L.returned is None: ok = None")
    lines.append(f" return ({_tuple('h', len(shape.handles))}, {_tuple('a', len(shape.plain))}, "
                 f"{_tuple('r', len(shape.results))}, ok)")  # fmt: skip
    made: Callable[[Line], Bound] = function(f"{call}.read", "L", lines, _scope(shape))
    return made


def _tuple(letter: str, count: int) -> str:
    return f"({''.join(f'{letter}{n}, ' for n in range(count))})"


def _scope(shape: Shape) -> dict[str, Any]:
    words = Words()
    scope: dict[str, Any] = {
        "word": word,
        "known": words.get,
        "keep": words.keep,
        "UNSET": msgspec.UNSET,
        "OK": SUCCESSES,
        "str": str,
    }
    for n, (_, sort) in enumerate(shape.plain):
        scope[f"E{n}"] = {member: number for number, member in enumerate(sort.members)}
    for n, result in enumerate(shape.results):
        scope[f"F{n}"] = {member: number for number, member in enumerate(result.sort.members)}
    return scope


def _binding(shape: Shape) -> list[str]:
    lines = [" A = L.args"] if shape.handles or shape.plain else []
    for n, (name, _) in enumerate(shape.handles):
        lines += _word(f"h{n}", f"A.{name}", f"args.{name}")
    for n, (name, sort) in enumerate(shape.plain):
        lines += _value(f"a{n}", f"A.{name}", sort, f"args.{name}", f"E{n}")
    lines.append(f" ok = L.returned in OK{' or L.returned is None' if shape.is_event else ''}")
    if shape.results:
        lines.append(" R = L.result")
        names = [f"r{n}" for n in range(len(shape.results))]
        lines.append(f" if R is None: {' = '.join(names)} = UNSET")
        lines.append(" else:")
        for n, result in enumerate(shape.results):
            lines.append(f"  r{n} = R.{result.name}")
            lines.append(f"  if r{n} is not UNSET:")
            lines += [
                f"  {line}"
                for line in _value(f"r{n}", f"R.{result.name}", result.sort, f"result.{result.name}", f"F{n}")
            ]
    return lines


def _value(name: str, source: str, sort: Sort, place: str, members: str) -> list[str]:
    if sort.kind is Kind.BOOLEAN:
        return [f" {name} = 1 if {source} else 0"]
    if sort.kind is Kind.ENUMERATION:
        return [f" {name} = {members}[{source}]"]
    return _word(name, source, place)


def _word(name: str, source: str, place: str) -> list[str]:
    return [
        f" {name} = {source}",
        f" if {name}.__class__ is str:",
        f"  {name} = known({source})",
        f"  if {name} is None: {name} = keep({source}, {place!r})",
        f" elif {name} >> 64: {name} = word({name}, {place!r})",
    ]
