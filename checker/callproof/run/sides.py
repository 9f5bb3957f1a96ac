"""The systems of one specification with different numbers of resources, each built once for all layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from callproof.answers import Answers
from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification
from callproof.model.system import System
from callproof.prove.outcomes import require_divided
from callproof.residue import Model
from callproof.run.layer import Side
from callproof.run.request import Request
from callproof.run.resources import Resources
from callproof.symbolic import Statistics


class Sides:
    """Builds systems when they are asked for; `enrich` may add to what a specification says."""

    def __init__(
        self,
        spec: Specification[Any],
        request: Request,
        answers: Answers | None = None,
        enrich: Callable[[System], System] = lambda system: system,
    ) -> None:
        self._spec, self._request, self._answers, self._enrich = spec, request, answers, enrich
        self._made: dict[int, Side] = {}

    def of(self, resources: Resources, count: int) -> Side:
        """The system with so many resources of the first kind."""
        if count not in self._made:
            counts = dict(resources.counts)
            if resources.kind:
                counts[resources.kind] = count
            system = resources.argument.systems.get(count) if resources.argument is not None else None
            if system is None:
                system = instantiate(self._spec, counts, self._request.selection)
            model = Model(self._enrich(system))
            self._made[count] = Side.of(model, self._request.budget, self._answers)
        return self._made[count]

    def first(self, resources: Resources) -> Side:
        """The system that is explored. Raises `SpecError` where the outcomes of a call do not divide its cases."""
        one = self.of(resources, resources.count)
        places = {name: operation.location for name, operation in self._spec.operations.items()}
        require_divided(one.model, one.solver, places)
        return one

    def statistics(self) -> list[Statistics]:
        """What each system's solver has done."""
        return [side.solver.statistics for side in self._made.values()]
