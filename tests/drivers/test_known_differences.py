"""Where the C++ library keeps to a fact and the specification does not: each test fails once they agree."""

import pytest

from tests.drivers import building
from tests.drivers.client import Client
from tests.drivers.walks import Walk, machine

pytestmark = pytest.mark.xdist_group("native")


@pytest.mark.xfail(strict=True, reason="fact L9: the specification follows the last stream only that a graph runs on")
def test_runs_of_one_graph_on_two_streams() -> None:
    with Client(building.runner()) as client:
        client.reset()
        walk = Walk(machine(), client.step, {}, {})
        walk.make("GEInitializeV2", {})
        walk.make("AddGraph", {"graph_id": 1})
        for stream in (1, 2):
            assert walk.make("RunGraphWithStreamAsync", {"graph_id": 1, "stream": stream, "tensor": 0}).accepted, (
                "the premise"
            )
        walk.make("aclrtSynchronizeStream", {"stream": 2})
        # The run on stream 1 is in flight still, so the library refuses.
        assert walk.make("RemoveGraph", {"graph_id": 1}).conforms
