"""Hypothesis looks for calls that break an invariant, in a process of its own.

`python -m callproof.cli.bench_hypothesis SPEC LAYER INVARIANT KIND=N...` ends when it has found some, and else goes on
until it is ended. A rule makes any call, with words that a tester would take: a few round ones and those of the state.
The machine of `callproof.hypothesis` is another: it judges drivers, not contracts, and knows the sequence graph.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from callproof.model.clauses import ALL_LAYERS
from callproof.model.instantiate import Selection, instantiate
from callproof.model.loading import load_specification
from callproof.semantics import Machine

if TYPE_CHECKING:
    from callproof.expr import Sort
    from callproof.semantics import Values

WORDS = (0, 4096, 8192, 1 << 20, (1 << 20) + 4096, (1 << 64) - 4096)
CALLS = 30
"""Calls of one example, refused ones included."""


def search(name: str, layer_name: str, invariant: str, counts: dict[str, int]) -> int:
    """Search with a fixed seed; the number of accepted calls that break the invariant."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
    from hypothesis.strategies import DataObject, data, integers, sampled_from

    machine = Machine(instantiate(load_specification(name), counts, Selection(invariants=(invariant,))))
    layer, found = ALL_LAYERS[layer_name], []

    class Calls(RuleBasedStateMachine):
        """Calls of a contract, made by its interpreter."""

        def __init__(self) -> None:
            super().__init__()
            self.state, self.made = machine.initial(), 0

        def _values(self, draws: DataObject, sorts: list[Sort]) -> Values:
            words = [*WORDS, *(v for v, sort in zip(self.state, machine.sorts, strict=True) if sort.is_word)]
            return tuple(draws.draw(sampled_from(words) if s.is_word else integers(0, s.values - 1)) for s in sorts)

        @rule(draws=data())
        def call(self, draws: DataObject) -> None:
            """Any call; nothing happens where the layer refuses it."""
            number = draws.draw(integers(0, len(machine.compiled) - 1))
            compiled = machine.compiled[number]
            args = self._values(draws, [p.var.sort for p in compiled.action.params])
            results = self._values(draws, [r.var.sort for r in compiled.action.results])
            exists = compiled.exists
            results = tuple(
                v if e is None or e(self.state, args, results) else 0 for v, e in zip(results, exists, strict=True)
            )
            if not compiled.possible(self.state, args, results):
                return
            if not machine.accepts(layer, self.state, number, args, results):
                return
            before, self.made = self.state.copy(), self.made + 1
            machine.apply(self.state, number, args, results)
            if machine.broken(before, self.state, number):
                found.append(self.made)
                raise AssertionError(invariant)

    chosen = settings(
        max_examples=10**9,
        stateful_step_count=CALLS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    try:
        run_state_machine_as_test(Calls, settings=chosen)
    except AssertionError:
        return found[0]
    return 0


if __name__ == "__main__":
    _, spec, chosen_layer, id, *numbers = sys.argv
    pairs = (text.partition("=") for text in numbers)
    sys.stdout.write(f"found {search(spec, chosen_layer, id, {kind: int(count) for kind, _, count in pairs})}\n")
