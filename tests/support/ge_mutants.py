"""Drivers with one defect each: edits of the example driver, which must find the text that they change exactly once."""

# ruff: noqa: E501 - an edit is easier to read on one line
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "examples" / "ge_driver.py"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One defect: `old` becomes `new` behind the line that contains `after`."""

    name: str
    after: str
    old: str
    new: str
    also: tuple[str, str, str] | None = None
    also2: tuple[str, str, str] | None = None
    """Further places to edit, where a defect takes several."""

    def source(self) -> str:
        """The text of the driver with the defect."""
        text = self._edited(SOURCE.read_text(encoding="utf-8"), self.after, self.old, self.new)
        for edit in (self.also, self.also2):
            text = text if edit is None else self._edited(text, *edit)
        return text

    def _edited(self, text: str, after: str, old: str, new: str) -> str:
        assert text.count(after) == 1, f"{self.name}: {after!r} stands {text.count(after)} times"
        front, at, rest = text.partition(after)
        assert old in rest, f"{self.name}: {old!r} does not stand behind {after!r}"
        return front + at + rest.replace(old, new, 1)


CONST = "def SetGraphConstMemoryBase"
FEATURE = "def UpdateGraphFeatureMemoryBase"
REFRESH = "def UpdateGraphRefreshableFeatureMemoryBase"
FIXED = "def SetGraphFixedFeatureMemoryBaseWithType"
FINAL, ADD, REMOVE, COMPILE = "def GEFinalizeV2", "def AddGraph", "def RemoveGraph", "def CompileGraph"
SUMMARY, LOAD, INNER, RUN = "def GetCompiledGraphSummary", "def LoadGraph", "def load(", "def run("
ASYNC, STREAM, SYNC = "def RunGraphAsync", "def RunGraphWithStreamAsync", "def aclrtSynchronizeStream"
CALLBACK, REGISTER, UNREGISTER = "def run_callback", "def RegisterExternalAllocator", "def UnregisterExternalAllocator"
MAKE, RESULT, OVERLAP, FREE_FOR = "def compile(", "def result(", "def overlaps", "def free_for"
MINE, RESET, MALLOC = "def mine(", "def reset(", "def aclrtMalloc"

STALE = (RESET, "self.initialised = False", "self.initialised = False\n        self.stale = {}")
INITIALISED = "if not self.initialised:"
ADDRESS_CHECK = "if memory == 0 or memory + size > END:"

MUTANTS = (
    # a check is missing
    Mutant("finalise without L1", FINAL, INITIALISED, "if False:"),
    Mutant("finalise while running", FINAL, "if any(g.runs for g in self.graphs.values()):", "if False:"),
    Mutant("add without L1", ADD, INITIALISED, "if False:"),
    Mutant("add under an id in use", ADD, "if graph_id in self.graphs:", "if False:"),
    Mutant("remove an absent graph", REMOVE, "return FAILED", "return SUCCESS"),
    Mutant("remove while running", REMOVE, "if self.graphs[graph_id].runs:", "if False:"),
    Mutant("compile an absent graph", COMPILE, "if g is None or g.phase >= COMPILED:\n            return PARAM_INVALID, {}",
           "if g is None:\n            return SUCCESS, SUMMARIES['static'].result()\n        if g.phase >= COMPILED:\n            return PARAM_INVALID, {}"),
    Mutant("compile twice", COMPILE, "g.phase >= COMPILED", "g.phase > COMPILED"),
    Mutant("compile a loaded graph", COMPILE, "g.phase >= COMPILED", "g.phase == COMPILED"),
    Mutant("summary before compiling", SUMMARY, "g.phase < COMPILED", "g.phase < ADDED"),
    Mutant("register without L1", REGISTER, INITIALISED, "if False:"),
    Mutant("unregister without L1", UNREGISTER, INITIALISED, "if False:"),
    Mutant("unregister an unknown stream fails", UNREGISTER, "self.allocators.discard(stream)",
           "if stream not in self.allocators:\n            return FAILED\n        self.allocators.discard(stream)"),
    Mutant("register twice fails", REGISTER, "self.allocators.add(stream)",
           "if stream in self.allocators:\n            return FAILED\n        self.allocators.add(stream)"),
    Mutant("const size unchecked", CONST, "if size < g.summary.const:", "if False:"),
    Mutant("const set twice", CONST, 'if g.mine("const"):', "if False:"),
    Mutant("const of a dynamic graph", CONST, "if not g.summary.is_static:", "if False:"),
    Mutant("const of a loaded graph", CONST, "if g.phase >= LOADED:", "if False:"),
    Mutant("const at null", CONST, ADDRESS_CHECK, "if memory + size > END:"),
    Mutant("const wraps", CONST, ADDRESS_CHECK, "if memory == 0:"),
    Mutant("const overlaps", CONST, 'if not g.free_for("const", memory, size):', "if False:"),
    Mutant("feature size unchecked", FEATURE, "if size < g.summary.feature:", "if False:"),
    Mutant("feature repeated where not refreshable", FEATURE, 'if g.mine("feature") and not g.summary.is_refreshable:', "if False:"),
    Mutant("feature of a dynamic graph", FEATURE, "if not g.summary.is_static:", "if False:"),
    Mutant("feature beside fixed", FEATURE, 'if g.mine("fixed") or g.fixed_off:', "if g.fixed_off:"),
    Mutant("feature beside switched off", FEATURE, 'if g.mine("fixed") or g.fixed_off:', 'if g.mine("fixed"):'),
    Mutant("feature beside refreshable", FEATURE, 'if g.mine("refreshable"):', "if False:"),
    Mutant("feature at null", FEATURE, ADDRESS_CHECK, "if memory + size > END:"),
    Mutant("feature wraps", FEATURE, ADDRESS_CHECK, "if memory == 0:"),
    Mutant("feature overlaps", FEATURE, 'if not g.free_for("feature", memory, size):', "if False:"),
    Mutant("feature while running", FEATURE, "if g.runs:", "if False:"),
    Mutant("feature once loaded", FEATURE, "if g.phase == LOADED and not g.summary.is_refreshable:", "if False:"),
    Mutant("refreshable size unchecked", REFRESH, "if size < g.summary.refreshable:", "if False:"),
    Mutant("refresh where not refreshable", REFRESH, 'if g.mine("refreshable") and not g.summary.is_refreshable:', "if False:"),
    Mutant("refreshable of a dynamic graph", REFRESH, "if not g.summary.is_static:", "if False:"),
    Mutant("refreshable though switched off", REFRESH, "if g.fixed_off:", "if False:"),
    Mutant("refreshable beside feature", REFRESH, 'if g.mine("feature"):', "if False:"),
    Mutant("refreshable at null", REFRESH, ADDRESS_CHECK, "if memory + size > END:"),
    Mutant("refreshable wraps", REFRESH, ADDRESS_CHECK, "if memory == 0:"),
    Mutant("refreshable overlaps", REFRESH, 'if not g.free_for("refreshable", memory, size):', "if False:"),
    Mutant("refreshable while running", REFRESH, "if g.runs:", "if False:"),
    Mutant("refreshable once loaded", REFRESH, "if g.phase == LOADED and not g.summary.is_refreshable:", "if False:"),
    Mutant("fixed size unchecked", FIXED, "if size < need and not off:", "if False:"),
    Mutant("fixed set twice", FIXED, "if g.mine(name) or (default and g.fixed_off):", "if default and g.fixed_off:"),
    Mutant("fixed after switching off", FIXED, "if g.mine(name) or (default and g.fixed_off):", "if g.mine(name):"),
    Mutant("fixed beside feature", FIXED, 'if default and g.mine("feature"):', "if False:"),
    Mutant("switched off under policy 4", FIXED, 'if off and self.policy == "4":', "if False:"),
    Mutant("fixed of a loaded graph", FIXED, "if g.phase >= LOADED:", "if False:"),
    Mutant("switched off beside refreshable", FIXED, 'if "refreshable" in g.regions:', "if False:"),
    Mutant("fixed at null", FIXED, ADDRESS_CHECK, "if memory + size > END:"),
    Mutant("fixed wraps", FIXED, ADDRESS_CHECK, "if memory == 0:"),
    Mutant("fixed overlaps", FIXED, "if not g.free_for(name, memory, size):", "if False:"),
    Mutant("load of an absent graph", LOAD, "return FAILED, {}", "return SUCCESS, {}"),
    Mutant("run without L1", RUN, "return FAILED, {}", "return SUCCESS, {}"),
    Mutant("run in two modes", RUN, 'if g.mode not in ("", mode):', "if False:"),
    Mutant("tensor unaligned", RUN, "if tensor % 32 != 0:", "if False:"),
    Mutant("runs beside each other under policies 2 and 4", RUN, 'if flying and self.policy in ("2", "4"):', "if False:"),
    Mutant("runs beside each other under policy 4", RUN, 'self.policy in ("2", "4")', 'self.policy == "2"'),
    Mutant("overlapping graphs in flight", RUN, "if any(a.overlaps", "if False and any(a.overlaps"),
    # a check is off by one, or of the wrong thing
    Mutant("const size off by one", CONST, "size < g.summary.const", "size < g.summary.const - 1"),
    Mutant("const size too strict", CONST, "size < g.summary.const", "size <= g.summary.const"),
    Mutant("feature size off by one", FEATURE, "size < g.summary.feature", "size + 1 < g.summary.feature"),
    Mutant("feature size of the refreshable part", FEATURE, "size < g.summary.feature", "size < g.summary.refreshable"),
    Mutant("refreshable size exactly", REFRESH, "size < g.summary.refreshable", "size != g.summary.refreshable"),
    Mutant("refreshable size off by one", REFRESH, "size < g.summary.refreshable", "size < g.summary.refreshable - 1"),
    Mutant("fixed size of the other type", FIXED, "need = g.summary.fixed if default else g.summary.p2p",
           "need = g.summary.p2p if default else g.summary.fixed"),
    Mutant("fixed size off by one", FIXED, "if size < need and not off:", "if size < need - 1 and not off:"),
    Mutant("sizes compared as signed", CONST, "if size < g.summary.const:",
           "if (size ^ 1 << 63) - (1 << 63) < g.summary.const:"),
    Mutant("addresses compared as signed", OVERLAP, "base < self.base + self.size and self.base < base + size",
           "base < self.base + self.size and self.base < base + size and base < 1 << 36"),
    Mutant("tensor aligned to 16", RUN, "tensor % 32", "tensor % 16"),
    Mutant("tensor aligned to 64", RUN, "tensor % 32", "tensor % 64"),
    Mutant("overlap misses the last byte", OVERLAP, "base < self.base + self.size", "base + 1 < self.base + self.size"),
    Mutant("neighbours taken for overlapping", OVERLAP, "base < self.base + self.size", "base <= self.base + self.size"),
    Mutant("overlap misses the first byte", OVERLAP, "self.base < base + size", "self.base + 1 < base + size"),
    Mutant("overlap with equal bases only", OVERLAP, "base < self.base + self.size and self.base < base + size", "base == self.base"),
    Mutant("overlap with one region only", FREE_FOR, "for other, r in self.regions.items()", "for other, r in list(self.regions.items())[:1]"),
    Mutant("overlap with itself counts", FREE_FOR, "if other != name", "if True"),
    Mutant("switching off takes any size", FIXED, "memory == 0 and size == 0 and need > 0", "memory == 0 and need > 0"),
    Mutant("switching off takes any address", FIXED, "memory == 0 and size == 0 and need > 0", "size == 0 and need > 0"),
    Mutant("switching off for P2P too", FIXED, "off = default and memory", "off = memory"),
    Mutant("switching off where nothing is fixed", FIXED, "size == 0 and need > 0", "size == 0"),
    Mutant("policy 2 for 4", FIXED, 'self.policy == "4"', 'self.policy == "2"'),
    # an order or a state is wrong
    Mutant("refusal switches off", FIXED, "return FAILED\n            g.fixed_off = True", "g.fixed_off = True\n                return FAILED"),
    Mutant("refused const is bound", CONST, 'if not g.free_for("const", memory, size):\n            return PARAM_INVALID',
           'if not g.free_for("const", memory, size):\n            g.regions["const"] = Region(memory, size)\n            return PARAM_INVALID'),
    Mutant("refused refresh drops the old base", REFRESH, "if g.runs:\n            return FAILED",
           'if g.runs:\n            g.regions.pop("refreshable", None)\n            return FAILED'),
    Mutant("refused feature forgets the run", FEATURE, "if g.runs:\n            return FAILED", "if g.runs:\n            g.callbacks = 0\n            g.streams.clear()\n            return FAILED"),
    Mutant("refused run sets the mode", RUN, "if tensor % 32 != 0:", "g.mode = mode\n        if tensor % 32 != 0:"),
    Mutant("refused run loads", RUN, "if tensor % 32 != 0:", "self.load(graph_id, g)\n        if tensor % 32 != 0:"),
    Mutant("refused add replaces the graph", ADD, "return FAILED", "self.graphs[graph_id] = Graph(ADDED)\n            return FAILED"),
    Mutant("refused remove removes", REMOVE, "if self.graphs[graph_id].runs:\n            return FAILED",
           "if self.graphs.pop(graph_id).runs:\n            return FAILED\n        self.graphs[graph_id] = Graph()"),
    Mutant("finalise keeps the graphs", FINAL, "self.graphs.clear()", "pass"),
    Mutant("finalise stays initialised", FINAL, "self.initialised = False", "pass"),
    Mutant("remove keeps the graph", REMOVE, "del self.graphs[graph_id]", "pass"),
    Mutant("remove leaves a stale mode", ADD, "self.graphs[graph_id] = Graph(ADDED)",
           "self.graphs[graph_id] = Graph(ADDED, mode=self.stale.get(graph_id, ''))",
           (REMOVE, "del self.graphs[graph_id]", "self.stale[graph_id] = self.graphs.pop(graph_id).mode"), STALE),
    Mutant("remove leaves const set", ADD, "self.graphs[graph_id] = Graph(ADDED)",
           "self.graphs[graph_id] = Graph(ADDED, regions=self.stale.get(graph_id, {}))",
           (REMOVE, "del self.graphs[graph_id]", "self.stale[graph_id] = self.graphs.pop(graph_id).regions"), STALE),
    Mutant("remove leaves fixed memory switched off", ADD, "self.graphs[graph_id] = Graph(ADDED)",
           "self.graphs[graph_id] = Graph(ADDED, fixed_off=self.stale.get(graph_id, False))",
           (REMOVE, "del self.graphs[graph_id]", "self.stale[graph_id] = self.graphs.pop(graph_id).fixed_off"), STALE),
    Mutant("const of all graphs set at once", CONST, 'if g.mine("const"):', 'if any(h.mine("const") for h in self.graphs.values()):'),
    Mutant("feature keeps the parts", FEATURE, 'for name in ("refreshable", "fixed"):', 'for name in ():'),
    Mutant("feature forgets const", FEATURE, 'for name in ("refreshable", "fixed"):', 'for name in ("refreshable", "fixed", "const"):'),
    Mutant("refresh keeps the old base", REFRESH, 'g.regions["refreshable"] = Region(memory, size)', 'g.regions.setdefault("refreshable", Region(memory, size))'),
    Mutant("loaded memory counts as the caller's", INNER, "mine=False", "mine=True"),
    Mutant("load forgets the phase", INNER, "g.phase = LOADED", "pass"),
    Mutant("load replaces what is bound", INNER, "if name not in g.regions:\n                    g.regions[name]", "if True:\n                    g.regions[name]"),
    Mutant("load hands out one address", INNER, "self.allocate(size)", "0x7000_0000"),
    Mutant("load forgets feature where switched off", INNER, 'needs["feature"] = g.summary.feature', "pass"),
    Mutant("one callback ends all runs", CALLBACK, "callbacks -= 1", "callbacks = 0"),
    Mutant("a callback ends no run", CALLBACK, "self.graphs[graph_id].callbacks -= 1", "pass"),
    Mutant("asynchronous runs end at once", ASYNC, "self.graphs[graph_id].callbacks += 1", "pass"),
    Mutant("asynchronous runs are not counted", ASYNC, "callbacks += 1", "callbacks = 1"),
    Mutant("stream runs end at once", STREAM, "self.graphs[graph_id].streams.add(stream)", "pass"),
    Mutant("only the last stream is remembered", STREAM, "streams.add(stream)", "streams = {stream}"),
    Mutant("synchronising ends nothing", SYNC, "g.streams.discard(stream)", "pass"),
    Mutant("synchronising ends callback runs too", SYNC, "g.streams.discard(stream)", "g.streams.discard(stream)\n            g.callbacks = 0"),
    Mutant("synchronising ends every stream", SYNC, "g.streams.discard(stream)", "g.streams.clear()"),
    Mutant("runs on one stream may not share memory", RUN, "if h.streams == {stream}:", "if False:"),
    Mutant("runs on two streams may share memory", RUN, "if h.streams == {stream}:", "if stream and h.streams:"),
    Mutant("runs that share one stream of two may share memory", RUN, "if h.streams == {stream}:", "if stream in h.streams:"),
    Mutant("summary of refreshable inverted", RESULT, '= self.is_refreshable', '= not self.is_refreshable'),
    Mutant("summary mixes up the types", RESULT, '"p2p_fixed_size": self.p2p', '"p2p_fixed_size": self.fixed'),
    Mutant("summary lacks const", RESULT, 'found["const_size"] = self.const', "pass"),
    Mutant("summary says static", RESULT, '"is_static": self.is_static', '"is_static": True'),
    Mutant("summary has a negative size", RESULT, '= self.refreshable', '= -1'),
    Mutant("refreshable whatever the option", MAKE, "made.is_refreshable and self.refreshable", "True"),
    Mutant("allocation overlaps", "def allocate", "self.next += ", "self.next += 0 * "),
    Mutant("allocation at null", MALLOC, "base = self.allocate(size)", "base = 0"),
    Mutant("initialise fails the second time", "def GEInitializeV2", "self.initialised = True",
           'self.starts = getattr(self, "starts", 0) + 1\n        if self.starts > 1:\n            return FAILED\n        self.initialised = True'),
)  # fmt: skip

EQUIVALENT = {
    "feature keeps the parts": "the parts that it keeps are its own, in memory that this driver never hands out again: "
    "nothing that a caller may bind overlaps them, and both setters are refused beside feature memory anyway",
    "sizes compared as signed": "a size from 2**63 on lies in no allocation, so that a caller who passes it breaks a duty",
}
"""Mutants that no sequence of calls can tell from the original, and why."""
