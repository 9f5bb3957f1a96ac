"""What an accepted call has to satisfy: the one reading of a contract that encodings for other tools share."""

from __future__ import annotations

from callproof.expr import Const, Eq, Node, Or
from callproof.model.clauses import Layer
from callproof.model.system import Action, ClauseUse


def demanded(action: Action, layer: Layer) -> list[ClauseUse]:
    """The clauses of a call that a layer holds."""
    return [use for use in action.clauses if layer.demands(action.call, use.id, use.origin)]


def demands(action: Action, layer: Layer) -> list[Node]:
    """The clauses of a layer, the axioms, and 0 for a result that does not exist, as in a replay."""
    found = [use.formula for use in demanded(action, layer)] + [axiom.formula for axiom in action.axioms]
    return found + [Or((r.when, Eq(r.var, Const(r.var.sort, 0)))) for r in action.results]
