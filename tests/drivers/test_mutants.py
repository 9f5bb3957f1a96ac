"""Every seeded defect of the reference library is listed, can be built, and is shown by the calls stored for it."""

import pytest

from callproof.model.loading import load_specification
from tests.drivers import building, listing, witnesses
from tests.drivers.client import Client
from tests.drivers.walks import machine
from tests.drivers.witnesses import Answer, Witness

pytestmark = pytest.mark.xdist_group("native")

WITNESSES = {witness.mutant: witness for witness in witnesses.read()}
SAMPLE = (17, 82, 120)
"""Mutants that are compiled by themselves without --all-mutants."""


@pytest.fixture(scope="module")
def interpreter():
    return machine()


@pytest.fixture(scope="module")
def reference():
    with Client(building.runner()) as client:
        yield client


def shown(reference: Client, mutant: Client, interpreter, witness: Witness) -> tuple[int, str] | None:
    """Where the mutant differs from the library without a defect, and how the contract judges that."""
    try:
        got = witnesses.run(mutant, interpreter, witness)
    except (EOFError, BrokenPipeError):
        got = [Answer("no reset", "failed")]
    return witnesses.difference(got, witnesses.run(reference, interpreter, witness))


def test_the_list_has_every_switch_of_the_sources() -> None:
    numbers = [mutant.number for mutant in listing.mutants()]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == listing.switches()
    assert len(numbers) >= 60


def test_the_list_says_what_each_gets_wrong() -> None:
    spec = load_specification("ge-memory")
    known = set(spec.clauses) | {fact.id for fact in spec.facts} | {question.id for question in spec.questions}
    for mutant in listing.mutants():
        assert mutant.wrong, mutant
        assert mutant.about in known, mutant


def test_a_mutant_has_a_witness_or_a_reason_why_not() -> None:
    for mutant in listing.mutants():
        witness = WITNESSES.get(mutant.number)
        assert (witness is None) == bool(mutant.equivalent), mutant
    assert set(WITNESSES) <= listing.switches()
    assert {witness.judged for witness in WITNESSES.values()} == {"wrong", "hazard"}


@pytest.mark.parametrize("number", sorted(WITNESSES))
def test_the_witness_shows_the_mutant(number: int, reference: Client, interpreter) -> None:
    witness = WITNESSES[number]
    with Client(building.runner(), building.library(building.ALL), number) as mutant:
        assert shown(reference, mutant, interpreter, witness) == (len(witness.calls) - 1, witness.judged)


def test_a_witness_shows_nothing_in_the_library_without_a_defect(reference: Client, interpreter) -> None:
    with Client(building.runner(), building.library(building.ALL), 0) as unchanged:
        for witness in WITNESSES.values():
            assert shown(reference, unchanged, interpreter, witness) is None


def test_a_mutant_compiled_by_itself_does_the_same(request: pytest.FixtureRequest, reference, interpreter) -> None:
    chosen = sorted(WITNESSES) if request.config.getoption("--all-mutants") else SAMPLE
    for number in chosen:
        witness = WITNESSES[number]
        with Client(building.runner(), building.library(str(number))) as mutant:
            found = shown(reference, mutant, interpreter, witness)
        assert found == (len(witness.calls) - 1, witness.judged), number
