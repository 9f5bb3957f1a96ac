from collections.abc import Mapping
from typing import Any

import pytest

from callproof.errors import Exit, InputError, InternalError, LimitError
from callproof.model import System, instantiate
from callproof.model.clauses import CALLER, DOCUMENTED, HARDENED
from callproof.replay import certify, replay
from callproof.report.replay_text import replay_document, replay_text
from callproof.semantics import Machine, Verdict
from callproof.trace import Step, Trace, Value, decode_trace
from ge_memory import SPEC
from tests.support.toys import locker

EXAMPLE = b"""
{"format": "callproof-trace", "version": 1, "spec": "ge-memory", "readings": {"R2": "at-least"},
 "options": {"ge.exec.staticMemoryPolicy": "0"},
 "steps": [
  {"call": "GEInitializeV2", "args": {}, "returned": "SUCCESS"},
  {"call": "AddGraph", "args": {"graph_id": 1}, "returned": "SUCCESS"},
  {"call": "CompileGraph", "args": {"graph_id": 1}, "returned": "SUCCESS",
   "result": {"is_static": true, "is_refreshable": true, "const_size": "512", "feature_size": "10240",
              "fixed_size": "2048", "p2p_fixed_size": "0", "refreshable_size": "8192"}},
  {"call": "UpdateGraphRefreshableFeatureMemoryBase", "args": {"graph_id": 1, "memory": "0x100000", "size": "8192"}}]}
"""
SUMMARY: dict[str, Value] = {
    "is_static": True,
    "is_refreshable": False,
    "const_size": 512,
    "feature_size": 4096,
    "fixed_size": 1024,
    "p2p_fixed_size": 0,
    "refreshable_size": 3072,
}
INIT, ADD = Step("GEInitializeV2", {}), Step("AddGraph", {"graph_id": 1})
COMPILE = Step("CompileGraph", {"graph_id": 1}, None, SUMMARY)


def ge(*steps: Step, readings: Mapping[str, str] | None = None, options: Mapping[str, str] | None = None) -> Trace:
    return Trace("ge-memory", steps, readings or {}, options or {})


def refreshable(memory: int, size: int = 3072, returned: str | int | None = None) -> Step:
    name = "UpdateGraphRefreshableFeatureMemoryBase"
    return Step(name, {"graph_id": 1, "memory": memory, "size": size}, returned)


def test_the_example_of_the_format() -> None:
    result = replay(SPEC, decode_trace(EXAMPLE))
    assert [s.conforms for s in result.steps] == [True, True, False, None]
    assert {axiom.id for axiom in result.steps[2].axioms} == {"S6"}, "refreshable, but the option defaults to 0"
    assert (result.steps[3].verdict, result.steps[3].clause_ids) == (Verdict.UNDEFINED, ("live-region",))
    assert result.exit is Exit.VIOLATED


def test_the_example_compiled_as_refreshable() -> None:
    option = b'"options": {"ge.featureBaseRefreshable": "1", '
    result = replay(SPEC, decode_trace(EXAMPLE.replace(b'"options": {', option)))
    assert [(s.verdict, s.conforms, s.accepted) for s in result.steps] == [
        (Verdict.MUST_ACCEPT, True, True),
        (Verdict.MUST_ACCEPT, True, True),
        (Verdict.MUST_ACCEPT, True, True),
        (Verdict.UNDEFINED, None, True),
    ]
    assert result.steps[3].clause_ids == ("live-region",)
    assert result.steps[1].changed == {"graphs[1].phase": ("ABSENT", "ADDED")}
    assert result.steps[3].changed == {
        "graphs[1].refreshable.bound": (False, True),
        "graphs[1].refreshable.base": ("0x0", "0x100000"),
        "graphs[1].refreshable.size": (0, 8192),
    }
    assert result.exit is Exit.OK
    assert result.readings == {"R2": "at-least", "R7": "fixed"}
    text = replay_text(result)
    assert "4. UpdateGraphRefreshableFeatureMemoryBase(graph_id=1, memory=0x100000, size=8192)" in text
    assert "undefined (live-region fails), accepted: not judged" in text
    document: Any = replay_document(result)
    assert document["steps"][3]["state"]["graphs[1].refreshable.base"] == ["0x0", "0x100000"]
    assert (document["broken"], document["exit"]) == ([], 0)


@pytest.mark.parametrize(
    ("steps", "conforms"),
    [
        ([Step("AddGraph", {"graph_id": 1}, 1)], True),
        ([Step("AddGraph", {"graph_id": 1}, "SUCCESS")], False),
        ([Step("AddGraph", {"graph_id": 1})], None),
        ([INIT, Step("AddGraph", {"graph_id": 1}, "FAILED")], False),
        ([INIT, Step("AddGraph", {"graph_id": 1}, 0)], True),
        ([INIT, Step("GEInitializeV2", {}, "SUCCESS")], None),
        ([INIT, ADD, COMPILE, Step("CompileGraph", {"graph_id": 1}, 0, SUMMARY)], None),
        ([INIT, ADD, Step("CompileGraph", {"graph_id": 1}, 0, {**SUMMARY, "feature_size": 5000})], False),
        ([INIT, ADD, Step("CompileGraph", {"graph_id": 1}, None, {**SUMMARY, "feature_size": 5000})], False),
        ([Step("aclrtMalloc", {"block": 1, "size": 64}, 207001)], None),
        ([Step("aclrtMalloc", {"block": 1, "size": 64}, None, {"memory": 64})], None),
        ([Step("aclrtMalloc", {"block": 1, "size": 64}, None, {"memory": 0})], False),
        ([INIT, ADD, Step("run callback", {"graph_id": 1})], False),
    ],
)
def test_conforms(steps: list[Step], conforms: bool | None) -> None:
    last = replay(SPEC, ge(*steps)).steps[-1]
    assert last.conforms is conforms


def test_a_refused_step_changes_nothing() -> None:
    result = replay(SPEC, ge(INIT, Step("AddGraph", {"graph_id": 1}, "NO"), Step("RemoveGraph", {"graph_id": 1})))
    assert [s.accepted for s in result.steps] == [True, False, False]
    assert [dict(s.changed) for s in result.steps[1:]] == [{}, {}]
    assert result.exit is Exit.VIOLATED


def test_an_event_that_cannot_happen_changes_nothing() -> None:
    result = replay(SPEC, ge(INIT, ADD, Step("run callback", {"graph_id": 1})))
    assert [axiom.id for axiom in result.steps[2].axioms] == ["L9"]
    assert (result.steps[2].changed, result.broken) == ({}, ())
    assert "ruled out by L9" in replay_text(result)


def test_absent_return_means_as_the_contract_decides() -> None:
    null = ge(INIT, ADD, COMPILE, refreshable(0))
    free = replay(SPEC, null)
    assert free.steps[3].verdict is Verdict.MAY
    assert free.steps[3].accepted
    assert [(b.step, b.property.id) for b in free.broken] == [(4, "base-not-null")]
    assert replay(SPEC, null, layer=DOCUMENTED).steps[3].accepted
    assert not replay(SPEC, null, layer=CALLER).steps[3].accepted, "live-region fails"
    assert not replay(SPEC, null, layer=HARDENED).steps[3].accepted
    assert [use.id for use in free.steps[3].outside(DOCUMENTED)] == ["Q1", "live-region"]
    assert "invariant broken: base-not-null [ADDRESS] on GraphId 1" in replay_text(free)


def test_handles_keep_their_numbers() -> None:
    result = replay(SPEC, ge(INIT, Step("AddGraph", {"graph_id": 64}), Step("AddGraph", {"graph_id": 3})))
    assert list(result.steps[1].changed) == ["graphs[64].phase"]
    load = Step("LoadGraph", {"graph_id": 1, "stream": 7}, None, {**SUMMARY, **dict.fromkeys(
        ("const_base", "refreshable_base", "fixed_base", "p2p_fixed_base"), 0)})  # fmt: skip
    for n, name in enumerate(("const_base", "refreshable_base", "fixed_base", "p2p_fixed_base"), 1):
        load.result[name] = n << 20  # type: ignore[index]
    run = Step("RunGraphWithStreamAsync", {"graph_id": 1, "stream": 7, "tensor": 64})
    wait = Step("aclrtSynchronizeStream", {"stream": 7})
    result = replay(SPEC, ge(INIT, ADD, load, run, wait))
    assert result.steps[3].changed["graphs[1].lanes[7].busy"] == (False, True)
    assert result.steps[4].changed == {"graphs[1].lanes[7].busy": (True, False)}
    assert result.exit is Exit.OK


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step("AddGrap", {}), "step 2: unknown call 'AddGrap'; did you mean AddGraph?"),
        (Step("AddGraph", {}), "step 2, args.graph_id: AddGraph needs this argument"),
        (Step("AddGraph", {"graph_id": 1, "x": 1}), "step 2, args.x: AddGraph has no such argument; it has graph_id"),
        (Step("AddGraph", {"graph_id": True}), "step 2, args.graph_id: a GraphId is a small integer, not True"),
        (Step("AddGraph", {"graph_id": 0}), "step 2, args.graph_id: a GraphId counts from 1"),
        (Step("AddGraph", {"graph_id": 65}), "step 2, args.graph_id: 65 is past 64, the last GraphId"),
        (refreshable(-1), "step 2, args.memory: -1 is outside 0 to 2**64 - 1"),
        (refreshable(0, 2**64), "step 2, args.size: 18446744073709551616 is outside"),
        (refreshable(0, "much"), "step 2, args.size: an integer is needed (size), not 'much'"),  # type: ignore[arg-type]
        (
            Step("SetGraphFixedFeatureMemoryBaseWithType", {"graph_id": 1, "type": "HBM", "memory": 0, "size": 0}),
            "step 2, args.type: 'HBM' is no MemoryType; there are MEMORY_TYPE_DEFAULT, MEMORY_TYPE_P2P",
        ),
        (Step("aclrtMalloc", {"block": 1, "size": 1}), "step 2, result.memory: missing"),
        (Step("aclrtMalloc", {"block": 1, "size": 1}, 0, {"m": 1}), "step 2, result.m: aclrtMalloc returns no such"),
        (Step("aclrtMalloc", {"block": 1, "size": 1}, 0, {"memory": "x"}), "step 2, result.memory: an integer"),
    ],
)
def test_what_does_not_fit_is_refused(step: Step, message: str) -> None:
    with pytest.raises(InputError) as caught:
        replay(SPEC, ge(INIT, step), source="f.json")
    assert str(caught.value).startswith(f"f.json: {message}")


def test_missing_results() -> None:
    compiling = Step("CompileGraph", {"graph_id": 1}, 0, {"is_static": False, "fixed_size": 0})
    with pytest.raises(InputError, match=r"step 3, result.p2p_fixed_size: missing, but an accepted CompileGraph"):
        replay(SPEC, ge(INIT, ADD, compiling))
    whole = Step("CompileGraph", {"graph_id": 1}, 0, {"is_static": False, "fixed_size": 0, "p2p_fixed_size": 0})
    assert replay(SPEC, ge(INIT, ADD, whole)).steps[2].conforms is True
    extra = {"is_static": False, "fixed_size": 0, "p2p_fixed_size": 0, "const_size": 99}
    ignored = replay(SPEC, ge(INIT, ADD, Step("CompileGraph", {"graph_id": 1}, 0, extra)))
    assert "graphs[1].need_const" not in ignored.steps[2].changed
    refused = replay(SPEC, ge(INIT, Step("CompileGraph", {"graph_id": 1}, "NO_GRAPH")))
    assert refused.steps[1].conforms is True


def test_settings_are_checked() -> None:
    with pytest.raises(InputError, match=r"^f: clause R2 has no reading 'x'"):
        replay(SPEC, ge(readings={"R2": "x"}), source="f")
    with pytest.raises(InputError, match="unknown option"):
        replay(SPEC, ge(options={"x": "1"}))


def test_too_many_resources() -> None:
    steps = [Step("AddGraph", {"graph_id": g}) for g in range(1, 65)]
    steps += [Step("RegisterExternalAllocator", {"stream": s}) for s in range(1, 65)]
    with pytest.raises(LimitError, match="64 of GraphId, 64 of StreamId"):
        replay(SPEC, ge(*steps))


@pytest.fixture(scope="module")
def system() -> System:
    return instantiate(SPEC, {})


def test_certify(system: System) -> None:
    trace = ge(INIT, ADD, COMPILE, refreshable(0))
    for subject in (SPEC, system, Machine(system)):
        result = certify(subject, trace, DOCUMENTED, "base-not-null")
        assert result.broken[-1].step == 4
    for bad, layer, invariant, message in (
        (trace, DOCUMENTED, "no-wrap", "breaks nowhere"),
        (trace, HARDENED, "base-not-null", "hardened refuses step 4 by Q1, live-region"),
        (ge(*trace.steps, INIT), DOCUMENTED, "base-not-null", "breaks at step 4 of 5"),
        (ge(ADD), DOCUMENTED, "base-not-null", "documented refuses step 1 by L1"),
        (ge(INIT, Step("AddGraph", {"graph_id": 1}, 5)), DOCUMENTED, "no-wrap", "refuses step 2"),
        (ge(INIT, Step("X", {})), DOCUMENTED, "no-wrap", "cannot be replayed: step 2: unknown call"),
        (ge(readings={"R2": "exactly"}), DOCUMENTED, "no-wrap", "cannot be replayed: the trace reads R2 as exactly"),
        (ge(INIT, ADD, Step("run callback", {"graph_id": 1})), DOCUMENTED, "no-wrap", "step 3 contradicts an axiom"),
    ):
        with pytest.raises(InternalError, match=message):
            certify(system, bad, layer, invariant)


def test_an_invariant_that_fails_from_the_start() -> None:
    toy = locker()

    @toy.invariant("never", "SIZE")
    def never(s: Any) -> Any:
        return s.ready

    empty = Trace("locker", ())
    assert replay(toy, empty).broken[0].step == 0
    assert certify(toy, empty, DOCUMENTED, "never").exit is Exit.VIOLATED
    assert "initially, invariant broken: never [SIZE]" in replay_text(replay(toy, empty))


def test_outcomes_readings_and_step_invariants_of_a_toy() -> None:
    make = Step("Make", {"box": 2}, None, {"capacity": 8})
    put = Step("Put", {"box": 2, "amount": 8})
    result = replay(locker(), Trace("locker", (make, put, Step("wind", {"box": 2}), put)))
    assert [s.outcome for s in result.steps] == ["", "open", "", "shut"]
    assert result.steps[3].changed == {"boxes[2].door": ("SHUT", "LOCKED")}
    strict = replay(locker(), Trace("locker", (make, put), {"P2": "less"}))
    assert strict.steps[1].clause_ids == ("P2",)
    assert strict.options == {"strict": "no"}
