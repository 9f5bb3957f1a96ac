"""Walks over a few pages that often meet: holes, cuts and regions that grow, which free choice of addresses misses."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from callproof.conform.cases import Case, Planned
from callproof.conform.terms import Term, Terms, values
from callproof.conform.world import Act, World
from callproof.expr import Kind
from callproof.semantics import State

PAGE = 4096
PAGES = 8
"""Of the arena: so few that most ranges meet a region."""
_TRIES = 60
_REFUSED = 0.3
"""Share of the steps before which a call is made that must be refused."""


def page_walks(world: World, seed: int, walks: int, length: int) -> Iterator[Case]:
    """Cases of accepted calls, and of refused ones among them."""
    rng = random.Random(seed)
    for _ in range(walks):
        yield Case("pages", world, tuple(_walk(world, rng, length)))


def _walk(world: World, rng: random.Random, length: int) -> Iterator[Planned]:
    state, taken = world.initial.copy(), dict[tuple[int, int], int]()
    by_call: dict[str, list[Act]] = {}
    for act in world.acts:
        by_call.setdefault(act.action.call, []).append(act)
    for step in range(length):
        call = "reserve" if step == 0 else rng.choice(sorted(by_call))
        found = None
        refuses = rng.random() < _REFUSED
        for _ in range(_TRIES):
            act = rng.choice(by_call[call])
            terms = _terms(world, act, state, rng)
            args = values(terms, state)
            code = act.compiled.judge(state, args, act.no_results)
            if code == 1 and refuses:
                refuses = False
                yield Planned(act.number, terms, False)
            results = world.choose(act, state, args, {}) if code == 0 else None
            if results is None:
                continue
            after = state.copy()
            outcome = act.compiled.apply(after, args, results) if act.changes else 0
            often = taken.get((act.number, outcome), 0)
            if outcome >= 0 and (found is None or often < found[0]):
                found = often, act, terms, after, outcome
        if found is not None:
            _, act, terms, state, outcome = found
            taken[act.number, outcome] = taken.get((act.number, outcome), 0) + 1
            yield Planned(act.number, terms, True)


def _terms(world: World, act: Act, state: State, rng: random.Random) -> Terms:
    slots: Mapping[str, int] = world.machine.slots
    found = []
    for param in act.action.params:
        sort = param.var.sort
        pages = rng.randrange(PAGES)
        if act.action.call == "reserve":
            found.append(Term((), PAGES * PAGE))
        elif sort.kind is Kind.ADDRESS:
            base = rng.choice(["arena.base", "arena.base", "regions[1].base", "regions[2].base"])
            found.append(Term((slots[base],), pages * PAGE + rng.choice([0, 0, 0, 0, 1])))
        elif sort.kind is Kind.SIZE:
            size = Term((slots[rng.choice(["regions[1].size", "regions[2].size"])],))
            found.append(size if rng.random() < 0.4 else Term((), pages * PAGE + rng.choice([0, 0, 1, PAGE - 1])))
        elif sort.kind is Kind.NUMBER:
            found.append(Term((), rng.randrange(1, 1 << 64)))
        else:
            found.append(Term((), rng.randrange(sort.values)))
    return tuple(found)
