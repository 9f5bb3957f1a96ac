"""Anonymous private memory by mmap and its kin, as a callproof specification."""

from posix_memory import access, environment, invariants, mapping, protection, remapping
from posix_memory.contract import posix as SPEC

__all__ = ["SPEC", "access", "environment", "invariants", "mapping", "protection", "remapping"]
