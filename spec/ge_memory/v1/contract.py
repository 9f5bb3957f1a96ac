"""The v1 specification: what it shares with `ge-memory`, what it says besides, and which calls are the same."""

from callproof.model import Clause, Fact, Origin, Question, Specification, Treatment, Twin, clause
from ge_memory.clauses import CLAUSES
from ge_memory.contract import FEATURE_BASE_REFRESHABLE, STATIC_MEMORY_POLICY, ge
from ge_memory.facts import FACTS, QUESTIONS
from ge_memory.state import MemoryType
from ge_memory.v1.state import SessionV1

DIFFERENCES = "where Session differs from GeSession"


def _documented(id: str, page: str, text: str) -> Clause:
    return clause(id, Origin.DOCUMENTED, f"{page} (ge/ge_api.h)", DIFFERENCES, text)


V1_CLAUSES = (
    _documented("V1", "RunGraph, RunGraphAsync", "the graph was not compiled by CompileGraph"),
    _documented("V2", "LoadGraph", "the graph was compiled by CompileGraph"),
    _documented("V3", "ExecuteGraphWithStreamAsync", "the graph was compiled by CompileGraph, and loaded"),
    _documented(
        "V4",
        "SetGraphFixedFeatureMemoryBase",
        "the graph's fixed memory is set by this call and SetGraphFixedFeatureMemoryBaseWithType not together",
    ),
)

V1_FACTS = (
    Fact("V1", Treatment.CLAUSE, "V1"),
    Fact("V2", Treatment.CLAUSE, "V2; LoadGraph never compiles by itself here, so L7 asks for no more"),
    Fact("V3", Treatment.CLAUSE, "V3"),
    Fact("V4", Treatment.CLAUSE, "V4, of each of the two calls"),
    Fact("V5", Treatment.EFFECT, "BuildGraph is the other way to compile: the effect of BuildGraph"),
    Fact("V6", Treatment.EFFECT, "R7 and F5 name both setters: `fixed_off` and `fixed` are what either of them sets"),
)
"""The numbers are ours: the facts file lists these differences without."""

V1_QUESTIONS = (
    Question(
        "QV1",
        "May a graph that BuildGraph compiled be given memory?",
        "Taken as yes: the memory calls ask for a compiled graph, and BuildGraph is a way to compile.",
    ),
)

v1 = Specification(
    "ge-memory-v1",
    "Graph memory of CANN's ge::Session",
    SessionV1,
    (*CLAUSES, *V1_CLAUSES),
    options=(FEATURE_BASE_REFRESHABLE, STATIC_MEMORY_POLICY),
    facts=(*FACTS, *V1_FACTS),
    questions=(*QUESTIONS, *V1_QUESTIONS),
    twins=(
        Twin("GEInitialize", "GEInitializeV2"),
        Twin("GEFinalize", "GEFinalizeV2"),
        Twin("BuildGraph", "CompileGraph"),
        Twin("ExecuteGraphWithStreamAsync", "RunGraphWithStreamAsync"),
        Twin(
            "SetGraphFixedFeatureMemoryBase",
            "SetGraphFixedFeatureMemoryBaseWithType",
            {"type": MemoryType.MEMORY_TYPE_DEFAULT},
        ),
    ),
)

v1.include(
    ge,
    "AddGraph",
    "RemoveGraph",
    "GetCompiledGraphSummary",
    "RegisterExternalAllocator",
    "UnregisterExternalAllocator",
    "SetGraphConstMemoryBase",
    "UpdateGraphFeatureMemoryBase",
    "UpdateGraphRefreshableFeatureMemoryBase",
    "run callback",
    "aclrtSynchronizeStream",
    "aclrtMalloc",
    "aclrtFree",
    GEInitialize="GEInitializeV2",
    GEFinalize="GEFinalizeV2",
)
