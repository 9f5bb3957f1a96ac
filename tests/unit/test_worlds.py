"""Two worlds are in the same state where each unknown value of one stands for one of the other at all places."""

from typing import Any

from callproof.parametric import OpenMachine, World
from callproof.parametric.unknown import Unknown
from tests.support.tank import tank

MACHINE = OpenMachine(tank())


def world(first: Any, second: Any = 0) -> World:
    """A world with one tank; two of its fields have these values."""
    made = MACHINE.world()
    made.keep(("TankId",), (1,), [first, second, 0])
    return made


def test_what_is_unknown_in_both_at_the_same_places_is_the_same() -> None:
    one, two = Unknown(), Unknown()
    assert world(one, 3).same(world(two, 3))
    assert world(one, one).same(world(two, two))
    assert world(one).same(world(one))


def test_known_is_not_unknown() -> None:
    assert not world(Unknown()).same(world(3))
    assert not world(3).same(world(Unknown()))
    assert not world(Unknown(), 3).same(world(Unknown(), 4))


def test_the_same_unknown_twice_is_not_two_unknown_values() -> None:
    one, two, three = Unknown(), Unknown(), Unknown()
    assert not world(one, one).same(world(two, three))
    assert not world(two, three).same(world(one, one))
    assert not world(one, two).same(world(one, one))


def test_values_that_have_names_are_different_values() -> None:
    assert not world(Unknown("a")).same(world(Unknown("b")))
