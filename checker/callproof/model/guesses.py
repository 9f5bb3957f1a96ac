"""Clauses that nobody wrote: simple conditions on the resource that a call touches, or on what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from callproof.errors import Location
from callproof.expr import Address, Const, Eq, Kind, Node, Not, Size, Var, no_wrap
from callproof.model.clauses import Origin
from callproof.model.system import Action, ClauseUse, System

MEMBERS_LIMIT = 8
"""Enumerations with more members are not compared with each of them."""


def guessed(system: System) -> System:
    """The system in which every call, but no event, states every condition that it can, as a hardening clause.

    A condition has the same id in every call: `phase = COMPILED`, `not running`, `memory is not 0`.
    """
    return replace(system, actions=tuple(_with_guesses(system, action) for action in system.actions))


def guessed_ids(system: System) -> tuple[str, ...]:
    """The ids of all conditions, in order."""
    known = dict.fromkeys(
        id for action in system.actions if not action.is_event for id, _ in _conditions(system, action)
    )
    return tuple(known)


def _with_guesses(system: System, action: Action) -> Action:
    if action.is_event:
        return action
    place = action.clauses[0].location if action.clauses else Location("", 0)
    made = (ClauseUse(id, Origin.HARDENING, formula, place) for id, formula in _conditions(system, action))
    return replace(action, clauses=(*action.clauses, *made))


def _conditions(system: System, action: Action) -> Iterator[tuple[str, Node]]:
    """On each field of the resources that it is given that is no word, and on each word that it is given."""
    tables = {kind: table for table, kind in system.tables}
    for _, kind, index in action.handles:
        if kind not in tables:
            continue
        front = f"{tables[kind]}[{index}]."
        for variable in system.variables:
            if variable.name.startswith(front):
                yield from _on_field(f"{tables[kind]}[].{variable.name.removeprefix(front)}", variable.var)
    addresses = [p for p in action.params if p.var.sort.kind is Kind.ADDRESS]
    sizes = [p for p in action.params if p.var.sort.kind is Kind.SIZE]
    for p in addresses:
        yield f"{p.name} is not 0", (Address(p.var) != 0).node
    for p in addresses:
        for q in sizes:
            yield f"{p.name} + {q.name} does not wrap", no_wrap(Address(p.var), Size(q.var)).node


def _on_field(name: str, var: Var) -> Iterator[tuple[str, Node]]:
    if var.sort.kind is Kind.BOOLEAN:
        yield name, var
        yield f"not {name}", Not(var)
    elif var.sort.members and len(var.sort.members) <= MEMBERS_LIMIT:
        for number, member in enumerate(var.sort.members):
            equal = Eq(var, Const(var.sort, number))
            yield f"{name} = {member}", equal
            yield f"{name} is not {member}", Not(equal)
