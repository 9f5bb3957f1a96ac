"""The graph memory of CANN's `GeSession`, as a callproof specification."""

from ge_memory import environment, execution, invariants, lifecycle, memory
from ge_memory.contract import ge as SPEC

__all__ = ["SPEC", "environment", "execution", "invariants", "lifecycle", "memory"]
