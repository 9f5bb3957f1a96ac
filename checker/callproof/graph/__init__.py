"""The sequence graph: exploration of control states, and the only module that imports networkx."""

from callproof.graph.explore import Edge, Reach, explore
from callproof.graph.stepper import Stepper, Tables

__all__ = ["Edge", "Reach", "Stepper", "Tables", "explore"]
