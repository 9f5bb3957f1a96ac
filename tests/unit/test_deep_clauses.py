"""A clause that fails alone only where sizes have grown to it is shown, and a driver that forgets it is found out."""

from pathlib import Path

from callproof.conform.campaign import Request, conformance
from callproof.conform.results import ConformanceResult
from callproof.drivers.locate import driver_command
from callproof.model.loading import load_specification

EXAMPLES = Path(__file__).parents[2] / "examples"


def judged(driver: str) -> ConformanceResult:
    command = driver_command([f"{EXAMPLES / 'ring_driver.py'}:{driver}"])
    return conformance(load_specification(f"{EXAMPLES / 'ring.py'}:SPEC"), Request(command, ("clauses",), strict=True))


def test_a_full_ring_is_reached() -> None:
    result = judged("RingDriver")
    assert result.findings == ()
    assert {row.status for row in result.clauses if (row.call, row.clause) == ("ring_post", "H2")} == {"covered"}


def test_writing_past_the_end_is_found_in_the_fewest_calls() -> None:
    (finding,) = judged("Careless").findings
    assert [step.call for step in finding.trace.steps] == ["ring_setup", "ring_start", "ring_post", "ring_post"]
