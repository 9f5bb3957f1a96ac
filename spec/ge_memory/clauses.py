"""Every clause of the GE graph-memory contract, with the page that states it or the question it answers."""

from callproof.model import Clause, Origin, clause

CONSTRAINTS, FUNCTION, PARAMETERS = "约束说明", "功能说明", "参数说明"

CONST = "SetGraphConstMemoryBase"
FEATURE = "UpdateGraphFeatureMemoryBase"
FIXED = "SetGraphFixedFeatureMemoryBaseWithType"
REFRESHABLE = "UpdateGraphRefreshableFeatureMemoryBase"


def _documented(id: str, page: str, section: str, text: str, readings: tuple[str, ...] = ()) -> Clause:
    return clause(id, Origin.DOCUMENTED, page, section, text, readings=readings)


def _header(id: str, text: str) -> Clause:
    return clause(id, Origin.HEADER, "ge/ge_api_v2.h", "comment of the function", text)


def _caller(id: str, text: str, question: str = "", page: str = "", section: str = "") -> Clause:
    return clause(id, Origin.CALLER, page, section, text, question=question)


def _hardening(id: str, question: str, text: str) -> Clause:
    return clause(id, Origin.HARDENING, "", "", text, question=question)


CLAUSES = (
    # life of a session and a graph
    _documented("L1", "GEInitializeV2", CONSTRAINTS, "GE is initialised before any other call"),
    _caller("L1-once", "GE is not initialised twice without a GEFinalizeV2 between", "", "GEInitializeV2", CONSTRAINTS),
    _documented("L3", "AddGraph", f"{CONSTRAINTS}, item 2", "the graph id is not in use"),
    _documented("L4", "RemoveGraph", FUNCTION, "the session has this graph"),
    _documented("L5", "CompileGraph", FUNCTION, "the session has this graph"),
    _documented("L6", "GetCompiledGraphSummary", FUNCTION, "the graph is compiled"),
    _documented("L7", "LoadGraph", FUNCTION, "the session has this graph"),
    _documented("L8", "RunGraph, RunGraphAsync, RunGraphWithStreamAsync", FUNCTION, "the session has this graph"),
    _documented(
        "L8-mode",
        "RunGraph, RunGraphAsync, RunGraphWithStreamAsync",
        FUNCTION,
        "the graph was not run by another of the three run calls",
    ),
    _documented(
        "L10",
        "RunGraph, RunGraphAsync, RunGraphWithStreamAsync",
        CONSTRAINTS,
        "device tensors lie at addresses that are multiples of 32",
    ),
    _documented(
        "O1",
        "ge.exec.staticMemoryPolicy",
        "options",
        "under policies 2 and 4, where static graphs share memory, no other graph of the session is in flight",
    ),
    # UpdateGraphRefreshableFeatureMemoryBase
    _documented("R1", REFRESHABLE, FUNCTION, "the graph is compiled"),
    _documented(
        "R2",
        REFRESHABLE,
        FUNCTION,
        "the size is what GetRefreshableFeatureMemorySize gives (at least it, or exactly it)",
        ("at-least", "exactly"),
    ),
    _documented("R4", REFRESHABLE, f"{CONSTRAINTS}, item 1", "a repeated call only where the graph is refreshable"),
    _documented("R5", REFRESHABLE, f"{CONSTRAINTS}, item 2", "the graph is static"),
    _documented(
        "R7",
        REFRESHABLE,
        f"{CONSTRAINTS}, item 4",
        "fixed memory is not switched off (by the fixed setter alone, or as the page has it by the const setter too)",
        ("fixed", "const"),
    ),
    _documented("R8", REFRESHABLE, f"{CONSTRAINTS}, item 5", "UpdateGraphFeatureMemoryBase was not used"),
    # UpdateGraphFeatureMemoryBase
    _documented("F1", FEATURE, FUNCTION, "the graph is compiled"),
    _documented("F1-size", FEATURE, FUNCTION, "the size is at least what GetFeatureMemorySize gives"),
    _documented("F2", FEATURE, f"{CONSTRAINTS}, item 1", "a repeated call only where the graph is refreshable"),
    _documented("F3", FEATURE, f"{CONSTRAINTS}, item 2", "the graph is static"),
    _documented("F5", FEATURE, f"{CONSTRAINTS}, item 4", "fixed memory of type DEFAULT was not set or switched off"),
    _documented("F6", FEATURE, f"{CONSTRAINTS}, item 5", "UpdateGraphRefreshableFeatureMemoryBase was not used"),
    # SetGraphFixedFeatureMemoryBaseWithType
    _documented("X1", FIXED, FUNCTION, "the graph is compiled"),
    _documented("X1-size", FIXED, PARAMETERS, "the size is at least what the summary gives for the memory type"),
    _documented("X4", FIXED, f"{CONSTRAINTS}, item 1", "not set before for this graph and memory type"),
    _documented("X5", FIXED, f"{CONSTRAINTS}, item 2", "type DEFAULT: UpdateGraphFeatureMemoryBase was not used"),
    _documented("X7", FIXED, f"{CONSTRAINTS}, item 4", "no switching off under ge.exec.staticMemoryPolicy 4"),
    _header("X8", "set before the graph is loaded"),
    # SetGraphConstMemoryBase
    _documented("C1", CONST, FUNCTION, "the graph is compiled"),
    _documented("C1-size", CONST, FUNCTION, "the size is at least what GetConstMemorySize gives"),
    _documented("C2", CONST, f"{CONSTRAINTS}, item 1", "not set before for this graph"),
    _documented("C3", CONST, f"{CONSTRAINTS}, item 2", "the graph is static"),
    _header("C5", "set before the graph is loaded"),
    # what only the caller can know
    _caller("live-region", "memory points to a live allocation of size bytes", "Q2, Q10"),
    _caller("Q10", "memory bound to a graph stays allocated while the graph loads and runs", "Q10"),
    _caller("free-live", "only memory that is allocated is freed, and once", "Q10"),
    # what no page says
    _hardening("Q1", "Q1", "the base is not null"),
    _hardening("Q2", "Q2", "base + size does not pass the end of the address space"),
    _hardening("Q3", "Q3", "the memory overlaps no other memory bound to the graph"),
    _hardening("Q3-flight", "Q3", "the memory overlaps none of a graph in flight elsewhere than on the same stream"),
    _hardening("Q4", "Q4", "no run of the graph is in flight"),
    _hardening("Q5", "Q5", "fixed memory is not switched off once a refreshable base is set"),
    _hardening("Q7", "Q7", "a graph that is not refreshable gets no new base once it is loaded"),
    _hardening("Q12", "Q12", "the graph is not compiled yet"),
)
