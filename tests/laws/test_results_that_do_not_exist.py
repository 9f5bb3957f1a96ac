"""A result that does not exist is 0, for the interpreter and for every engine alike."""

import pytest

from callproof.model import Bool, Record, Size, Specification, boolean, result, size
from callproof.run.check import check
from callproof.run.request import ENGINES, Request
from callproof.verdict import Status


class Tank(Record):
    open = boolean()
    level = size()


def tank(*, opens: bool) -> Specification[Tank]:
    """The level is read where it is told, and stored in any case."""
    spec = Specification("tank", "A tank", Tank, ())

    @spec.call("Read")
    def read(s: Tank) -> None:
        """An open tank tells its level."""
        s.level = result("level", Size, when=s.open)

    @spec.invariant("empty", "SIZE")
    def empty(s: Tank) -> Bool:
        """No level is ever stored."""
        return s.level == 0

    if opens:

        @spec.call("Open")
        def open_(s: Tank) -> None:
            """Open the tank."""
            s.open = True

    return spec


@pytest.mark.parametrize("engine", ENGINES)
def test_a_result_that_never_exists_breaks_nothing(engine: str) -> None:
    (found,) = check(tank(opens=False), Request(layer="documented", bound=3, engine=engine)).layers[0].findings
    assert found.status is Status.PROVED


@pytest.mark.parametrize("engine", ENGINES)
def test_a_result_that_exists_does(engine: str) -> None:
    (found,) = check(tank(opens=True), Request(layer="documented", bound=3, engine=engine)).layers[0].findings
    assert found.counterexample is not None
    assert [step.call for step in found.counterexample.steps] == ["Open", "Read"]
