"""The specification value that the calls, events and invariants of this package are added to."""

from pathlib import Path

from callproof.model import Option, Runner, Specification
from ge_memory.clauses import CLAUSES
from ge_memory.facts import FACTS, QUESTIONS
from ge_memory.state import Session

FEATURE_BASE_REFRESHABLE = Option(
    "ge.featureBaseRefreshable", ("0", "1"), "whether static graphs are compiled with a refreshable feature base"
)
STATIC_MEMORY_POLICY = Option(
    "ge.exec.staticMemoryPolicy", ("0", "2", "3", "4"), "whether static graphs of a session share memory (2, 4)"
)

RUNNER = Runner(str(Path(__file__).resolve().parent / "native" / "runner.cpp"), ("ge/ge_api_v2.h", "acl/acl.h"))

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
)
