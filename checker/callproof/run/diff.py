"""`diff`: the shortest call sequences that one contract accepts and another does not, in both directions."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from callproof.answers import Answers
from callproof.errors import Exit, InternalError, UsageError
from callproof.expr import WORD_MAX
from callproof.model.clauses import DOCUMENTED, Layer
from callproof.model.instantiate import Selection, handle_kinds, instantiate
from callproof.model.lint import require_clean
from callproof.model.product import NO_CALL, RESULTS, Claim, Pair, Parting, Product, product, sharable
from callproof.model.specification import Operation, Specification, Twin
from callproof.model.system import System
from callproof.prove.outcomes import require_divided
from callproof.replay import Replay, Replayer
from callproof.residue import Model
from callproof.run.layer import LayerRun, Side, Times
from callproof.run.shown import shown
from callproof.semantics import Machine
from callproof.symbolic import Answer, Solver
from callproof.trace import Step, Trace
from callproof.verdict import Counterexample


@dataclass(frozen=True, slots=True)
class Contract:
    """One side of a comparison: a specification, a layer of it, its readings and options."""

    spec: Specification[Any]
    layer: Layer
    selection: Selection


@dataclass(frozen=True, slots=True)
class Difference:
    """A shortest sequence that the one contract accepts, and whose last call the other does not."""

    parting: Parting
    example: Counterexample


@dataclass(frozen=True, slots=True)
class DiffResult:
    """What sets two contracts apart."""

    contracts: tuple[Contract, Contract]
    resources: tuple[tuple[str, int], ...]
    differences: tuple[Difference, ...]
    """The shortest first, for each direction."""
    never: int
    """How many ways to part are ruled out, for sequences of any length."""
    open: tuple[tuple[Parting, str], ...]
    """Ways to part of which neither a sequence nor a proof was found, and why."""
    states: int
    edges: int

    @property
    def complete(self) -> bool:
        """Every way in which the contracts may part was found or ruled out, for sequences of any length."""
        return not self.open

    @property
    def exit(self) -> Exit:
        if self.differences:
            return Exit.VIOLATED
        return Exit.OK if self.complete else Exit.UNKNOWN


def diff(
    contracts: tuple[Contract, Contract],
    resources: Mapping[str, int],
    bound: int,
    budget: int,
    tick: Callable[[str], None],
    answers: Answers | None = None,
) -> DiffResult:
    """Compare two contracts on so many resources of each kind, one where nothing is said.

    Raises `UsageError` where they cannot be compared, `SpecError` for a faulty specification, and `LimitError` where
    together they have too many control states.
    """
    for contract in contracts:
        require_clean(contract.spec)
    one, two = contracts
    kinds = dict.fromkeys(kind.__name__ for contract in contracts for kind in handle_kinds(contract.spec.state))
    for kind in resources:
        if kind not in kinds:
            raise UsageError(f"unknown kind of resource {kind!r}; there are {', '.join(kinds) or 'none'}")
    systems = (
        instantiate(one.spec, resources, one.selection),
        instantiate(two.spec, resources, two.selection),
    )
    for contract, system in zip(contracts, systems, strict=True):
        model = Model(system)
        places = {name: operation.location for name, operation in contract.spec.operations.items()}
        require_divided(model, Solver(model.pool, budget, answers), places)
    made, side = _product(systems, contracts, budget, answers)
    run = LayerRun(DOCUMENTED, bound, Times(), tick, tuple(made.partings))
    reach = run.explore(side)
    run.prove(side, reach, list(range(len(made.system.properties))), {})
    found = []
    for id, (certified, _, shortest) in run.found.items():
        parting = made.partings[id]
        example = _certified(contracts, systems, made, parting, certified.trace, shortest)
        found.append(Difference(parting, example))
    found.sort(key=lambda d: (d.parting.accepted_by, len(d.example.steps)))
    left = [(parting, run.reasons.get(id, "")) for id, parting in made.partings.items() if id in run.fell]
    unknown = tuple((parting, why) for parting, why in left if parting not in [d.parting for d in found])
    never = len(made.partings) - len(found) - len(unknown)
    unknown += tuple((parting, "the other returns more, and rules some of it out") for parting in made.untold)
    return DiffResult(contracts, _counts(systems), tuple(found), never, unknown, len(reach.states), len(reach.edges))


def _product(
    systems: tuple[System, System],
    contracts: tuple[Contract, Contract],
    budget: int,
    answers: Answers | None,
) -> tuple[Product, Side]:
    """The product in which all variables are shared that can be: those of which no step makes two different ones."""
    shared = sharable(systems)
    pairs = list(_pairs(contracts[0].spec, contracts[1].spec))
    for calls, times in Counter(pair.calls for pair in pairs).items():
        if times > 1:
            raise UsageError(f"{' and '.join(calls)} are said to be one call {times} times; keep one Twin of them")
    while True:
        made = product(systems, (contracts[0].layer, contracts[1].layer), pairs, shared)
        side = Side.of(Model(made.system), budget, answers)
        apart = {claim.name for claim in made.claims if not _holds(side, claim)}
        if not apart:
            return made, side
        shared -= apart


def _holds(side: Side, claim: Claim) -> bool:
    """The two values are equal wherever both accept the call; not, where the budget is too small to tell."""
    pool, env = side.model.pool, {**side.model.state_env, **side.model.option_env}
    memo: dict[int, int] = {}
    one, two = (pool.intern(value, env, memo) for value in claim.values)
    if one == two:
        return True
    action = claim.action
    known = [
        *(pool.intern(clause.formula, env, memo) for clause in action.clauses),
        *(pool.intern(axiom.formula, env, memo) for axiom in action.axioms),
        pool.intern(claim.outcome.when, env, memo),
    ]
    return side.solver.check([*known, pool.not_(pool.eq(one, two))]) is Answer.UNSAT


def _counts(systems: tuple[System, System]) -> tuple[tuple[str, int], ...]:
    return tuple({**dict(systems[0].counts), **dict(systems[1].counts)}.items())


def _pairs(one: Specification[Any], two: Specification[Any]) -> Iterator[Pair]:
    """The calls that are the same: those of one name, and those that a specification says to be twins."""
    for name, operation in one.operations.items():
        if name in two.operations and two.operations[name].is_event is operation.is_event:
            yield Pair((name, name))
    for twin in one.twins:
        if twin.of in two.operations and twin.call in one.operations:
            yield Pair((twin.call, twin.of), ({}, _given(two.operations[twin.of], twin)))
    for twin in two.twins:
        if twin.of in one.operations and twin.call in two.operations:
            yield Pair((twin.of, twin.call), (_given(one.operations[twin.of], twin), {}))


def _given(operation: Operation, twin: Twin) -> dict[str, int]:
    """The values of the other call's parameters as words, truth values and places among an enumeration's members."""
    given = {
        name: list(type(value)).index(value) if isinstance(value, enum.Enum) else int(value)
        for name, value in twin.given.items()
    }
    for name, value in given.items():
        if not 0 <= value <= WORD_MAX:
            raise UsageError(
                f"the Twin {twin.call} of {operation.name} gives {name} the value {value}, which is no word"
            )
    return given


def _certified(
    contracts: tuple[Contract, Contract],
    systems: tuple[System, System],
    made: Product,
    parting: Parting,
    trace: Trace,
    shortest: bool,
) -> Counterexample:
    """The sequence as the contract that accepts it sees it; both interpreters have to agree that they part there."""
    mine, other = parting.accepted_by, 1 - parting.accepted_by
    accepted = _seen(contracts[mine], systems[mine], made, trace, mine)
    if not all(step.accepted for step in accepted.steps):
        raise InternalError(f"{contracts[mine].spec.name} does not accept a sequence that it was found to accept")
    if parting.clause != NO_CALL:
        refused = _seen(contracts[other], systems[other], made, trace, other)
        *before, last = refused.steps
        layer = contracts[other].layer
        failing = [use.id for use in last.clauses if layer.demands(last.step.call, use.id, use.origin)]
        parts = bool(last.axioms) if parting.clause == RESULTS else failing[:1] == [parting.clause]
        if not all(step.accepted for step in before) or not parts:
            raise InternalError(f"{contracts[other].spec.name} does not refuse a call that it was found to refuse")
    return shown(0, accepted, contracts[mine].layer, systems[mine], shortest=shortest)


def _seen(contract: Contract, system: System, made: Product, trace: Trace, number: int) -> Replay:
    """The trace of the product as one of the specifications sees it, replayed by its own interpreter."""
    steps = []
    for step in trace.steps:
        parting = made.partings.get(step.call)
        if parting is not None:
            call = parting.call if parting.accepted_by == number else parting.other
            pair = next((p for p in made.pairs.values() if p.calls[number] == call and _is_of(p, parting)), None)
        else:
            pair = made.pairs[step.call]
            call = pair.calls[number]
        steps.append(_step(system, step, call, {} if pair is None else pair.given[number]))
    own = {option.sort.name for option in system.options}
    options = {name: value for name, value in trace.options.items() if name in own}
    whole = replace(
        trace, spec=contract.spec.name, steps=tuple(steps), readings=dict(system.readings), options=options, origin=None
    )
    # On the very system that was compared: it may lack clauses that the specification has.
    replayer = Replayer(Machine(system), options, contract.layer)
    replayed = tuple(replayer.step(step, f"step {n}") for n, step in enumerate(steps, 1))
    return Replay(whole, whole.readings, options, replayed, (), {})


def _is_of(pair: Pair, parting: Parting) -> bool:
    calls = (parting.call, parting.other)
    return pair.calls == (calls if parting.accepted_by == 0 else calls[::-1])


def _step(system: System, step: Step, call: str, given: Mapping[str, int]) -> Step:
    action = next(action for action in system.actions if action.call == call)
    args = {name: step.args[name] for name, _, _ in action.handles}
    for parameter in action.params:
        if parameter.name in given:
            value = given[parameter.name]
            members = parameter.var.sort.members
            args[parameter.name] = members[value] if members else value
        else:
            args[parameter.name] = step.args[parameter.name]
    names = {result.name for result in action.results}
    result = None if step.result is None else {name: v for name, v in step.result.items() if name in names}
    return Step(call, args, None, result)
