"""What a check is asked."""

from __future__ import annotations

from dataclasses import dataclass

from callproof.limits import DEFAULT_BUDGET
from callproof.model.clauses import ALL_LAYERS, LAYERS, Layer
from callproof.model.instantiate import Selection

ENGINES = ("edges", "paths", "chc", "sequences")


@dataclass(frozen=True, slots=True)
class Request:
    """What `check` is asked. `budget` is in Z3 resource units a query."""

    layer: str = "all"
    bound: int = 12
    graphs: int | None = None
    """The resources of the first kind of handle; None for any number."""
    resources: tuple[tuple[str, int], ...] = ()
    """The numbers of other resources, one where nothing is said."""
    readings: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    invariants: tuple[str, ...] = ()
    budget: int = DEFAULT_BUDGET
    dropped: frozenset[tuple[str, str]] = frozenset()
    """Pairs (call, clause id) to leave out of the specification."""
    engine: str = "edges"
    word_bits: int = 64
    """The width of addresses, sizes and numbers; only the engine `chc` takes another."""
    needs: bool = False
    """Also which clauses each proof of the judged layer needs."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers to check, the weakest first."""
        return LAYERS if self.layer == "all" else (ALL_LAYERS[self.layer],)

    @property
    def selection(self) -> Selection:
        """What of the specification is instantiated."""
        return Selection(self.readings, self.options, dropped=self.dropped)
