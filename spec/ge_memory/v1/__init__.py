"""The graph memory of the older `ge::Session` (`ge/ge_api.h`), which shares most of its contract with `GeSession`."""

from ge_memory.v1 import calls
from ge_memory.v1.contract import v1 as SPEC

__all__ = ["SPEC", "calls"]
