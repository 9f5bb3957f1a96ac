"""Where bytes lie: formulas on ranges of a base and a size."""

from __future__ import annotations

from callproof.expr.terms import Address, Bool, Size


def no_wrap(base: Address, size: Size) -> Bool:
    """The bytes [base, base + size) do not pass the end of the address space."""
    return (size == 0) | (base <= base + (size - 1))


def disjoint(base: Address, size: Size, other: Address, other_size: Size) -> Bool:
    """No byte lies in both [base, base + size) and [other, other + other_size), also where one of them wraps.

    Said by first and last byte (see `holds`): neither starts inside the other.
    """
    apart = ~_inside(other, base, base + (size - 1)) & ~_inside(base, other, other + (other_size - 1))
    return (size == 0) | (other_size == 0) | apart


def _inside(byte: Address, first: Address, last: Address) -> Bool:
    """The byte lies in [first, last], which passes the end of the address space where last < first."""
    below, above = byte <= last, first <= byte
    return (below & above) | ((last < first) & (below | above))


def holds(outer: Address, outer_size: Size, base: Address, size: Size) -> Bool:
    """Every byte of [base, base + size) lies in [outer, outer + outer_size); neither may pass the end of the space.

    Said by first and last byte, which a solver decides far faster than by offsets.
    """
    last, outer_last = base + (size - 1), outer + (outer_size - 1)
    return (size == 0) | (outer_size != 0) & (outer <= base) & (base <= last) & (last <= outer_last)
