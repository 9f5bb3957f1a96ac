"""One of two specifications as their product sees it: its variables renamed, its clauses those of one layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from callproof.errors import Location
from callproof.expr import BOOLEAN, TRUE, And, Const, Ite, Node, Var, replaced
from callproof.model.clauses import Layer, Origin
from callproof.model.system import Action, Axiom, ClauseUse, Outcome, Parameter, Property, System, Variable

NOWHERE = Location("", 0)


@dataclass(frozen=True, slots=True)
class Part:
    """What one specification says of a call, in names of the product."""

    action: Action
    params: tuple[Parameter, ...]
    clauses: tuple[tuple[str, Node], ...]
    axioms: tuple[Node, ...]
    outcomes: tuple[Outcome, ...]
    state: Mapping[str, Var]

    def alone(self, name: str, refused: tuple[Node, ...]) -> Action:
        """The call where this specification accepts it and the other one does not, which changes nothing."""
        action = self.action
        return Action(
            name,
            action.is_event,
            action.handles,
            self.params,
            action.results,
            (*self.demands(), *(demand("", node) for node in refused)),
            tuple(Axiom("", node, NOWHERE) for node in self.axioms),
            (Outcome("", TRUE, ()),),
        )

    def demands(self) -> tuple[ClauseUse, ...]:
        return tuple(demand(id, node) for id, node in self.clauses)


class Side:
    """One of the two systems: variables that are not shared get names of their own, all others keep theirs."""

    def __init__(self, system: System, layer: Layer, mark: str, shared: frozenset[str]) -> None:
        self.system, self.layer, self.mark = system, layer, mark
        self.renamed = {
            v.name: v.var if v.name in shared else Var(v.var.sort, f"{mark}.{v.name}") for v in system.variables
        }

    def variables(self) -> list[Variable]:
        return [replace(v, var=self.renamed[v.name]) for v in self.system.variables]

    def tables(self) -> list[tuple[str, str]]:
        return [(name, kind) for table, kind in self.system.tables for name in (table, f"{self.mark}.{table}")]

    def invariants(self) -> list[Property]:
        """What this specification says of states: if it holds, proofs that a call never parts may take it."""
        memo: dict[int, Node] = {}
        stated = [prop for prop in self.system.properties if not prop.over_step]
        return [replace(p, id=f"= {p.id}", formula=replaced(p.formula, self.renamed, memo)) for p in stated]

    def part(self, action: Action, given: Mapping[str, int]) -> Part:
        by: dict[str, Node] = dict(self.renamed)
        by |= {p.var.name: Const(p.var.sort, given[p.name]) for p in action.params if p.name in given}
        memo: dict[int, Node] = {}
        for result in action.results:
            when = replaced(result.when, by, memo)
            by[result.var.name] = _where(when, result.var)
        memo = {}
        results = tuple(replace(r, when=replaced(r.when, by, memo)) for r in action.results)
        return Part(
            replace(action, results=results),
            tuple(p for p in action.params if p.name not in given),
            tuple(
                (c.id, replaced(c.formula, by, memo))
                for c in action.clauses
                if self.layer.demands(action.call, c.id, c.origin)
            ),
            tuple(replaced(a.formula, by, memo) for a in action.axioms),
            tuple(
                Outcome(
                    o.name,
                    replaced(o.when, by, memo),
                    tuple((self.renamed[name].name, replaced(value, by, memo)) for name, value in o.writes),
                )
                for o in action.outcomes
            ),
            self.renamed,
        )


def demand(id: str, formula: Node) -> ClauseUse:
    """A clause of the product; its layers are those of the two, so that it has but one of its own."""
    return ClauseUse(id, Origin.DOCUMENTED, formula, NOWHERE)


def _where(when: Node, var: Var) -> Node:
    """A result as the specification sees it that has it only where `when` holds: 0 elsewhere."""
    if when == TRUE:
        return var
    if var.sort == BOOLEAN:
        return And((when, var))
    return Ite(when, var, Const(var.sort, 0), var.sort)
