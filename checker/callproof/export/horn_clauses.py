"""Constrained Horn clauses as a file: those that `check --engine chc` gives to Spacer."""

from __future__ import annotations

from callproof.export.heading import heading
from callproof.export.problem import Problem
from callproof.symbolic import Horn

_SAYS = (
    "sat: no call sequence of any length breaks the invariant; unsat: some sequence does.",
    "z3 FILE.smt2, or another solver of HORN over bit-vectors.",
)


def horn_clauses(problem: Problem, width: int) -> str:
    """The clauses, with words of `width` bits; `UsageError` where a constant does not fit them."""
    says = list(_SAYS) + ([f"Words have {width} bits instead of 64."] if width != 64 else [])
    text = Horn(problem.system, problem.layer, width).text(problem.properties)
    return f"{heading(problem, ';', says)}{text}\n(check-sat)\n"
