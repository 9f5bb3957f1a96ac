"""Every dependency has a lower bound, said once; CI runs tests with exactly these versions."""

import pytest

from tests.supply.oldest import PROJECT, oldest


def test_every_dependency_has_one_lower_bound() -> None:
    found = oldest(PROJECT.read_text(encoding="utf-8"))
    assert {"z3-solver", "networkx", "click", "msgspec", "pytest"} <= set(found)


@pytest.mark.parametrize(
    ("requirements", "said"),
    [('["click"]', "lower bound"), ('["click>=8", "click>=9"]', "twice"), ('["click~=8.1"]', "lower bound")],
)
def test_a_bound_that_is_missing_or_differs_is_told(requirements: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        oldest(f"[project]\ndependencies = {requirements}\n[project.optional-dependencies]\n")
