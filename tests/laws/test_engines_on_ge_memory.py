"""Four engines, one answer, on a part of ge-memory that each of them can manage."""

import pytest

from callproof.run.check import check
from callproof.run.request import Request
from callproof.verdict import Status
from ge_memory import SPEC
from tests.support.differential import answers

ONE_GRAPH = ("one-run-mode", "const-fits", "no-wrap", "base-not-null", "running-is-loaded", "static-only")
"""Invariants of one graph: of sizes, addresses and life, some broken by four calls where only the pages are kept."""
BOUND = 4
CHC_BUDGET = 20_000_000


@pytest.mark.parametrize("layer", ["documented", "hardened"])
def test_the_bounded_engines_find_the_same_shortest_counterexamples(layer: str) -> None:
    asked = {"layer": layer, "bound": BOUND, "graphs": 1, "invariants": ONE_GRAPH}
    edges, paths, sequences = (answers(SPEC, **asked, engine=engine) for engine in ("edges", "paths", "sequences"))
    lengths = {id: answer.calls for id, answer in edges.items()}
    assert lengths == {id: answer.calls for id, answer in paths.items()}
    assert lengths == {id: answer.calls for id, answer in sequences.items()}
    assert set(lengths.values()) == ({None} if layer == "hardened" else {None, 4})
    for answer in paths.values():
        assert answer.scope == "sequences of up to 4 calls, 1 GraphId, 1 StreamId, 1 BlockId"


@pytest.mark.parametrize(("id", "bits"), [("one-run-mode", 64), ("const-fits", 5), ("tensor-aligned", 5)])
def test_horn_clauses_prove_what_edges_prove(id: str, bits: int) -> None:
    asked = {"layer": "hardened", "graphs": 1, "invariants": (id,)}
    (found,) = answers(SPEC, **asked, engine="chc", word_bits=bits, budget=CHC_BUDGET).values()
    (edges,) = answers(SPEC, **asked).values()
    assert found.status is edges.status is Status.PROVED
    words = "" if bits == 64 else f", words of {bits} bits"
    assert found.scope == f"any length{words}, 1 GraphId, 1 StreamId, 1 BlockId"


def test_what_horn_clauses_refute_with_narrow_words_has_a_trace_of_wide_ones() -> None:
    request = Request("documented", BOUND, 1, invariants=("no-wrap",), engine="chc", word_bits=5, budget=CHC_BUDGET)
    (found,) = check(SPEC, request).layers[0].findings
    assert found.status is Status.VIOLATED
    assert found.counterexample is not None
    assert len(found.counterexample.steps) == 4
