"""Drivers in Python that do everything wrong in one way, around the example driver."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

EXAMPLE = Path(__file__).parents[2] / "examples" / "ge_driver.py"

_spec = importlib.util.spec_from_file_location("ge_driver", EXAMPLE)
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["ge_driver"] = _module
_spec.loader.exec_module(_module)
GeDriver: Any = _module.GeDriver


class AcceptsEverything(GeDriver):
    """Whatever is asked, it succeeds."""

    driver = "accepts-everything"

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if not name[:1].isupper():
            return found

        def accept(**args: Any) -> Any:
            returned = found(**args)
            if isinstance(returned, tuple):
                return returned if returned[0] == "SUCCESS" else ("SUCCESS", {})
            return "SUCCESS"

        return accept


class RefusesEverything(GeDriver):
    """Whatever is asked, it refuses."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return (lambda **_: "FAILED") if name[:1].isupper() else found


class Crashes(GeDriver):
    """It kills itself when const memory is set."""

    def SetGraphConstMemoryBase(self, graph_id: int, memory: int, size: int) -> str:
        os.kill(os.getpid(), signal.SIGSEGV)
        return "SUCCESS"


class Raises(GeDriver):
    """It trips when a graph is loaded twice."""

    def LoadGraph(self, graph_id: int, stream: int) -> Any:
        g = self.graphs.get(graph_id)
        if g is not None and g.phase == 3:
            raise KeyError("no such plan")
        return super().LoadGraph(graph_id, stream)


class Hangs(GeDriver):
    """It never comes back from removing a compiled graph."""

    def RemoveGraph(self, graph_id: int) -> str:
        if graph_id in self.graphs and self.graphs[graph_id].phase == 2:
            time.sleep(3600)
        return super().RemoveGraph(graph_id)


class Fickle(GeDriver):
    """It forgets a check on every second process."""

    flag = Path(os.environ.get("FICKLE", "/nonexistent"))

    def AddGraph(self, graph_id: int) -> str:
        answer = super().AddGraph(graph_id)
        if answer == "FAILED" and self.flag.exists():
            self.flag.unlink()
            return "SUCCESS"
        return answer


class Shy(GeDriver):
    """It serves one graph of one kind, and knows no allocators."""

    kinds: ClassVar = [{"name": "static", "result": {}}]
    options: ClassVar = {"ge.featureBaseRefreshable": ["0"]}
    handles: ClassVar[dict[str, int]] = {}
    RegisterExternalAllocator = UnregisterExternalAllocator = None
