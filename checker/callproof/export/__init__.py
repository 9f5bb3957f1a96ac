"""A specification for other tools: one cell of the matrix as SMT-LIB, Horn clauses, C or Promela.

Every text is generated from the formulas that the engines read, so it says what the specification says.
"""

from callproof.export.problem import Problem, Way, problem
from callproof.export.targets import TARGETS, Wanted, exported

__all__ = ["TARGETS", "Problem", "Wanted", "Way", "exported", "problem"]
