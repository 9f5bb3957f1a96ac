"""The specification accounts for every fact and every question, and cites pages that exist."""

import re
from pathlib import Path

import pytest

from callproof.model import Origin, Treatment
from callproof.model.loading import load_specification

GE = load_specification("ge-memory")

COUNTS = {"L": 11, "S": 7, "R": 9, "F": 6, "X": 9, "C": 5, "A": 5}
FACTS = [f"{letter}{n}" for letter, count in COUNTS.items() for n in range(1, count + 1)]
QUESTIONS = [f"Q{n}" for n in range(1, 13)]

PAGES = {
    "GEInitializeV2", "GEFinalizeV2", "AddGraph", "RemoveGraph", "CompileGraph", "GetCompiledGraphSummary", "LoadGraph",
    "RunGraph", "RunGraphAsync", "RunGraphWithStreamAsync", "SetGraphConstMemoryBase", "UpdateGraphFeatureMemoryBase",
    "SetGraphFixedFeatureMemoryBaseWithType", "UpdateGraphRefreshableFeatureMemoryBase", "RegisterExternalAllocator",
    "UnregisterExternalAllocator", "ge/ge_api_v2.h", "ge.exec.staticMemoryPolicy", "ge.featureBaseRefreshable",
}  # fmt: skip
SECTIONS = re.compile(r"(约束说明|功能说明|参数说明)(, item \d)?|comment of the function|options")


def test_every_fact_is_listed_once() -> None:
    assert [fact.id for fact in GE.facts] == FACTS


def test_every_question_is_listed_once() -> None:
    assert [question.id for question in GE.questions] == QUESTIONS


def test_the_facts_file_has_the_same_ids() -> None:
    file = Path(__file__).parents[3] / "shared" / "ge-memory-api.md"
    if not file.exists():
        pytest.skip("the facts file is not beside this checkout")
    ids = re.findall(r"^\| ([A-Z]\d+) \|", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in ids if name[0] != "Q"] == FACTS
    assert [name for name in ids if name[0] == "Q"] == QUESTIONS


@pytest.mark.parametrize("fact", GE.facts, ids=lambda fact: fact.id)
def test_a_fact_is_what_it_is_said_to_be(fact) -> None:
    clauses = [name for name in GE.clauses if name == fact.id or name.startswith(f"{fact.id}-")]
    assert fact.why
    assert bool(clauses) == (fact.treatment is Treatment.CLAUSE)
    for name in clauses:
        assert GE.clauses[name].origin is not Origin.HARDENING


@pytest.mark.parametrize("clause", GE.clauses.values(), ids=lambda clause: clause.id)
def test_a_clause_cites_a_page_that_exists(clause) -> None:
    if clause.origin in (Origin.DOCUMENTED, Origin.HEADER):
        assert clause.page
    for page in filter(None, clause.page.split(", ")):
        assert page in PAGES
    if clause.page:
        assert SECTIONS.fullmatch(clause.section)
    if clause.origin is Origin.HARDENING:
        assert clause.question in QUESTIONS
        assert not clause.page


def test_a_documented_clause_stands_on_the_page_of_the_call_that_states_it() -> None:
    from callproof.report.spec_text import describe

    for call in describe(GE)["calls"]:
        for clause in call["clauses"]:
            if clause["origin"] == "documented" and clause["id"] not in ("L1", "O1"):
                assert call["page"] in clause["page"].split(", "), (call["name"], clause["id"])


@pytest.mark.parametrize("question", GE.questions, ids=lambda question: question.id)
def test_a_question_is_answered_by_an_invariant_or_a_decision(question) -> None:
    answering = [i.id for i in GE.invariants.values() if question.id in i.answers]
    assert answering or question.answer.startswith("Decided: ")
    for name in re.findall(r"\b(?:[a-z0-9]+-)+[a-z0-9]+\b", question.answer):
        assert name in GE.invariants or name in GE.clauses or name.endswith("-fits"), name


def test_the_calls_and_invariants_that_were_asked_for() -> None:
    assert {
        "GEInitializeV2", "GEFinalizeV2", "AddGraph", "RemoveGraph", "CompileGraph", "GetCompiledGraphSummary",
        "SetGraphConstMemoryBase", "UpdateGraphFeatureMemoryBase", "SetGraphFixedFeatureMemoryBaseWithType",
        "UpdateGraphRefreshableFeatureMemoryBase", "LoadGraph", "RunGraph", "RunGraphAsync", "RunGraphWithStreamAsync",
        "RegisterExternalAllocator", "UnregisterExternalAllocator", "run callback", "aclrtSynchronizeStream",
        "aclrtMalloc", "aclrtFree",
    } == set(GE.operations)  # fmt: skip
    wanted = {
        "SIZE": "const-fits feature-fits refreshable-fits fixed-fits p2p-fixed-fits loaded-backed",
        "ADDRESS": "base-not-null no-wrap disjoint-in-graph disjoint-in-flight const-base-stable fixed-base-stable "
        "unrefreshable-base-stable stable-while-running no-remove-while-running running-is-allocated",
        "LIFECYCLE": "feature-or-refreshable feature-or-fixed off-then-no-refreshable one-run-mode "
        "allocator-not-used-where-bound",
    }
    for cls, names in wanted.items():
        for name in names.split():
            assert GE.invariants[name].cls.value == cls
