"""A sample of the inputs that `python -m tests.reliability.fuzz` gives to every reader."""

import random
from pathlib import Path

import pytest

from tests.reliability.fuzz import NAMES, in_a_process
from tests.reliability.mutation import mutated
from tests.reliability.readers import PROFILE, readers

INPUTS = 150
MEMORY = 500
"""MiB that a reader may take at the most."""


@pytest.mark.parametrize("reader", NAMES)
def test_what_is_nearly_right_is_read_or_refused_in_a_line(reader: str) -> None:
    outcome = in_a_process(reader, INPUTS, seed=7)
    assert not outcome.failure
    assert outcome.taken, "no input was good: the reader was never tried behind its first check"
    assert outcome.refused, "no input was bad"
    assert outcome.peak <= MEMORY


def test_every_reader_has_its_turn(tmp_path: Path) -> None:
    assert set(readers(tmp_path)) == set(NAMES)


def test_equal_seeds_give_equal_inputs() -> None:
    assert [mutated(random.Random(n), [PROFILE]) for n in range(50)] == [
        mutated(random.Random(n), [PROFILE]) for n in range(50)
    ]
