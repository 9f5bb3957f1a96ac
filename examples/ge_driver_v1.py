"""A driver in Python for the older `ge::Session`: `ge_driver.py` with the calls that differ.

callproof test examples/ge_driver_v1.py:GeDriverV1 --spec ge-memory-v1
"""

from __future__ import annotations

from ge_driver import FAILED, LOADED, SUCCESS, GeDriver, Result


class GeDriverV1(GeDriver):
    """`by_call`: the graphs that CompileGraph has compiled; `setters`: which call has set fixed memory of a graph."""

    driver, version = "ge-example-v1", "1"

    # GeSession's names for these two are not Session's.
    GEInitializeV2 = GEFinalizeV2 = None  # type: ignore[assignment]

    def reset(self, options: dict[str, str], kinds: dict[str, str]) -> None:
        super().reset(options, kinds)
        self.by_call: set[int] = set()
        self.setters: dict[int, str] = {}

    def GEInitialize(self) -> str:
        return GeDriver.GEInitializeV2(self)

    def GEFinalize(self) -> str:
        status = GeDriver.GEFinalizeV2(self)
        if status == SUCCESS:
            self.by_call.clear()
            self.setters.clear()
        return status

    def RemoveGraph(self, graph_id: int) -> str:
        status = super().RemoveGraph(graph_id)
        if status == SUCCESS:
            self.by_call.discard(graph_id)
            self.setters.pop(graph_id, None)
        return status

    def CompileGraph(self, graph_id: int) -> tuple[str, Result]:
        status, result = super().CompileGraph(graph_id)
        if status == SUCCESS:
            self.by_call.add(graph_id)
        return status, result

    def BuildGraph(self, graph_id: int) -> tuple[str, Result]:
        return super().CompileGraph(graph_id)

    def LoadGraph(self, graph_id: int, stream: int) -> tuple[str, Result]:
        return super().LoadGraph(graph_id, stream) if graph_id in self.by_call else (FAILED, {})

    def RunGraph(self, graph_id: int, tensor: int) -> tuple[str, Result]:
        return (FAILED, {}) if graph_id in self.by_call else super().RunGraph(graph_id, tensor)

    def RunGraphAsync(self, graph_id: int, tensor: int) -> tuple[str, Result]:
        return (FAILED, {}) if graph_id in self.by_call else super().RunGraphAsync(graph_id, tensor)

    def ExecuteGraphWithStreamAsync(self, graph_id: int, stream: int, tensor: int) -> tuple[str, Result]:
        g = self.graphs.get(graph_id)
        if g is None or g.phase < LOADED or graph_id not in self.by_call:
            return FAILED, {}
        return super().RunGraphWithStreamAsync(graph_id, stream, tensor)

    def SetGraphFixedFeatureMemoryBase(self, graph_id: int, memory: int, size: int) -> str:
        return self.fix("plain", graph_id, "MEMORY_TYPE_DEFAULT", memory, size)

    def SetGraphFixedFeatureMemoryBaseWithType(self, graph_id: int, type: str, memory: int, size: int) -> str:
        return self.fix("with type", graph_id, type, memory, size)

    def fix(self, setter: str, graph_id: int, type: str, memory: int, size: int) -> str:
        if self.setters.get(graph_id, setter) != setter:
            return FAILED
        status = super().SetGraphFixedFeatureMemoryBaseWithType(graph_id, type, memory, size)
        if status == SUCCESS:
            self.setters[graph_id] = setter
        return status
