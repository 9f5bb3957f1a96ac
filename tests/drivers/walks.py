"""Random walks over the calls of ge-memory: a seed gives the same choices on every machine.

Arguments are symbolic where they depend on where memory lies: `b2+4096` is 4096 bytes past the base of block 2.
"""

import functools
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from callproof.model import Selection, instantiate
from callproof.model.loading import load_specification
from callproof.replay import ReplayedStep, Replayer
from callproof.semantics import Machine
from callproof.trace import Step

GRAPHS, STREAMS, BLOCKS = 3, 2, 4
PAGE = 4096
BLOCK_SIZE = 16 * PAGE
POLICIES = ("0", "2", "3", "4")
SYMBOL = re.compile(r"b(\d+)([+-]\d+)?")

CONST, FEATURE = "SetGraphConstMemoryBase", "UpdateGraphFeatureMemoryBase"
FIXED, REFRESHABLE = "SetGraphFixedFeatureMemoryBaseWithType", "UpdateGraphRefreshableFeatureMemoryBase"
RUNS = ("RunGraph", "RunGraphAsync", "RunGraphWithStreamAsync")
NEEDS = {CONST: "need_const", FEATURE: "need_feature", REFRESHABLE: "need_refreshable"}
DYNAMIC_NEEDS = ("need_fixed", "need_p2p")

WEIGHTS = {
    "GEInitializeV2": 1, "GEFinalizeV2": 1, "AddGraph": 8, "RemoveGraph": 4, "CompileGraph": 10,
    "GetCompiledGraphSummary": 3, "RegisterExternalAllocator": 2, "UnregisterExternalAllocator": 2, "LoadGraph": 6,
    "RunGraph": 4, "RunGraphAsync": 5, "RunGraphWithStreamAsync": 6, CONST: 9, FEATURE: 9, FIXED: 12, REFRESHABLE: 10,
    "run callback": 4, "aclrtSynchronizeStream": 4, "aclrtMalloc": 5, "aclrtFree": 1,
}  # fmt: skip


@functools.cache
def machine() -> Machine:
    """The interpreter of ge-memory for the resources that walks use."""
    counts = {"GraphId": GRAPHS, "StreamId": STREAMS, "BlockId": BLOCKS}
    return Machine(instantiate(load_specification("ge-memory"), counts, Selection()))


class Walk:
    """One walk: a driver and the interpreter, step by step."""

    def __init__(
        self,
        interpreter: Machine,
        call: Callable[[str, Mapping[str, Any]], Step],
        options: Mapping[str, str],
        kinds: Mapping[str, str],
    ) -> None:
        self.options, self.kinds = dict(options), dict(kinds)
        self.replayer = Replayer(interpreter, options)
        self._machine, self._call = interpreter, call
        self.bases: dict[int, int] = {}
        self.steps: list[tuple[str, dict[str, Any]]] = []

    def make(self, name: str, symbolic: Mapping[str, Any]) -> ReplayedStep:
        """Make a call on the driver and judge its answer."""
        self.steps.append((name, dict(symbolic)))
        step = self._call(name, self.resolve(symbolic))
        if name == "aclrtMalloc" and step.result:
            self.bases[symbolic["block"]] = int(step.result["memory"])
        return self.replayer.step(step, f"step {len(self.steps)}")

    def resolve(self, symbolic: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with addresses; a block that was never allocated lies at null."""
        found = dict(symbolic)
        for name in ("memory", "tensor"):
            if isinstance(found.get(name), str):
                match = SYMBOL.fullmatch(found[name])
                assert match, found[name]
                found[name] = (self.bases.get(int(match[1]), 0) + int(match[2] or 0)) % 2**64
        return found

    def value(self, name: str) -> int:
        """A variable of the specification."""
        return self._machine.value(self.replayer.state, name)


def opening(rng: random.Random, kinds: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Options and kinds of graph for a walk."""
    options = {
        "ge.featureBaseRefreshable": rng.choice("01"),
        "ge.exec.staticMemoryPolicy": rng.choice(POLICIES),
    }
    return options, {str(graph): rng.choice(kinds) for graph in range(1, GRAPHS + 1)}


def propose(rng: random.Random, walk: Walk) -> tuple[str, dict[str, Any]]:
    """The next call: mostly one that may be accepted, sometimes anything."""
    if not walk.value("initialised") and rng.random() < 0.8:
        return "GEInitializeV2", {}
    if not walk.bases and rng.random() < 0.8:
        return "aclrtMalloc", {"block": 1, "size": BLOCK_SIZE}
    while True:
        name = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        graph = rng.randint(1, GRAPHS if rng.random() < 0.3 else 2)
        if _pointless(rng, walk, name, graph):
            continue
        stream = rng.randint(1, STREAMS)
        return name, _arguments(rng, walk, name, graph, stream)


def _pointless(rng: random.Random, walk: Walk, name: str, graph: int) -> bool:
    """Rarely of use where the graph is: taken one time in six."""
    phase = walk.value(f"graphs[{graph}].phase")
    useless = (
        (name == "AddGraph" and phase > 0)
        or (name == "CompileGraph" and phase != 1)
        or (name in (CONST, FIXED, FEATURE, REFRESHABLE) and phase < 2)
        or (name in (CONST, FIXED) and phase > 2)
        or (name in ("RemoveGraph", "GEFinalizeV2", "GEInitializeV2", "aclrtFree"))
        or (name == "run callback" and not walk.value(f"graphs[{graph}].pending"))
    )
    return useless and rng.random() < 5 / 6


def _arguments(rng: random.Random, walk: Walk, name: str, graph: int, stream: int) -> dict[str, Any]:
    match name:
        case "GEInitializeV2" | "GEFinalizeV2":
            return {}
        case "RegisterExternalAllocator" | "UnregisterExternalAllocator" | "aclrtSynchronizeStream":
            return {"stream": stream}
        case "LoadGraph":
            return {"graph_id": graph, "stream": stream}
        case "RunGraph" | "RunGraphAsync":
            return {"graph_id": graph, "tensor": _tensor(rng)}
        case "RunGraphWithStreamAsync":
            return {"graph_id": graph, "stream": stream, "tensor": _tensor(rng)}
        case "aclrtMalloc":
            return {"block": rng.randint(1, BLOCKS), "size": rng.choice((BLOCK_SIZE, PAGE, 3 * PAGE))}
        case "aclrtFree":
            return {"block": rng.randint(1, BLOCKS)}
    if name == FIXED:
        type = rng.choice(("MEMORY_TYPE_DEFAULT", "MEMORY_TYPE_P2P"))
        if rng.random() < 0.25:
            return {"graph_id": graph, "type": type, "memory": 0, "size": 0}
        need = walk.value(f"graphs[{graph}].{DYNAMIC_NEEDS[type == 'MEMORY_TYPE_P2P']}")
        return {"graph_id": graph, "type": type} | _memory(rng, walk, graph, need)
    if name in NEEDS:
        return {"graph_id": graph} | _memory(rng, walk, graph, walk.value(f"graphs[{graph}].{NEEDS[name]}"))
    return {"graph_id": graph}


def _tensor(rng: random.Random) -> int:
    return rng.choice((0, 32, 64, 4096, 2**63, 2**64 - 32) if rng.random() < 0.85 else (1, 16, 48, 2**64 - 1))


def _memory(rng: random.Random, walk: Walk, graph: int, need: int) -> dict[str, Any]:
    """Bytes of a block, or such as lie far from all memory: whether others overlap is for the heap to say."""
    size = _size(rng, need)
    if rng.random() < 0.06:
        return {"memory": rng.choice((0, 2**64 - PAGE, 2**64 - 1, 2**63 - PAGE)), "size": size}
    if rng.random() < 0.05:
        memory, size = rng.choice(((2**63, 2**63), (2**63, 2**64 - 1), ("b1+0", 2**64 - 1)))
        return {"memory": memory, "size": size}
    if rng.random() < 0.2:
        near = _near(rng, walk, graph, size)
        if near is not None:
            return {"memory": near, "size": size}
    fitting = [block for block in sorted(walk.bases) if walk.value(f"blocks[{block}].size") >= size]
    if not fitting:
        return {"memory": 2**63, "size": size}
    block = rng.choice(fitting)
    last = walk.value(f"blocks[{block}].size") - size
    return {"memory": f"b{block}+{rng.randrange(0, last + 1, PAGE)}", "size": size}


def _near(rng: random.Random, walk: Walk, graph: int, size: int) -> str | None:
    """An address beside or in memory that is bound to the graph, if the bytes there are a block's."""
    region = rng.choice(("const", "feature", "refreshable", "fixed", "p2p"))
    base, length = (walk.value(f"graphs[{graph}].{region}.{part}") for part in ("base", "size"))
    address = base + rng.choice((0, 1, length - 1, length, 1 - size, -size))
    for block, start in walk.bases.items():
        if 0 <= address - start <= walk.value(f"blocks[{block}].size") - size:
            return f"b{block}+{address - start}"
    return None


def _size(rng: random.Random, need: int) -> int:
    if rng.random() < 0.6:
        return need
    return max(0, rng.choice((need - 1, need + 1, need + PAGE, need - PAGE, 2 * need, 0, 1)))
