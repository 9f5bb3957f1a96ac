"""A measurement beside the figure to reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement. `at_least` tells whether the target is a floor or a ceiling; `steps` is what it is worth in
    steps of the yardstick, so that machines can be compared."""

    name: str
    value: float
    unit: str
    steps: float | None = None
    target: float | None = None
    at_least: bool = True

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without a target."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value < self.target
