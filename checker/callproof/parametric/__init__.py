"""The interpreter for any number of resources: one function for each call, whatever handles it is made on."""

from callproof.parametric.generate import OPEN_MADE
from callproof.parametric.machine import OpenMachine, Shape, Taken
from callproof.parametric.unknown import Undecided, Unknown
from callproof.parametric.world import World

__all__ = ["OPEN_MADE", "OpenMachine", "Shape", "Taken", "Undecided", "Unknown", "World"]
