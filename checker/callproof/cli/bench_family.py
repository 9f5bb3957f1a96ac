"""Generated specifications of any size, for growth curves: `family(flags, clauses, invariants)`.

A resource climbs `flags` steps, one call a step; it has a region, which `bind` takes with `clauses` lower bounds on its
size, and `invariants` of them have to hold of it. So n resources have (2 * (flags + 1))^n control states, and each
quantity grows by itself.
"""

from __future__ import annotations

from typing import Any

from callproof.model import (
    Address,
    Bool,
    Handle,
    Origin,
    Record,
    Region,
    Size,
    Specification,
    boolean,
    clause,
    implies,
    record,
    require,
    table,
)


class ResourceId(Handle):
    """The number of a resource."""


def family(flags: int, clauses: int, invariants: int) -> Specification[Any]:
    """The specification of these sizes; `invariants` is no more than `clauses`, and each of them holds."""
    fields: dict[str, Any] = {f"flag{n}": boolean() for n in range(flags)}
    resource = type("Resource", (Record,), {**fields, "region": record(Region)})
    state = type("State", (Record,), {"resources": table(resource, ResourceId)})
    demands = [clause(f"C{n}", Origin.DOCUMENTED, "bind", "", f"the size is at least {n + 1}") for n in range(clauses)]
    order = [clause(f"F{n}", Origin.DOCUMENTED, "climb", "", f"step {n} comes next") for n in range(flags)]
    spec: Specification[Any] = Specification("family", "A family of specifications", state, (*demands, *order))

    @spec.call("bind")
    def bind(s: Record, id: ResourceId, memory: Address, size: Size) -> None:
        """Give a resource its memory."""
        for n in range(clauses):
            require(f"C{n}", size >= n + 1)
        of(s, id).region.bind(memory, size)

    for n in range(flags):
        _climb(spec, n)
    for n in range(invariants):
        _bounded(spec, n)
    return spec


def of(s: Any, id: ResourceId) -> Any:
    """The record of a resource; its fields are known only when the family is made."""
    return s.resources[id]


def _climb(spec: Specification[Any], n: int) -> None:
    @spec.call(f"climb{n}")
    def climb(s: Record, id: ResourceId) -> None:
        """Take the next step."""
        r = of(s, id)
        below = getattr(r, f"flag{n - 1}") if n else ~r.flag0
        require(f"F{n}", below & ~getattr(r, f"flag{n}"))
        setattr(r, f"flag{n}", True)


def _bounded(spec: Specification[Any], n: int) -> None:
    @spec.invariant(f"at-least-{n}", "SIZE")
    def at_least(s: Record, id: ResourceId) -> Bool:
        """A region has the size that was asked for."""
        r = of(s, id)
        return implies(r.region.bound, r.region.size >= n + 1)
