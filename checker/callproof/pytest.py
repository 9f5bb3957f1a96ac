"""A driver's contract as pytest items, one for each clause of each call.

In a test file of the driver:

    from callproof.pytest import conformance

    test_contract = conformance("mydriver:Driver")

The driver is tested once in each process of pytest, so with pytest-xdist say `--dist loadfile`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from callproof.conform.campaign import Request
    from callproof.conform.results import ConformanceResult
    from callproof.trace import Trace

DRIVER, COVERAGE = "driver", "coverage"
"""Items beside the clauses: that the driver answers as it must where no clause fails, and that nothing is missing."""


def conformance(
    driver: str | Sequence[str],
    *,
    spec: str = "ge-memory",
    suites: Sequence[str] = ("clauses", "variants", "boundaries", "random"),
    seed: int = 1,
    seconds: float | None = None,
    walks: int | None = 5,
    jobs: int = 1,
    timeout: float = 10.0,
    hazards: str = "report",
) -> Callable[..., None]:
    """A test function with one item for each clause, to be assigned to a name that pytest collects.

    `driver` is `module:attr`, `file.py:attr` or a command as a list. The driver is tested once, when the first item
    runs. With `hazards="fail"` a missing check that no page names fails its item. Raises `UsageError` for an unknown
    specification or driver.
    """
    from callproof.conform.campaign import Request
    from callproof.drivers.locate import driver_command

    command = driver_command([driver] if isinstance(driver, str) else driver)
    request = Request(command, tuple(suites), seed, seconds, jobs, timeout, hazards == "fail", walks=walks)
    ids = [f"{call}-{clause}" for call, clause in _clauses(spec)]

    @pytest.mark.parametrize("item", [*ids, DRIVER, COVERAGE])
    def test(item: str) -> None:
        __tracebackhide__ = True
        _check(_result(spec, request), item)

    return test


def reproduction(
    driver: str | Sequence[str], trace: Trace, *, spec: str = "", timeout: float = 10.0
) -> Callable[[], None]:
    """A test function that makes the calls of a trace on a driver: it fails where the driver breaks the contract.

    Addresses are those that the driver hands out now. Where the caller of the trace breaks a duty, or the driver goes
    another way that the contract allows, the rest is not judged, and the test is skipped. `spec` names the
    specification as the command line does, if the trace's name is not that of an installed one.
    """
    words = [driver] if isinstance(driver, str) else list(driver)

    def test() -> None:
        __tracebackhide__ = True
        from callproof.conform.again import run_again
        from callproof.drivers.locate import driver_command
        from callproof.model.loading import load_specification

        outcome = run_again(load_specification(spec or trace.spec), trace, driver_command(words), timeout)
        if outcome.sighting is not None:
            signature, number = outcome.sighting.signature, len(outcome.sighting.steps)
            ids = f" ({', '.join(signature.clauses)})" if signature.clauses else ""
            text = f"step {number}: {signature.call} {signature.sort.value}{ids} {outcome.sighting.message}"
            pytest.fail(text.rstrip(), pytrace=False)
        if outcome.stopped:
            pytest.skip(outcome.stopped)

    return test


def _clauses(spec: str) -> list[tuple[str, str]]:
    from callproof.conform.coverage import clause_uses
    from callproof.model.loading import load_specification

    return list(clause_uses(load_specification(spec)))


@lru_cache(maxsize=8)
def _result(spec: str, request: Request) -> ConformanceResult:
    from callproof.conform.campaign import conformance as test_driver
    from callproof.model.loading import load_specification

    return test_driver(load_specification(spec), request)


def _check(result: ConformanceResult, item: str) -> None:
    __tracebackhide__ = True
    from callproof.report.conform_text import finding_text

    own = [f for f in result.failures if item in _items(f)]
    if own:
        pytest.fail("\n\n".join(finding_text(f) for f in own), pytrace=False)
    if item == COVERAGE:
        missing = [f"{u.what}: {u.why}" for u in result.uncovered if u.required]
        if missing:
            pytest.fail("not covered: " + "; ".join(missing), pytrace=False)
    for row in result.clauses:
        if f"{row.call}-{row.clause}" == item and row.status != "covered":
            pytest.skip(row.why)


def _items(finding: Any) -> list[str]:
    """The items that a finding fails."""
    signature = finding.signature
    return [f"{signature.call}-{clause}" for clause in signature.clauses] or [DRIVER]
