"""The interpreter for any number of resources: one function for each call, whatever handles it is made on."""

from callproof.parametric.machine import OpenMachine, Taken
from callproof.parametric.unknown import Undecided, Unknown
from callproof.parametric.world import World

__all__ = ["OpenMachine", "Taken", "Undecided", "Unknown", "World"]
