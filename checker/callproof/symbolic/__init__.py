"""The solver's side: formulas as SMT-LIB, and the only module that imports Z3."""

from callproof.symbolic.cores import Refuter
from callproof.symbolic.horn import Horn
from callproof.symbolic.smtlib import script
from callproof.symbolic.solver import Answer, Solver, Statistics, z3_version
from callproof.symbolic.stack import Stack

__all__ = ["Answer", "Horn", "Refuter", "Solver", "Stack", "Statistics", "script", "z3_version"]
