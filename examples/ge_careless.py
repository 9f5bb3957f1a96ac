"""The example driver with a check forgotten, for `callproof test` to find."""

from __future__ import annotations

from ge_driver import SUCCESS, GeDriver, Region


class Careless(GeDriver):
    """Once fixed memory is switched off, refreshable memory may no longer be set (fact R7)."""

    driver = "ge-careless"

    def UpdateGraphRefreshableFeatureMemoryBase(self, graph_id: int, memory: int, size: int) -> str:
        g = self.compiled(graph_id)
        if g is not None and g.fixed_off and "refreshable" not in g.regions and size >= g.summary.refreshable:
            g.regions["refreshable"] = Region(memory, size)
            return SUCCESS
        return super().UpdateGraphRefreshableFeatureMemoryBase(graph_id, memory, size)
