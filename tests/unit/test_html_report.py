"""The HTML report as a file: complete, the same each time, and deaf to whatever its data says."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from callproof.errors import InputError, UsageError
from callproof.report.html.graph import graph_data
from callproof.report.html.page import embedded
from callproof.report.html.regions import memory_of, pattern
from callproof.report.html.results import read_results
from callproof.report.html.traces import Player
from callproof.run.landscape import landscape
from callproof.run.request import Request
from callproof.trace import decode_trace
from tests.support.pages import HOSTILE, dma, dma_page, hostile_trace, long_trace


class Elements(HTMLParser):
    """Every element with its attributes, and what stands in script and style elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, str]] = []
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open = tag
        if tag in ("script", "style"):
            self.inside.append((dict(attrs).get("id") or tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in ("script", "style"):
            name, text = self.inside[-1]
            self.inside[-1] = name, text + data

    def text_of(self, name: str) -> str:
        """The text of the one script or style of a name."""
        (text,) = [text for found, text in self.inside if found == name]
        return text


@pytest.fixture(scope="module")
def plain() -> str:
    return dma_page()


def test_equal_evidence_gives_equal_bytes(plain: str) -> None:
    assert dma_page() == plain


def test_nothing_is_fetched_from_elsewhere(plain: str) -> None:
    elements = Elements(plain)
    for tag, attributes in elements.found:
        assert tag not in ("link", "img", "iframe", "object", "base"), tag
        assert not {"src", "srcset", "style"} & set(attributes), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert (attributes.get("href") or "#").startswith("#"), attributes
    assert "@import" not in elements.text_of("style")
    assert "url(" not in elements.text_of("style")


def test_the_policy_names_the_hash_of_the_only_script_and_style(plain: str) -> None:
    elements = Elements(plain)
    (policy,) = [a["content"] for tag, a in elements.found if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    for name, text in (("script-src", elements.text_of("script")), ("style-src", elements.text_of("style"))):
        hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{hashed}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_every_link_leads_somewhere(plain: str) -> None:
    elements = Elements(plain)
    ids = {a["id"] for _, a in elements.found if "id" in a}
    keys = {trace["key"] for trace in json.loads(elements.text_of("report-data"))["traces"]}
    links = {(a.get("href") or "")[1:] for tag, a in elements.found if tag == "a"}
    assert "example-1" in links
    assert links - ids - keys == set()
    assert len(ids) == sum("id" in a for tag, a in elements.found)


def test_the_tables_are_there_without_scripts(plain: str) -> None:
    text = re.sub(r"<script.*?</script>", "", plain, flags=re.S)
    for word in ("buffer-stable", "violated", "proved", "dma_start", "May a buffer be changed while the channel runs?"):
        assert word in text
    assert '<a href="#clause-H1">H1</a> <span class="quiet">of dma_set_buffer</span>' in text


def test_hostile_words_stay_words() -> None:
    page = dma_page(hostile_trace())
    elements = Elements(page)
    assert [tag for tag, _ in elements.found].count("script") == 3
    assert "window.hacked=1</script>" not in page
    assert not set("\u202e\u2028\u0007") & set(page)
    data = json.loads(elements.text_of("report-data"))
    returned = data["traces"][-1]["steps"][0]["returned"]
    assert returned.startswith("</script><script>")
    assert "\\u202e\\u2028\\x07" in returned


@pytest.mark.parametrize("text", [HOSTILE, "]]>", "<!--<script>", "a\u2029b"])
def test_embedded_json_has_no_markup_and_reads_back(text: str) -> None:
    made = embedded({"key": text})
    assert not set("<>&\u2028\u2029") & set(made)
    assert json.loads(made) == {"key": text}


def unable(*_: object) -> str:
    raise UsageError("no template")


def test_a_trace_is_shown_as_it_was_replayed() -> None:
    spec, _ = dma()
    trace = decode_trace(
        b'{"format": "callproof-trace", "version": 1, "spec": "dma", "steps": ['
        b'{"call": "dma_set_buffer", "args": {"channel": 2, "memory": "0x1000", "size": "16"}},'
        b'{"call": "dma_start", "args": {"channel": 2}, "returned": "SUCCESS"},'
        b'{"call": "dma_set_buffer", "args": {"channel": 2, "memory": "0x2000", "size": 16}, "returned": 0},'
        b'{"call": "dma_start", "args": {"channel": 1}, "returned": "SUCCESS"}]}'
    )
    converters = {"loud": lambda played, _, source: f"{source}: {len(played.steps)} steps!", "none": unable}
    shown = Player(spec, converters).shown("trace-1", "t", "s", trace)
    first, second, third, fourth = shown.steps
    assert first.args == (("channel", "2"), ("memory", "0x1000"), ("size", "16"))
    named = {shown.names[n]: (old, new) for n, old, new in first.changes}
    assert named["channels[2].buffer.base"] == ("0x0", "0x1000")
    assert named["channels[2].buffer.bound"] == ("false", "true")
    assert second.conforms is True
    assert (third.verdict, third.clauses, third.broken) == ("may", ("H1",), (("buffer-stable", "ChannelId 2"),))
    assert (fourth.conforms, fourth.clauses) == (False, ("D1",))
    assert shown.copies["loud"] == "t: 4 steps!"
    assert "none" not in shown.copies
    assert decode_trace(shown.copies["JSON"].encode()).steps == trace.steps


def test_memory_is_found_by_its_shape() -> None:
    from ge_memory import SPEC

    found = {memory.path: memory for memory in memory_of(SPEC.state)}
    assert set(found) == {f"graphs[].{n}" for n in ("const", "feature", "refreshable", "fixed", "p2p")} | {"blocks[]"}
    assert (found["graphs[].const"].present, found["graphs[].const"].allocated) == ("bound", "live")
    assert (found["blocks[]"].present, found["blocks[]"].allocated, found["blocks[]"].base) == ("live", "", "base")
    assert found["graphs[].const"].group != found["blocks[]"].group
    assert pattern("graphs[12].lanes[3].busy") == "graphs[].lanes[].busy"


def unpacked(data: Any) -> tuple[list[int], list[list[tuple[int, int, int]]]]:
    """States and edges (target, label, strictest layer), read as the page's script reads them."""
    raw = zlib.decompress(base64.b64decode(data.packed))
    states = [int.from_bytes(raw[n * data.bytes : (n + 1) * data.bytes], "little") for n in range(data.states)]
    at = data.states * data.bytes

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = raw[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    edges = []
    for state in range(data.states):
        leaving = []
        for _ in range(number()):
            code, away = number(), number()
            target = state + (-(away + 1) // 2 if away % 2 else away // 2)
            leaving.append((target, code // len(data.layers), code % len(data.layers)))
        edges.append(leaving)
    assert at == len(raw)
    return states, edges


def test_the_graph_is_that_of_every_layer() -> None:
    spec, result = dma()
    request = Request()
    land = landscape(spec, request, dict(result.resources), request.layers)
    data = graph_data(land)
    states, edges = unpacked(data)
    assert states == list(land.graph.reach.states)
    names = [layer.layer for layer in result.layers]
    assert list(data.layers) == names
    for position, layer in enumerate(result.layers):
        reached, wanted = {0}, [0]
        while wanted:
            for target, _, strictest in edges[wanted.pop()]:
                if strictest >= position and target not in reached:
                    reached.add(target)
                    wanted.append(target)
        kept = sum(strictest >= position for state in reached for *_, strictest in edges[state])
        assert (len(reached), kept) == (layer.states, layer.edges), layer.layer


def test_a_graph_too_large_is_cut_and_says_so() -> None:
    spec, result = dma()
    request = Request()
    land = landscape(spec, request, dict(result.resources), request.layers)
    data = graph_data(land, edge_limit=2)
    states, edges = unpacked(data)
    assert data.left_out == len(land.graph.reach.states) - len(states) > 0
    assert sum(map(len, edges)) == data.edges <= 2
    assert "farthest states are left out" in dma_page(graph=data)


def test_a_long_trace_takes_little_room() -> None:
    assert len(dma_page(long_trace(5_000))) < 2_500_000


RESULT = {
    "format": "callproof-conformance", "version": 1, "spec": "dma", "driver": {"name": "acme", "version": HOSTILE},
    "suites": ["clauses"], "seed": 7, "layer": "hardened",
    "findings": [{
        "sort": "accepted", "call": "dma_start", "clauses": ["D1"], "verdict": "must_reject", "message": HOSTILE,
        "counts": True, "occurrences": 2, "suite": "clauses", "deterministic": True,
        "trace": {"format": "callproof-trace", "version": 1, "spec": "dma",
                  "steps": [{"call": "dma_start", "args": {"channel": 1}, "returned": "SUCCESS"}]},
    }],
    "clauses": [{
        "call": "dma_start", "clause": "D1", "fails": {"accepted": 1, "refused": 0}, "status": "covered", "why": "",
        "alone": {"accepted": 1, "refused": 0},
    }],
    "uncovered": [], "calls": 4, "sessions": 2, "out_of_time": False, "exit": 1,
}  # fmt: skip


def test_results_of_a_test_are_read(tmp_path: Path) -> None:
    file = tmp_path / "test.json"
    file.write_text(json.dumps(RESULT))
    spec, result = dma()
    results, traces = read_results(str(file), Player(spec))
    assert not results.conforms
    assert results.findings[0].key == traces[0].key == "finding-1"
    assert traces[0].steps[0].conforms is False
    from callproof.report.html import Evidence

    page = dma_page(evidence=Evidence(result, results=results, traces=traces))
    assert [tag for tag, _ in Elements(page).found].count("script") == 3
    assert '<a href="#finding-1">' in page
    assert "test: accepted 1×" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "no result of `callproof test --json`"),
        ({"version": 99}, "version 99"),
        ({"spec": "another"}, "a test of another, not of dma"),
        ({"calls": "many"}, "calls"),
        ({"findings": [{}]}, "findings"),
    ],
)
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    file = tmp_path / "test.json"
    file.write_text(json.dumps(RESULT | change))
    spec, _ = dma()
    with pytest.raises(InputError, match=said):
        read_results(str(file), Player(spec))


def test_a_result_that_does_not_fit_the_specification_is_refused(tmp_path: Path) -> None:
    text = json.dumps(RESULT).replace('"call": "dma_start", "args"', '"call": "unheard_of", "args"')
    (tmp_path / "test.json").write_text(text)
    spec, _ = dma()
    with pytest.raises(InputError, match="unheard_of"):
        read_results(str(tmp_path / "test.json"), Player(spec))
