"""What became of every numbered fact of the documentation, and how each open question is answered."""

from callproof.model import Fact, Question, Treatment

_CLAUSE, _AXIOM, _EFFECT, _OPTION, _NONE = (
    Treatment.CLAUSE,
    Treatment.AXIOM,
    Treatment.EFFECT,
    Treatment.OPTION,
    Treatment.NONE,
)

FACTS = (
    Fact("L1", _CLAUSE, "L1 on every call of the API, L1-once on GEInitializeV2"),
    Fact("L2", _EFFECT, "GEFinalizeV2 resets every graph and every registered allocator"),
    Fact("L3", _CLAUSE, "L3 on AddGraph"),
    Fact("L4", _CLAUSE, "L4 on RemoveGraph, which resets the graph"),
    Fact("L5", _CLAUSE, "L5 on CompileGraph, whose results are the summary"),
    Fact("L6", _CLAUSE, "L6 on GetCompiledGraphSummary"),
    Fact("L7", _CLAUSE, "L7 on LoadGraph, which compiles and allocates what is missing"),
    Fact("L8", _CLAUSE, "L8 and L8-mode on the three run calls, which load by themselves"),
    Fact("L9", _AXIOM, "L9 on the run callback; aclrtSynchronizeStream ends the runs on that stream"),
    Fact("L10", _CLAUSE, "L10 on the three run calls"),
    Fact("L11", _NONE, "the specification has one session; a second one shares no state with it"),
    Fact("S1", _AXIOM, "S1 on GetCompiledGraphSummary; results of a dynamic graph are its fixed sizes only"),
    Fact("S2", _AXIOM, "S2 on GetCompiledGraphSummary; the result const_size of compiling"),
    Fact("S3", _AXIOM, "S3 on GetCompiledGraphSummary; the result feature_size of compiling"),
    Fact("S4", _AXIOM, "S4 on GetCompiledGraphSummary; the results fixed_size and p2p_fixed_size of compiling"),
    Fact("S5", _AXIOM, "S5 on GetCompiledGraphSummary; the result refreshable_size of compiling"),
    Fact("S6", _OPTION, "ge.featureBaseRefreshable, and axiom S6 on the summary"),
    Fact("S7", _AXIOM, "S7 on the summary"),
    Fact("R1", _CLAUSE, "R1"),
    Fact("R2", _CLAUSE, "R2, with the readings at-least and exactly"),
    Fact("R3", _EFFECT, "loading allocates fixed memory beside a refreshable base"),
    Fact("R4", _CLAUSE, "R4"),
    Fact("R5", _CLAUSE, "R5"),
    Fact("R6", _EFFECT, "loading asks an allocator only for memory that is not bound"),
    Fact("R7", _CLAUSE, "R7, with the readings fixed and const"),
    Fact("R8", _CLAUSE, "R8"),
    Fact("R9", _NONE, "it says again what R1 (after compilation) and S5 (without the fixed part) say"),
    Fact("F1", _CLAUSE, "F1 and F1-size"),
    Fact("F2", _CLAUSE, "F2"),
    Fact("F3", _CLAUSE, "F3"),
    Fact("F4", _EFFECT, "loading asks an allocator only for memory that is not bound"),
    Fact("F5", _CLAUSE, "F5"),
    Fact("F6", _CLAUSE, "F6"),
    Fact("X1", _CLAUSE, "X1 and X1-size"),
    Fact("X2", _EFFECT, "loading allocates fixed memory of either type that is not set"),
    Fact("X3", _EFFECT, "the outcome `switched off`, for type DEFAULT only"),
    Fact("X4", _CLAUSE, "X4"),
    Fact("X5", _CLAUSE, "X5"),
    Fact("X6", _EFFECT, "the outcome `no effect`"),
    Fact("X7", _CLAUSE, "X7, with the option ge.exec.staticMemoryPolicy"),
    Fact("X8", _CLAUSE, "X8"),
    Fact("X9", _EFFECT, "no clause of the call asks for a static graph"),
    Fact("C1", _CLAUSE, "C1 and C1-size"),
    Fact("C2", _CLAUSE, "C2"),
    Fact("C3", _CLAUSE, "C3"),
    Fact("C4", _EFFECT, "loading asks an allocator only for memory that is not bound"),
    Fact("C5", _CLAUSE, "C5"),
    Fact("A1", _EFFECT, "LoadGraph and RunGraphWithStreamAsync use the allocator registered on their stream by then"),
    Fact("A2", _EFFECT, "registering again leaves one allocator registered"),
    Fact("A3", _AXIOM, "fresh: what an external allocator hands out nobody else uses, which is this duty of its owner"),
    Fact("A4", _EFFECT, "the outcome `nothing to do`"),
    Fact("A5", _NONE, "destroying an allocator is no call of the API; its memory counts as allocated until released"),
)

QUESTIONS = (
    Question("Q1", "May memory be null where size is not 0?", "No: clause Q1, for base-not-null."),
    Question("Q2", "May base + size pass the end of the address space?", "No: Q2 and live-region, for no-wrap."),
    Question(
        "Q3",
        "May regions of one graph, or of two graphs, overlap?",
        "Not in one graph (Q3, disjoint-in-graph); those of two graphs only while they are not in flight together "
        "(Q3-flight, disjoint-in-flight, disjoint-during-run). Runs on one stream follow one another.",
    ),
    Question(
        "Q4",
        "May a base change or a graph go away while a run is in flight?",
        "No: clause Q4, for stable-while-running and no-remove-while-running.",
    ),
    Question(
        "Q5",
        "May fixed memory be switched off after a refreshable base was set?",
        "No: clause Q5, for off-then-no-refreshable and loaded-backed.",
    ),
    Question(
        "Q6",
        "Is `not together` about both orders, and until when?",
        "Decided: both orders, until the graph is removed; F5, F6, X5 and R8 prove feature-or-fixed and "
        "feature-or-refreshable.",
    ),
    Question(
        "Q7",
        "May a graph that is not refreshable get its first base after loading?",
        "No: clause Q7, for unrefreshable-base-stable.",
    ),
    Question(
        "Q8",
        "Must a refresh of a loaded graph meet the size rule?",
        "Decided: yes, R2 and F1-size stand at every call; refreshable-fits and feature-fits fail without them.",
    ),
    Question(
        "Q9",
        "Does a refused call leave everything as it was?",
        "Decided: yes; a refused call has no effect in the specification, which is to be tested on drivers.",
    ),
    Question(
        "Q10",
        "Is bound memory still allocated when the graph runs?",
        "The caller's duty: clauses live-region, Q10 and free-live, for running-is-allocated and allocated-during-run.",
    ),
    Question(
        "Q11",
        "What survives RemoveGraph followed by AddGraph under the same id?",
        "Decided: nothing; RemoveGraph resets the graph.",
    ),
    Question(
        "Q12",
        "What does a second CompileGraph do to bound memory?",
        "Modelled as a new summary over unchanged memory, and refused by clause Q12, for the -fits invariants.",
    ),
)
