"""Which clauses the proofs need, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callproof.verdict import ClauseNeed, Needs


def needs_lines(needs: Needs, verbose: int = 0) -> Iterator[str]:
    """A line for each invariant with the clauses it needs, and one for each clause with what falls without it."""
    if needs.note:
        yield f"needs ({needs.layer}): not told, for {needs.note}"
        return
    yield f"what each proof needs ({needs.layer})"
    width = max(map(len, needs.proved), default=0)
    for id in needs.proved:
        yield f"  {id.ljust(width)}  {', '.join(needs.of(id) or ()) or 'no single clause'}"
    yield "what falls without a clause"
    width = max((len(row.clause) for row in needs.clauses), default=0)
    for row in needs.clauses:
        if row.invariants:
            yield f"  {row.clause.ljust(width)}  {', '.join(_fallen(needs, row, verbose))}"
    yield from without_need(needs)
    yield ""


def _fallen(needs: Needs, row: ClauseNeed, verbose: int) -> Iterator[str]:
    """The invariants; with -v also in which calls each needs the clause, where that is not in all."""
    calls = {r.invariant: r.calls for r in needs.rows if r.clause == row.clause}
    for id in row.invariants:
        if verbose and calls[id] != row.calls:
            yield f"{id} ({', '.join(calls[id]) or 'in no call by itself'})"
        else:
            yield id


def without_need(needs: Needs) -> Iterable[str]:
    """The clauses that no proof needs by themselves, and why that may be."""
    if needs.unneeded:
        yield (f"no proof needs, being rules of function or superfluous: {', '.join(r.clause for r in needs.unneeded)}")
    for either in needs.either:
        yield f"but one of {' and '.join(either.clauses)} is needed by {', '.join(either.invariants)}"
    if needs.untold:
        yield f"too many control states to tell without: {', '.join(needs.untold)}"
