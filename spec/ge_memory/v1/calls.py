"""The v1 calls that `GeSession` lacks, or has with another contract."""

from callproof.model import Address, EnumTerm, Size, all_of, require
from ge_memory.contract import ge
from ge_memory.execution import prepare, run, run_on_stream, run_to_callback
from ge_memory.lifecycle import compile_once
from ge_memory.memory import fix
from ge_memory.state import GraphId, MemoryType, Phase, RunMode, StreamId
from ge_memory.v1.contract import v1
from ge_memory.v1.state import Compiler, SessionV1


@v1.call("CompileGraph")
def compile_graph(s: SessionV1, graph_id: GraphId) -> None:
    """Compile a graph whose memory the caller manages, and which runs on streams only."""
    compile_once(s, graph_id)
    s.graphs[graph_id].compiler = Compiler.COMPILE_GRAPH


@v1.call("BuildGraph")
def build_graph(s: SessionV1, graph_id: GraphId) -> None:
    """Compile a graph for RunGraph and RunGraphAsync (fact V5)."""
    compile_once(s, graph_id)
    s.graphs[graph_id].compiler = Compiler.BUILD_GRAPH


@v1.call("LoadGraph")
def load_graph(s: SessionV1, graph_id: GraphId, stream: StreamId) -> None:
    """Prepare a compiled graph for ExecuteGraphWithStreamAsync and take the memory it needs."""
    require("V2", s.graphs[graph_id].compiler == Compiler.COMPILE_GRAPH)
    prepare(s, graph_id, stream)


@v1.call("RunGraph")
def run_graph(s: SessionV1, graph_id: GraphId, tensor: Address) -> None:
    """Compile, load and run a graph, as far as that was not done, and wait for it."""
    require("V1", s.graphs[graph_id].compiler != Compiler.COMPILE_GRAPH)
    run(s, graph_id, RunMode.SYNC, tensor)


@v1.call("RunGraphAsync")
def run_graph_async(s: SessionV1, graph_id: GraphId, tensor: Address) -> None:
    """The same without waiting; the run is in flight until its callback is called."""
    require("V1", s.graphs[graph_id].compiler != Compiler.COMPILE_GRAPH)
    run_to_callback(s, graph_id, tensor)


@v1.call("RunGraphWithStreamAsync")
def run_graph_with_stream(s: SessionV1, graph_id: GraphId, stream: StreamId, tensor: Address) -> None:
    """Compile, load and run a graph on a stream; the run is in flight until the stream is synchronised."""
    run_on_stream(s, graph_id, stream, tensor)


@v1.call("ExecuteGraphWithStreamAsync")
def execute_graph_with_stream(s: SessionV1, graph_id: GraphId, stream: StreamId, tensor: Address) -> None:
    """Run a graph that CompileGraph and LoadGraph have prepared on a stream."""
    g = s.graphs[graph_id]
    require("V3", (g.compiler == Compiler.COMPILE_GRAPH) & (g.phase == Phase.LOADED))
    run_on_stream(s, graph_id, stream, tensor)


@v1.call("SetGraphFixedFeatureMemoryBase")
def set_fixed(s: SessionV1, graph_id: GraphId, memory: Address, size: Size) -> None:
    """Bind or switch off the fixed memory of type DEFAULT."""
    g = s.graphs[graph_id]
    require("V4", ~g.by_type)
    fix(s, graph_id, all_of(True), memory, size)
    g.by_plain = True


@v1.call("SetGraphFixedFeatureMemoryBaseWithType")
def set_fixed_with_type(
    s: SessionV1, graph_id: GraphId, type: EnumTerm[MemoryType], memory: Address, size: Size
) -> None:
    """Bind fixed memory of either type, or switch that of type DEFAULT off."""
    g = s.graphs[graph_id]
    require("V4", ~g.by_plain)
    fix(s, graph_id, type == MemoryType.MEMORY_TYPE_DEFAULT, memory, size)
    g.by_type = True


v1.include(ge, *ge.invariants)
