"""Runs of one graph on several streams, and of several on one: the library, the specification, the Python driver."""

from collections.abc import Iterable

import pytest

from tests.drivers import building
from tests.drivers.client import Client
from tests.drivers.walks import Walk, machine

pytestmark = pytest.mark.xdist_group("native")

SHARED = [{"graph_id": graph, "memory": "b1+0", "size": 4096} for graph in (1, 2)]


def test_runs_of_one_graph_on_two_streams() -> None:
    """Fact L9: the graph is in flight until every stream it runs on is synchronised."""
    with Client(building.runner()) as client:
        client.reset()
        walk = Walk(machine(), client.step, {}, {})
        walk.make("GEInitializeV2", {})
        walk.make("AddGraph", {"graph_id": 1})
        for stream in (1, 2):
            assert walk.make("RunGraphWithStreamAsync", {"graph_id": 1, "stream": stream, "tensor": 0}).accepted
        walk.make("aclrtSynchronizeStream", {"stream": 2})
        refused = walk.make("RemoveGraph", {"graph_id": 1})
        assert (refused.accepted, refused.clause_ids) == (False, ("Q4",))
        walk.make("aclrtSynchronizeStream", {"stream": 1})
        removed = walk.make("RemoveGraph", {"graph_id": 1})
        assert (removed.accepted, removed.conforms) == (True, True)


@pytest.mark.parametrize(
    ("streams", "other", "accepted"),
    [((1,), 1, True), ((1,), 2, False), ((1, 2), 1, False), ((), 1, True)],
    ids=["one stream", "another stream", "one of two streams", "no run"],
)
def test_graphs_that_share_memory_run_one_after_another_only(
    streams: Iterable[int], other: int, accepted: bool
) -> None:
    """Question Q3: what two graphs share is safe while all their runs are on one stream."""
    with Client(building.runner()) as client:
        client.reset()
        walk = Walk(machine(), client.step, {}, {})
        walk.make("GEInitializeV2", {})
        walk.make("aclrtMalloc", {"block": 1, "size": 65536})
        for graph in (1, 2):
            walk.make("AddGraph", {"graph_id": graph})
            walk.make("CompileGraph", {"graph_id": graph})
        for arguments in SHARED:
            assert walk.make("SetGraphConstMemoryBase", arguments).accepted
        for stream in streams:
            walk.make("RunGraphWithStreamAsync", {"graph_id": 1, "stream": stream, "tensor": 0})
        step = walk.make("RunGraphWithStreamAsync", {"graph_id": 2, "stream": other, "tensor": 0})
        assert step.accepted is accepted
        assert step.clause_ids == (() if accepted else ("Q3-flight",))
        assert step.broken == ()
