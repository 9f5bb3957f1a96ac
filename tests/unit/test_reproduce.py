"""Traces as something else: what stands in them, and that no text of a trace file gets out of its place."""

import ast
import json
import re

import pytest

from callproof.errors import InputError, UsageError
from callproof.model.instantiate import instantiate
from callproof.model.loading import load_specification
from callproof.replay import replay
from callproof.reproduce import TARGETS, converted
from callproof.reproduce.cpp import comment, literal
from callproof.reproduce.mermaid import text
from callproof.reproduce.plan import Address, Expect, plan
from callproof.reproduce.python import words
from callproof.trace import Step, Trace
from callproof.trace.reading import decode_trace
from callproof.trace.writing import sorts_of

GE = load_specification("ge-memory")
SUMMARY = {
    "is_static": True, "is_refreshable": True, "const_size": 4096, "feature_size": 12288, "fixed_size": 4096,
    "p2p_fixed_size": 0, "refreshable_size": 8192,
}  # fmt: skip
BASE = 0x100000
UPDATE = "UpdateGraphRefreshableFeatureMemoryBase"
COMPILED = (
    Step("GEInitializeV2", {}, "SUCCESS"),
    Step("AddGraph", {"graph_id": 1}, "SUCCESS"),
    Step("CompileGraph", {"graph_id": 1}, "SUCCESS", SUMMARY),
    Step("aclrtMalloc", {"block": 1, "size": 1 << 20}, "SUCCESS", {"memory": BASE}),
)
OPTIONS = {"ge.featureBaseRefreshable": "1"}
HOSTILE = 'x"; system("true"); // \\\n */ """ \' %% #; <b> end\n??/\x1b[0m\u202e\U0001f600 {{ 7 * 7 }} {% raw %}'


def traced(*steps: Step, **more: str) -> Trace:
    return Trace("ge-memory", (*COMPILED, *steps), options=OPTIONS, kinds={"1": "refreshable"}, **more)


def update(memory: int, size: int = 8192, returned: str | None = "SUCCESS") -> Step:
    return Step(UPDATE, {"graph_id": 1, "memory": memory, "size": size}, returned)


def made(trace: Trace):
    return plan(GE, replay(GE, trace), sorts_of(instantiate(GE, {})), {"aclrtMalloc": ("memory",)})


def test_addresses_are_told_by_what_returned_them() -> None:
    steps = made(traced(update(BASE + 4096), update(BASE - 1), update(0), update(1 << 63))).steps
    assert [step.args["memory"] for step in steps[4:]] == [
        Address(4, "memory", 4096), Address(4, "memory", -1), 0, 1 << 63,
    ]  # fmt: skip
    assert (str(steps[4].args["memory"]), str(steps[5].args["memory"])) == ("memory_4 + 4096", "memory_4 - 1")
    assert [step.addresses for step in steps[:5]] == [(), (), (), ("memory",), ()]


def test_the_nearest_and_latest_memory_counts() -> None:
    again = Step("aclrtMalloc", {"block": 2, "size": 1 << 20}, "SUCCESS", {"memory": BASE + (1 << 20)})
    steps = made(traced(again, update(BASE + 8192), update(BASE + (1 << 20) + 512))).steps
    assert [step.args["memory"] for step in steps[5:]] == [Address(4, "memory", 8192), Address(5, "memory", 512)]


def test_what_a_step_is_expected_to_do() -> None:
    kinds = {
        "accept": update(BASE),
        "refuse": update(BASE, 1),
        "any": update(1 << 40),
        "hazard": update(0, 8192),
    }
    for wanted, step in kinds.items():
        assert made(traced(step)).steps[-1].expect in (Expect(wanted), Expect.ANY), wanted
    assert made(traced(kinds["accept"])).steps[-1].expect is Expect.ACCEPT
    assert made(traced(kinds["refuse"])).steps[-1].clauses == ("R2",)
    assert made(traced(update(BASE, returned=None))).steps[-1].returned is False
    # An event is nobody's breach.
    assert made(traced()).steps[-1].expect is Expect.ANY


def test_axioms_on_addresses_are_told_apart() -> None:
    wrong = {**SUMMARY, "refreshable_size": 1}
    trace = Trace("ge-memory", (*COMPILED[:2], Step("CompileGraph", {"graph_id": 1}, "SUCCESS", wrong)), {}, OPTIONS)
    assert (made(trace).steps[-1].axioms, made(trace).steps[-1].unseen) == (("S7",), ())
    twice = Step("aclrtMalloc", {"block": 2, "size": 16}, "SUCCESS", {"memory": BASE})
    assert (made(traced(twice)).steps[-1].axioms, made(traced(twice)).steps[-1].unseen) == ((), ("fresh",))


def test_itf_is_read_by_others() -> None:
    itf = pytest.importorskip("itf_py")
    written = converted(GE, traced(update(BASE)), "itf", "x")
    document = json.loads(written)
    trace = itf.trace_from_json(document)
    again = itf.trace_to_json(trace)
    assert again["vars"] == document["vars"]
    assert [_plain(state) for state in again["states"]] == [_plain(state) for state in document["states"]]
    last = trace.states[-1].values
    assert last["graphs"][1].refreshable.base == BASE
    assert last["graphs"][1].phase == "COMPILED"
    assert last["initialised"] is True
    assert last["mbt::actionTaken"] == UPDATE
    assert [state.values["mbt::actionTaken"] for state in trace.states][:2] == ["init", "GEInitializeV2"]


def _plain(state: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in state.items() if key != "#meta"}


def test_itf_has_a_type_and_a_value_for_every_variable_in_every_state() -> None:
    document = json.loads(converted(GE, traced(update(BASE)), "itf", "x"))
    assert set(document["#meta"]["varTypes"]) == set(document["vars"])
    assert document["#meta"]["varTypes"]["blocks"].startswith("Int -> { live: Bool, base: Int")
    for number, state in enumerate(document["states"]):
        assert list(state) == ["#meta", *document["vars"]]
        assert state["#meta"] == {"index": number}
    assert len(document["states"]) == 6
    assert not re.search(r"[:\[] ?-?\d", json.dumps([_plain(s) for s in document["states"]])), "a bare number"


def test_a_log_has_the_steps_and_a_head() -> None:
    head, *steps = [json.loads(line) for line in converted(GE, traced(update(BASE)), "jsonl", "x").splitlines()]
    assert (head["format"], head["version"], head["spec"], head["options"]) == (
        "callproof-log",
        1,
        "ge-memory",
        OPTIONS,
    )
    assert [step["call"] for step in steps] == [*(step.call for step in COMPILED), UPDATE]
    assert steps[-1] == {
        "call": UPDATE, "args": {"graph_id": 1, "memory": hex(BASE), "size": "8192"}, "returned": "SUCCESS",
    }  # fmt: skip


def test_requests_are_those_of_the_protocol() -> None:
    lines = [json.loads(line) for line in converted(GE, traced(update(BASE)), "requests", "x").splitlines()]
    assert [line["op"] for line in lines] == ["hello", "reset", *["call"] * 5, "bye"]
    assert [line["id"] for line in lines] == list(range(1, 9))
    assert lines[1]["kinds"] == {"1": "refreshable"}


def test_a_diagram_marks_what_is_wrong() -> None:
    off = Step("SetGraphFixedFeatureMemoryBaseWithType",
               {"graph_id": 1, "type": "MEMORY_TYPE_DEFAULT", "memory": 0, "size": 0}, "SUCCESS")  # fmt: skip
    lines = converted(GE, traced(off, update(BASE)), "mermaid", "x").splitlines()
    assert lines[0] == "sequenceDiagram"
    assert "  C->>D: GEInitializeV2()" in lines
    assert lines.count("  rect rgb(255, 230, 230)") == lines.count("  end") == 1
    assert "does not conform: must_reject R7" in lines[-2]


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_equal_input_gives_equal_bytes(target: str) -> None:
    trace = traced(update(BASE))
    assert converted(GE, trace, target, "x") == converted(GE, trace, target, "x")
    assert converted(GE, trace, target, "x").endswith("\n")


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_trace_that_does_not_fit_is_refused(target: str) -> None:
    with pytest.raises(InputError, match=r"x: step 1: unknown call"):
        converted(GE, Trace("ge-memory", (Step(HOSTILE, {}),)), target, "x")


def hostile() -> Trace:
    """Whatever in a trace file is free text, and passes its reader and the replay."""
    document = {
        "format": "callproof-trace", "version": 1, "spec": "ge-memory", "origin": HOSTILE, "options": OPTIONS,
        "kinds": {"1": HOSTILE, HOSTILE: HOSTILE},
        "steps": [{"call": "GEInitializeV2", "args": {}, "returned": "SUCCESS"},
                  {"call": "AddGraph", "args": {"graph_id": 1}, "returned": HOSTILE}],
    }  # fmt: skip
    return decode_trace(json.dumps(document).encode())


def test_no_text_gets_out_of_its_place_in_python() -> None:
    for target in ("pytest", "hypothesis"):
        written = converted(GE, hostile(), target, HOSTILE, driver=HOSTILE)
        assert written.isascii()
        tree = ast.parse(written)
        strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert HOSTILE in strings
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert called <= {"Step", "Trace", "reproduction", "rule", "precondition", "data", "settings"}


def test_no_text_gets_out_of_its_place_in_cpp() -> None:
    written = converted(GE, hostile(), "cpp", HOSTILE)
    assert written.isascii()
    benign = converted(GE, Trace("ge-memory", hostile().steps, {}, OPTIONS, None, {"1": "x"}), "cpp", "x")
    # Lines and tokens outside of literals and comments are those of a harmless trace.
    assert _skeleton(written) == _skeleton(benign)
    assert re.sub(r'"(?:[^"\\\n]|\\.)*"', "", literal(HOSTILE)) == ""
    assert "\n" not in comment(HOSTILE)
    assert "\\" not in comment(HOSTILE)


def _skeleton(program: str) -> str:
    return re.sub(r"//[^\n]*", "", re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', program))


def test_a_literal_is_the_bytes_of_its_text() -> None:
    data = ast.literal_eval("b" + literal(HOSTILE))
    assert data.decode() == HOSTILE


def test_no_text_gets_out_of_its_place_in_a_diagram() -> None:
    shown = converted(GE, hostile(), "mermaid", HOSTILE)
    (line,) = [line for line in shown.splitlines() if "system" in line]
    assert line.startswith("    D-->>C: ")
    assert not set("<%\x1b\u202e;#") & set(re.sub(r"#\w+;", "", line))
    assert text("a;b#c at the end") == "a#59;b#35;c at the e#110;d"


def test_words_end_no_docstring() -> None:
    assert ast.parse(f'"""{words(HOSTILE)}"""').body


def test_a_specification_that_knows_no_cpp_says_so() -> None:
    spec = load_specification("examples/dma.py:SPEC")
    with pytest.raises(UsageError, match="the specification dma does not say how its calls are written"):
        converted(spec, Trace("dma", ()), "cpp", "x")
