"""Stepping through a specification: what is offered, what is not and why, and the screen, driven by a script."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from callproof.explore import Offer, Refusal, Walk
from callproof.explore.memory import memory_map, spans
from callproof.model.clauses import ALL_LAYERS
from callproof.model.loading import load_specification
from callproof.replay import replay
from callproof.trace import Step, Trace, read_trace

ROOT = Path(__file__).parents[2]
DMA = load_specification(f"{ROOT / 'examples' / 'dma.py'}:SPEC")
GE = load_specification("ge-memory")
EXAMPLE = Trace(
    "dma",
    (
        Step("dma_set_buffer", {"channel": 1, "memory": 0x100000, "size": 4096}),
        Step("dma_start", {"channel": 1}),
        Step("dma_set_buffer", {"channel": 1, "memory": 0x200000, "size": 4096}),
    ),
)


def walk(layer: str = "hardened") -> Walk:
    return Walk(DMA, ALL_LAYERS[layer])


def calls(rows: list[Offer] | list[Refusal]) -> list[str]:
    return [row.act.action.call for row in rows]


def take(w: Walk, start: str) -> None:
    w.take(next(offer for offer in w.offers() if str(offer).startswith(start)))


def test_what_is_offered_and_what_is_not() -> None:
    w = walk()
    assert (calls(w.offers()), calls(w.refusals())) == (["dma_set_buffer", "interrupt"], ["dma_start"])
    assert w.refusals()[0].clauses == ("D1",)
    take(w, "dma_set_buffer")
    take(w, "dma_start")
    assert calls(w.refusals()) == ["dma_set_buffer"]
    assert calls(walk("documented").offers()) == ["dma_set_buffer", "interrupt"]


def test_the_fewest_calls_to_a_call() -> None:
    w = walk()
    start = w.refusals()[0].act
    way = w.way_to(start)
    assert way is not None
    assert calls(way) == ["dma_set_buffer"]
    for offer in way:
        w.take(offer)
    assert w.way_to(start) == []
    take(w, "dma_start")
    back = w.way_to(w.refusals()[0].act)
    assert back is not None
    assert calls(back) == ["interrupt"]


def test_the_way_to_a_call_of_ge_memory_is_the_shortest() -> None:
    w = Walk(GE, ALL_LAYERS["hardened"], options={"ge.featureBaseRefreshable": "1"})
    act = next(r.act for r in w.refusals() if r.act.action.call == "UpdateGraphRefreshableFeatureMemoryBase")
    way = w.way_to(act)
    assert way is not None
    assert calls(way) == ["GEInitializeV2", "AddGraph", "CompileGraph", "aclrtMalloc"]
    for offer in way:
        w.take(offer)
    assert "UpdateGraphRefreshableFeatureMemoryBase" in calls(w.offers())


def test_a_call_that_can_never_be_made_has_no_way() -> None:
    w = walk()
    act = w.refusals()[0].act
    w._offers = lambda *_: []  # type: ignore[method-assign]
    assert w.way_to(act) is None


def test_steps_can_be_taken_back() -> None:
    w = walk()
    first = list(w.state)
    take(w, "dma_set_buffer")
    take(w, "dma_start")
    assert [w.undo().call, w.undo().call] == ["dma_start", "dma_set_buffer"]  # type: ignore[union-attr]
    assert (w.undo(), w.state, w.taken) == (None, first, [])


def test_what_was_walked_is_a_trace_that_conforms() -> None:
    w = Walk(GE, ALL_LAYERS["hardened"], options={"ge.featureBaseRefreshable": "1"})
    for start in ("GEInitializeV2", "AddGraph", "CompileGraph(graph_id=1) -> is_static=true, is_refreshable=true",
                  "GetCompiledGraphSummary", "aclrtMalloc", "UpdateGraphRefreshable", "LoadGraph"):  # fmt: skip
        take(w, start)
    replayed = replay(GE, w.trace())
    assert [step.conforms for step in replayed.steps] == [True] * 7
    assert replayed.broken == ()
    summary = w.trace().steps[3].result
    assert summary == w.trace().steps[2].result
    assert all(taken.broken == () for taken in w.taken)


def test_a_counterexample_is_walked_whatever_the_contract_says() -> None:
    w = walk()
    w.replay(EXAMPLE, "x")
    assert [taken.clauses for taken in w.taken] == [(), (), ("H1",)]
    assert [prop.id for prop in w.taken[-1].broken] == ["buffer-stable"]
    w.undo()
    assert not any(taken.broken for taken in w.taken)


def test_the_map_says_what_lies_in_what() -> None:
    w = Walk(GE, ALL_LAYERS["hardened"], options={"ge.featureBaseRefreshable": "1"})
    assert memory_map(w.machine, w.state) == ["no memory is bound or allocated"]
    for start in ("GEInitializeV2", "AddGraph", "CompileGraph(graph_id=1) -> is_static=true, is_refreshable=true",
                  "aclrtMalloc", "UpdateGraphRefreshable"):  # fmt: skip
        take(w, start)
    found = {span.name: span for span in spans(w.machine, w.state)}
    assert set(found) == {"blocks[1]", "graphs[1].refreshable"}
    assert found["graphs[1].refreshable"].overlaps == ("blocks[1]",)
    assert any("graphs[1].refreshable  in blocks[1]" in line for line in memory_map(w.machine, w.state))


# -- the screen -----------------------------------------------------------------------------------------------------


def drive(app: object, script: Callable[..., Awaitable[None]]) -> None:
    async def run() -> None:
        async with app.run_test(size=(140, 40)) as pilot:  # type: ignore[attr-defined]
            await script(app, pilot)

    # In a thread of its own: a browser test before it may have left a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()


def test_the_screen_by_a_script(tmp_path: Path) -> None:
    pytest.importorskip("textual")
    from callproof.explore.screen import Example, Explorer

    saved: list[Trace] = []

    def save(trace: Trace) -> str:
        saved.append(trace)
        return f"saved {len(trace.steps)}"

    app = Explorer(walk(), save, [Example("x.trace.json", EXAMPLE)])

    async def script(app: Explorer, pilot) -> None:
        assert [str(row).partition("(")[0] for row in app._rows] == ["dma_set_buffer", "interrupt", "dma_start"]
        await pilot.press("enter")
        assert app.way_lines() == ["1. dma_set_buffer(channel=1, memory=0x100000, size=0x100000)"]
        assert "channels[1].buffer.bound = true" in app.state_lines()
        await pilot.press("u")
        assert (app.said, app.way_lines()) == ("taken back: dma_set_buffer", ["nothing was called yet"])
        # The third row cannot be called: Enter says why, and w makes it possible.
        await pilot.press("down", "down", "enter")
        assert app.walk.taken == []
        refused = app._rows[2]
        assert isinstance(refused, Refusal)
        detail = app.detail_lines(refused)
        assert detail[:2] == ["dma_start cannot be called here:", "  D1: a buffer is set"]
        assert detail[-1].startswith("it could be after dma_set_buffer(")
        await pilot.press("w")
        assert app.said == "dma_start can be made now, after 1 more calls"
        assert len(app.walk.taken) == 1
        await pilot.press("c")
        assert app.said == "x.trace.json: breaks buffer-stable"
        assert app.way_lines()[-2:] == ["   may: H1", "   breaks buffer-stable"]
        await pilot.press("s")
        assert (app.said, saved[0].steps) == ("saved 3", EXAMPLE.steps)
        await pilot.press("u", "u", "u", "u")
        assert app.said == "there is no step to take back"
        await pilot.press("q")

    drive(app, script)


def test_what_is_saved_can_be_read(tmp_path: Path) -> None:
    pytest.importorskip("textual")
    from callproof.cli.explore import _save
    from callproof.explore.screen import Explorer

    path = tmp_path / "x.trace.json"
    app = Explorer(walk(), lambda trace: _save(DMA, str(path), trace))

    async def script(app: Explorer, pilot) -> None:
        await pilot.press("enter", "s")
        assert app.said == f"saved 1 steps to {path}"
        await pilot.press("c")
        assert app.said.startswith("there are no counterexamples")

    drive(app, script)
    assert replay(DMA, read_trace(str(path))).exit == 0


def explore(*args: str, code: str = "") -> subprocess.CompletedProcess[str]:
    program = f"{code}\nimport sys\nfrom callproof.cli import main\nsys.exit(main(['explore', *sys.argv[1:]]))"
    return subprocess.run([sys.executable, "-c", program, *args], capture_output=True, text=True, check=False)


def test_without_textual_it_says_what_to_install() -> None:
    missing = "import importlib.util\nfind = importlib.util.find_spec\n"
    missing += "importlib.util.find_spec = lambda name, *a: None if name == 'textual' else find(name, *a)"
    done = explore(code=missing)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "callproof: explore needs the package textual: pip install 'callproof[explore]'\n"


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("textual")
    path = tmp_path / "x.trace.json"
    path.write_text('{"format": "callproof-trace", "version": 1, "spec": "other", "steps": []}', encoding="utf-8")
    for args, message in (
        (("--trace", str(path)), "it is a trace of other, not of ge-memory"),
        (("--trace", str(tmp_path / "no")), "cannot be read: No such file"),
        (("--layer", "none"), "unknown layer"),
        (("--option", "a=b"), "option"),
    ):
        done = explore(*args)
        assert (done.returncode, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        assert message in line
