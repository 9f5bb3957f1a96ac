"""What an accepted call has to satisfy: the one reading of a contract that encodings for other tools share."""

from __future__ import annotations

from callproof.expr import TRUE, Const, Eq, Node, Or
from callproof.model.clauses import Layer
from callproof.model.system import Action, ClauseUse


def demanded(action: Action, layer: Layer) -> list[ClauseUse]:
    """The clauses of a call that a layer holds."""
    return [use for use in action.clauses if layer.demands(action.call, use.id, use.origin)]


def named_demands(action: Action, layer: Layer) -> list[tuple[str, Node]]:
    """What has to hold for a call to be accepted, and what to call it where it does not.

    The clauses of the layer, the axioms, and 0 for a result that does not exist, as in a replay.
    """
    found = [(use.id, use.formula) for use in demanded(action, layer)]
    found += [(f"axiom {axiom.id}", axiom.formula) for axiom in action.axioms]
    absent = [result for result in action.results if result.when != TRUE]
    return found + [(f"no result {r.name}", Or((r.when, Eq(r.var, Const(r.var.sort, 0))))) for r in absent]


def demands(action: Action, layer: Layer) -> list[Node]:
    """The formulas of `named_demands`."""
    return [formula for _, formula in named_demands(action, layer)]
