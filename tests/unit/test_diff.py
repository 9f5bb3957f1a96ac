"""Two contracts compared: each way in which they part is found or ruled out."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from callproof.errors import Exit, SpecError, UsageError
from callproof.limits import DEFAULT_BUDGET
from callproof.model import (
    Bool,
    Option,
    Selection,
    Size,
    Specification,
    Twin,
    axiom,
    instantiate,
    ite,
    outcome,
    require,
    result,
)
from callproof.model.clauses import HARDENED, Layer
from callproof.model.product import NO_CALL, RESULTS
from callproof.run.diff import Contract, DiffResult, diff
from callproof.semantics import Machine
from tests.support.toys import BoxId, Store, locker


def compared(
    one: Specification[Any],
    two: Specification[Any],
    first: Selection = Selection(),  # noqa: B008
    second: Selection = Selection(),  # noqa: B008
    layer: Layer = HARDENED,
) -> DiffResult:
    contracts = Contract(one, layer, first), Contract(two, layer, second)
    return diff(contracts, {}, 6, DEFAULT_BUDGET, lambda _: None)


def ways(result: DiffResult) -> set[tuple[int, str, str, int]]:
    return {(d.parting.accepted_by, d.parting.call, d.parting.clause, len(d.example.steps)) for d in result.differences}


def test_a_specification_is_the_same_as_itself() -> None:
    result = compared(locker(), locker())
    assert result.exit is Exit.OK
    assert result.complete
    assert result.never > 0


def test_two_readings_of_a_clause() -> None:
    result = compared(locker(), locker(), Selection((("P2", "at-most"),)), Selection((("P2", "less"),)))
    assert ways(result) == {(0, "Put", "P2", 1)}
    assert result.complete
    (difference,) = result.differences
    assert difference.example.shortest
    assert difference.example.trace.readings == {"P2": "at-most"}


def test_a_clause_that_one_lacks() -> None:
    result = compared(locker(), locker(), Selection(dropped=frozenset({("Put", "P1")})))
    assert ways(result) == {(0, "Put", "P1", 3)}
    assert result.complete


def with_call(name: str, twins: tuple[Twin, ...] = ()) -> Specification[Store]:
    """The locker with one more call."""
    spec = locker()
    spec.twins = twins

    @spec.call(name)
    def more(s: Store, box: BoxId, amount: Size) -> None:
        """Put something into a box, whatever it is."""
        require("P1", amount <= 7)
        s.boxes[box].used = amount

    return spec


def test_a_call_that_the_other_lacks() -> None:
    result = compared(with_call("Push"), locker())
    assert ways(result) == {(0, "Push", NO_CALL, 1)}
    assert ways(compared(locker(), with_call("Push"))) == {(1, "Push", NO_CALL, 1)}


@pytest.mark.parametrize("turned", [False, True])
def test_a_call_under_another_name(turned: bool) -> None:
    one, two = with_call("Push"), with_call("Shove", (Twin("Shove", "Push"),))
    result = compared(two, one) if turned else compared(one, two)
    assert result.exit is Exit.OK
    assert result.complete


def test_a_twin_with_a_given_value() -> None:
    spec = locker()

    @spec.call("PutSeven")
    def put_seven(s: Store, box: BoxId) -> None:
        """Put seven in, whatever the box holds."""
        used = s.boxes[box].used
        s.boxes[box].used = ite(~s.ready, used, 7)

    spec.twins = (Twin("PutSeven", "Put"),)
    with pytest.raises(UsageError, match="amount"):
        compared(spec, locker())
    spec.twins = (Twin("PutSeven", "Put", {"amount": 7}),)
    assert (0, "PutSeven", "P2", 1) in ways(compared(spec, locker()))


def test_results_that_the_other_rules_out() -> None:
    def answering(most: int) -> Specification[Store]:
        spec = locker()

        @spec.call("Ask")
        def ask(s: Store, box: BoxId) -> None:
            """Ask for a number."""
            require("P1", s.ready)
            axiom("small", result("answer", Size) <= most)

        return spec

    found = compared(answering(9), answering(5))
    assert ways(found) == {(0, "Ask", RESULTS, 2)}
    assert found.complete


def test_another_effect_is_told_by_what_follows() -> None:
    def keeping(kept: bool) -> Specification[Store]:
        spec = locker()

        @spec.call("Visit")
        def visit(s: Store, box: BoxId) -> None:
            """Have a look."""
            b = s.boxes[box]
            visits = b.visits
            require("P1", visits != 2)
            b.visits = visits + 1 if kept else visits

        return spec

    result = compared(keeping(True), keeping(False))
    assert ways(result) == {(1, "Visit", "P1", 3)}


def test_parameters_of_two_sorts_are_refused() -> None:
    one, two = with_call("Push"), locker()

    @two.call("Push")
    def push(s: Store, box: BoxId, amount: Bool) -> None:
        """Push something in or not."""
        require("P1", amount)

    with pytest.raises(UsageError, match="amount"):
        compared(one, two)


def test_an_option_with_other_values_is_refused() -> None:
    one, two = locker(), locker()
    two.options = (Option("strict", ("no", "yes", "perhaps"), "whether a locked box may be asked"),)
    with pytest.raises(UsageError, match="option strict"):
        compared(one, two)


def test_one_outcome_that_is_not_always_possible_is_a_fault() -> None:
    spec = locker()

    @spec.call("Visit")
    def visit(s: Store, box: BoxId) -> None:
        """Have a look, if there is one."""
        with outcome("seen", when=s.ready):
            pass

    with pytest.raises(SpecError, match="no outcome possible"):
        compared(spec, locker())


def test_what_the_other_returns_besides_leaves_it_undecided() -> None:
    def asking(*, more: bool) -> Specification[Store]:
        spec = locker()

        @spec.call("Ask")
        def ask(s: Store, box: BoxId) -> None:
            """Ask for a number."""
            require("P1", s.ready)
            answer = result("answer", Size)
            if more:
                axiom("less", (answer < 5) & (result("more", Size) < 5))

        return spec

    found = compared(asking(more=False), asking(more=True))
    assert not found.complete
    assert found.exit is Exit.UNKNOWN


def test_two_twins_of_one_pair_are_refused() -> None:
    spec = with_call("Push", (Twin("Push", "Put"), Twin("Push", "Put")))
    with pytest.raises(UsageError, match="keep one Twin"):
        compared(spec, locker())


CHANGES: dict[str, Callable[[Specification[Store]], Selection]] = {
    "nothing": lambda spec: Selection(),
    "reading": lambda spec: Selection((("P2", "less"),)),
    "no-lock": lambda spec: Selection(dropped=frozenset({("Put", "P1")})),
    "no-hardening": lambda spec: Selection(dropped=frozenset({("Make", "H1")})),
}


@pytest.mark.parametrize("first", CHANGES)
@pytest.mark.parametrize("second", CHANGES)
def test_random_walks_part_only_where_it_says(first: str, second: str) -> None:
    """Two interpreters side by side, apart from each other: whatever they disagree on has to be listed."""
    specs = locker(), locker()
    selections = CHANGES[first](specs[0]), CHANGES[second](specs[1])
    result = compared(*specs, *selections)
    assert result.complete
    listed = {(d.parting.accepted_by, d.parting.call, d.parting.clause) for d in result.differences}
    rng = random.Random(5)
    machines = [Machine(instantiate(spec, {}, select)) for spec, select in zip(specs, selections, strict=True)]
    seen = set()
    for _ in range(400):
        states = [machine.initial({"strict": "no"}) for machine in machines]
        for _ in range(6):
            number = rng.randrange(len(machines[0].compiled))
            action = machines[0].compiled[number].action
            args = tuple(rng.randrange(4) for _ in action.params)
            results = tuple(rng.randrange(4) for _ in action.results)
            if any(m.axioms_failing(s, number, args, results) for m, s in zip(machines, states, strict=True)):
                continue
            failing = [m.failing(s, number, args, results) for m, s in zip(machines, states, strict=True)]
            if bool(failing[0]) != bool(failing[1]):
                accepts = 0 if not failing[0] else 1
                seen.add((accepts, action.call, failing[1 - accepts][0].id))
            if failing[0] or failing[1]:
                continue
            for machine, state in zip(machines, states, strict=True):
                machine.apply(state, number, args, results)
    assert seen <= listed
    assert bool(seen) == bool(listed), "the premise: the walks meet what there is"
