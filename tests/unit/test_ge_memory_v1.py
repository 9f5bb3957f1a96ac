"""The v1 specification: what it adds, what it shares, and that every difference that the facts file lists is in it."""

from callproof.model import Treatment
from callproof.model.loading import load_specification

GE, V1 = load_specification("ge-memory"), load_specification("ge-memory-v1")
OWN = {
    "GEInitialize", "GEFinalize", "BuildGraph", "ExecuteGraphWithStreamAsync", "SetGraphFixedFeatureMemoryBase",
}  # fmt: skip
CHANGED = {
    "CompileGraph", "LoadGraph", "RunGraph", "RunGraphAsync", "RunGraphWithStreamAsync",
    "SetGraphFixedFeatureMemoryBaseWithType",
}  # fmt: skip


def test_what_is_not_changed_is_the_same_body() -> None:
    for name in set(V1.operations) - OWN - CHANGED:
        assert V1.operations[name].body is GE.operations[name].body
    assert set(V1.operations) - OWN == set(GE.operations) - {"GEInitializeV2", "GEFinalizeV2"}
    assert {id: invariant.body for id, invariant in V1.invariants.items()} == {
        id: invariant.body for id, invariant in GE.invariants.items()
    }


def test_every_difference_is_a_fact_of_its_own() -> None:
    own = [fact for fact in V1.facts if fact.id.startswith("V")]
    assert [fact.id for fact in own] == ["V1", "V2", "V3", "V4", "V5", "V6"]
    assert [fact.id for fact in own if fact.treatment is Treatment.CLAUSE] == ["V1", "V2", "V3", "V4"]
    assert set(V1.clauses) - set(GE.clauses) == {"V1", "V2", "V3", "V4"}


def test_every_call_of_its_own_has_a_twin() -> None:
    assert {twin.call for twin in V1.twins} == OWN
    assert all(twin.of in GE.operations for twin in V1.twins)
