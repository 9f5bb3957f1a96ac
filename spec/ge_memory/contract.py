"""The specification value that the calls, events and invariants of this package are added to."""

from pathlib import Path

from callproof.model import Option, Recorder, Reproduction, Runner, Specification
from ge_memory.clauses import CLAUSES
from ge_memory.facts import FACTS, QUESTIONS
from ge_memory.state import Session

FEATURE_BASE_REFRESHABLE = Option(
    "ge.featureBaseRefreshable", ("0", "1"), "whether static graphs are compiled with a refreshable feature base"
)
STATIC_MEMORY_POLICY = Option(
    "ge.exec.staticMemoryPolicy", ("0", "2", "3", "4"), "whether static graphs of a session share memory (2, 4)"
)

NATIVE = Path(__file__).resolve().parent / "native"
HEADERS = ("ge/ge_api_v2.h", "acl/acl.h")
RUNNER = Runner(str(NATIVE / "runner.cpp"), HEADERS)
RECORDER = Recorder(str(NATIVE / "recorder.cpp"), HEADERS)
REPRODUCTION = Reproduction(str(NATIVE / "reproduce.cpp.jinja"), {"aclrtMalloc": ("memory",)})

ge = Specification(
    "ge-memory",
    "Graph memory of CANN's ge::GeSession",
    Session,
    CLAUSES,
    options=(FEATURE_BASE_REFRESHABLE, STATIC_MEMORY_POLICY),
    facts=FACTS,
    questions=QUESTIONS,
    products=(
        "Atlas A3 training series",
        "Atlas A3 inference series",
        "Atlas A2 training series",
        "Atlas A2 inference series",
    ),
    runner=RUNNER,
    recorder=RECORDER,
    reproduction=REPRODUCTION,
)
