"""Clauses that fail alone only where sizes have grown to it: the solver looks for the calls that lead there.

The suites follow control, with one choice of sizes for each call. Where a clause asks what control does not tell (that
a queue is full, for instance), the shortest walk up to a call that only this clause refuses is searched as a
counterexample is, with the results that the driver is known to return.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from callproof.conform.cases import Case, Planned
from callproof.conform.catalogue import Place
from callproof.conform.goals import Goal, judged_with
from callproof.conform.suites.clauses import SUITE
from callproof.conform.targets import Target
from callproof.conform.terms import Term, Terms
from callproof.conform.world import World
from callproof.expr import BOOLEAN, TRUE, And, Const, Kind, Node, Not, Var, replaced
from callproof.graph import Stepper, explore
from callproof.model.clauses import HARDENED, Origin
from callproof.model.system import Action, Class, Outcome, Property, System, call_marker
from callproof.prove.goals import Goals
from callproof.prove.induction import Induction
from callproof.prove.paths import Paths
from callproof.prove.search import Search
from callproof.prove.spaces import GraphSpace
from callproof.prove.states import Projections
from callproof.residue import Model
from callproof.semantics import State, Values, bind, shapes
from callproof.symbolic import Answer, Solver
from callproof.trace import Step, Trace

BOUND, PATHS = 10, 500
"""The longest walks that are looked at, and how many of them."""


def deep_cases(place: Place, system: System, wanted: Iterable[Target], strict: bool) -> Iterator[tuple[Target, Case]]:
    """A shortest case for each wanted target that some sequence shows; `system` is the place's world, restricted."""
    asked: dict[str, tuple[Target, Action]] = {}
    for target in wanted:
        for action in system.actions:
            if action.call == target[0] and (made := _refused(action, target, strict)) is not None:
                asked[made.call] = target, made
    if not asked:
        return
    actions = tuple(action for _, action in asked.values())
    model = Model(
        replace(system, actions=(*system.actions, *actions), properties=tuple(_never(action) for action in actions))
    )
    solver = Solver(model.pool)
    stepper = Stepper(model, HARDENED, lambda residue: solver.check([residue], likely=True) is not Answer.UNSAT)
    reach = explore(stepper, HARDENED, len(model.moves))
    projections, goals, paths = Projections(reach), Goals(model), Paths(model, solver)
    induction = Induction(goals, HARDENED, solver, projections)
    shown: set[Target] = set()
    for prop, answer in sorted(induction.run(range(len(actions))).fell.items()):
        target, _ = asked[actions[prop].call]
        if answer is not Answer.SAT or target in shown:
            continue
        space = GraphSpace(reach, projections, induction, prop)
        found = Search(goals, paths, space, prop, lambda _: None, PATHS).run(BOUND)
        case = None if found.trace is None else _case(place, found.trace, target, strict)
        if case is not None:
            shown.add(target)
            yield target, case


def _refused(action: Action, target: Target, strict: bool) -> Action | None:
    """The call where only the target's clause is in its way, under a name of its own; it changes nothing."""
    own = [use for use in action.clauses if use.id == target[1]]
    if not own:
        return None
    judged = frozenset(Origin) if strict else judged_with(own[0].origin)
    others = [use for use in action.clauses if use.id != target[1] and use.origin in judged]
    # A refused call returns nothing, and the interpreter takes what is not there as 0.
    absent: dict[str, Node] = {r.var.name: Const(r.var.sort, 0) for r in action.results}
    fails = replace(own[0], formula=Not(And(tuple(use.formula for use in own))))
    return replace(
        action,
        call=f"{action.call} / {target[1]} / {', '.join(map(str, action.indices))}",
        results=(),
        clauses=tuple(replace(use, formula=replaced(use.formula, absent, {})) for use in (*others, fails)),
        axioms=(),
        outcomes=(Outcome("", TRUE, ()),),
    )


def _never(action: Action) -> Property:
    resources = tuple((kind, index) for _, kind, index in action.handles)
    marker = Var(BOOLEAN, call_marker(action.call, action.indices))
    return Property(action.call, Class.LIFECYCLE, True, resources, Not(marker))


def _case(place: Place, trace: Trace, target: Target, strict: bool) -> Case | None:
    """The trace as steps that fit what a driver returns; None where they do not work out on the place's world."""
    world, marksman = place.world, place.space.marksman
    state, steps, known = world.initial.copy(), [], shapes(world.system)
    for number, step in enumerate(trace.steps, 1):
        last = number == len(trace.steps)
        call = bind(known, Step(target[0], step.args) if last else step, f"step {number}")
        act = world.acts[world.machine.action(call.name, call.handles)]
        terms = _terms(world, act.action, call.args, state)
        choices = tuple(
            (p.var.name, value) for p, value in zip(act.action.params, call.args, strict=True) if not p.var.sort.is_word
        )
        goal = Goal(act.number, choices, None, target[1], strict) if last else Goal(act.number, choices)
        shot = marksman.hits(act, state, goal, terms)
        if shot is None:
            return None
        steps.append(Planned(act.number, terms, not last, goal))
        state = shot.after.copy()
    return Case(SUITE, world, tuple(steps))


def _terms(world: World, action: Action, args: Values, state: State) -> Terms:
    """The arguments: addresses as places in memory that the state knows, all else as it is."""
    return tuple(
        _place(world, value, state) if p.var.sort.kind is Kind.ADDRESS else Term((), value)
        for p, value in zip(action.params, args, strict=True)
    )


def _place(world: World, value: int, state: State) -> Term:
    for base, size in world.base.regions:
        if state[size] and state[base] <= value <= state[base] + state[size]:
            return Term((base,), value - state[base])
    return Term((), value)
