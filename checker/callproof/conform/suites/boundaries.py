"""Sizes and addresses on either side of what decides: required and one less or more, null, the ends of the space,
neighbouring and overlapping memory."""

from __future__ import annotations

from collections.abc import Iterator

from callproof.conform.cases import Case, Planned
from callproof.conform.space import Arc, Space
from callproof.conform.terms import Term, Terms, values
from callproof.conform.world import Act, World
from callproof.semantics import State, Values

SUITE = "boundaries"
STATES = 4
"""Different states in which one call is tried."""
NATURAL = 2
"""Terms of the other arguments with which each term of one argument is combined."""


def boundary_cases(space: Space) -> Iterator[Case]:
    """For each call that takes sizes or addresses, in several states, every boundary of each argument."""
    chosen: dict[int, dict[object, tuple[int, Arc]]] = {}
    for node in space.breadth_first():
        for arc in space.arcs(node):
            act = space.world.acts[arc.goal.act]
            if any(p.var.sort.is_word for p in act.action.params):
                found = chosen.setdefault(act.number, {})
                key = act.project(space.nodes[node])
                if key not in found and len(found) < STATES:
                    found[key] = node, arc
    for number, places in sorted(chosen.items()):
        for node, arc in places.values():
            yield from _around(space, space.world.acts[number], node, arc)


def _around(space: Space, act: Act, node: int, arc: Arc) -> Iterator[Case]:
    """Refused variants in one case, each accepted one in a case of its own with all that can be read behind it."""
    way = tuple(Planned(a.goal.act, a.terms, True, a.goal) for _, a in space.way(node))
    state = space.nodes[node]
    refused: list[Planned] = []
    for terms in dict.fromkeys(_variants(act, arc.terms)):
        args = values(terms, state)
        code = act.compiled.judge(state, args, act.no_results)
        if code == 0 and world_takes(space.world, act, state, args):
            yield Case(
                SUITE, space.world, (*way, Planned(act.number, terms, True), *_reading(space.world, act, state, terms))
            )
        elif code == 2 or (code == 1 and not _breaks_duty(act, state, terms)):
            refused.append(Planned(act.number, terms, False))
    if refused:
        yield Case(SUITE, space.world, (*way, *refused))


def world_takes(world: World, act: Act, state: State, args: Values) -> bool:
    """The call can happen: what an event needs of its arguments is an axiom and no clause."""
    return world.choose(act, state, args, {}) is not None


def _variants(act: Act, base: Terms) -> Iterator[Terms]:
    for at, terms in enumerate(act.terms):
        others = [n for n in range(len(base)) if n != at]
        for term in terms:
            yield _with(base, at, term)
            for other in others:
                for natural in act.terms[other][:NATURAL]:
                    yield _with(_with(base, at, term), other, natural)


def _with(terms: Terms, at: int, term: Term) -> Terms:
    return (*terms[:at], term, *terms[at + 1 :])


def _breaks_duty(act: Act, state: State, terms: Terms) -> bool:
    failing = act.compiled.explain(state, values(terms, state), act.no_results)
    return not act.caller.isdisjoint(failing)


def _reading(world: World, act: Act, state: State, terms: Terms) -> Iterator[Planned]:
    """The calls that show the state behind a step."""
    args = values(terms, state)
    results = world.choose(act, state, args, {})
    if results is None:
        return
    after = state.copy()
    if act.compiled.apply(after, args, results) < 0:
        return
    for observer in world.observers:
        if not observer.action.params and observer.compiled.judge(after, (), observer.no_results) == 0:
            yield Planned(observer.number, (), False)
