"""Formulas with control fixed: interning, partial evaluation, and a system compiled into moves."""

from callproof.residue.moves import ControlWrite, Model, Move, Slot, conjuncts, connected
from callproof.residue.pool import FALSE, TRUE, Pool

__all__ = ["FALSE", "TRUE", "ControlWrite", "Model", "Move", "Pool", "Slot", "conjuncts", "connected"]
