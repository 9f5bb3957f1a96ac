"""What a problem can be exported to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from callproof.errors import UsageError
from callproof.export.c_program import c_program
from callproof.export.domain import domain
from callproof.export.problem import Problem
from callproof.export.promela import promela
from callproof.export.unrolling import Unrolling
from callproof.expr import WORD_BITS
from callproof.trace import Trace


@dataclass(frozen=True, slots=True)
class Wanted:
    """What only some formats can be told."""

    word_bits: int = WORD_BITS
    """The width of words, for `smtlib` and `chc`."""
    domain: Mapping[str, str] = field(default_factory=dict)
    """The words of a kind, for `promela`: `address` -> `0,0x1000`."""
    trace: Trace | None = None
    """What a C program plays where it is given no choices."""


def _chc(problem: Problem, wanted: Wanted) -> str:
    from callproof.export.horn_clauses import horn_clauses  # imports Z3

    return horn_clauses(problem, wanted.word_bits)


TARGETS: Mapping[str, Callable[[Problem, Wanted], str]] = {
    "smtlib": lambda problem, wanted: Unrolling(problem, wanted.word_bits).text(),
    "chc": _chc,
    "c": lambda problem, wanted: c_program(problem, wanted.trace),
    "promela": lambda problem, wanted: promela(problem, domain(wanted.domain)),
}


def exported(problem: Problem, target: str, wanted: Wanted = Wanted()) -> str:
    """The text of a problem for one of `TARGETS`.

    Raises `UsageError` for another target, for what the target cannot be told, and where a constant does not fit.
    """
    if target not in TARGETS:
        raise UsageError(f"unknown target {target!r}; the targets: {', '.join(TARGETS)}")
    if not 1 <= wanted.word_bits <= WORD_BITS:
        raise UsageError(f"--word-bits is a number from 1 to {WORD_BITS}, not {wanted.word_bits}")
    if wanted.word_bits != WORD_BITS and target not in ("smtlib", "chc"):
        raise UsageError(f"--word-bits is for smtlib and chc; {target} takes words of {WORD_BITS} bits")
    if wanted.domain and target != "promela":
        raise UsageError(f"--domain is for promela; {target} takes every word")
    if wanted.trace is not None and target != "c":
        raise UsageError(f"--trace is for c, whose program plays it; not for {target}")
    return TARGETS[target](problem, wanted)
