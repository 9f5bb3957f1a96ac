"""From a catalogue to the units of a campaign, suite by suite."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from callproof.conform.cases import Case
from callproof.conform.catalogue import Catalogue, Place, way_to_results
from callproof.conform.constants import dead_edges
from callproof.conform.deep import deep_cases
from callproof.conform.goals import Marksman
from callproof.conform.impossible import impossible_alone
from callproof.conform.lanes import Unit
from callproof.conform.settings import Setting
from callproof.conform.space import EdgeKey
from callproof.conform.suites.boundaries import boundary_cases
from callproof.conform.suites.clauses import clause_case
from callproof.conform.suites.edges import edge_cases
from callproof.conform.suites.pairs import pair_cases
from callproof.conform.suites.random import random_walks
from callproof.conform.suites.refusals import refusal_cases
from callproof.conform.suites.variants import SUITE as VARIANTS
from callproof.conform.suites.variants import Difference, differences, option_cases
from callproof.conform.targets import Aim, Target, can_fail, find, targets

SUITES = ("clauses", "variants", "edges", "refusals", "boundaries", "random")
WALKS = 25
"""Walks of one unit of the random suite."""
AT_ONCE = 4
"""Settings that are compared for which shows most clauses, before the next ones are looked at."""
OTHERS = 8
"""Further options that are tried for a kind, where a clause needs others than the first."""


@dataclass(slots=True)
class Plan:
    """The units, and what they are to cover."""

    units: list[Unit] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    """Every clause that the driver can be held to."""
    aimed: set[Target] = field(default_factory=set)
    """Those that some step of the clauses suite shows failing alone."""
    calls: list[str] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    """Calls that some step of the clauses suite shows accepted."""
    edges: dict[int, tuple[Place, set[int]]] = field(default_factory=dict)
    """By the number of a unit: its place, and the edges that it takes."""
    untaken: set[EdgeKey] = field(default_factory=set)
    """Edges that no concrete state was found for."""
    dead: set[EdgeKey] = field(default_factory=set)
    """Edges that the sizes of the kinds rule out, as is proved."""
    clause_calls: int = 0
    impossible: frozenset[Target] = frozenset()
    """Clauses that never decide a verdict: whenever one fails, another that is judged with it fails too (proved)."""


def make_plan(
    catalogue: Catalogue, suites: tuple[str, ...], seed: int, walks: int | None, tick: Callable[[str], None]
) -> Plan:
    """Plan the suites. `walks` is the number of walks of each unit of the random suite."""
    plan = Plan()
    if "clauses" in suites:
        tick("planning clauses")
        _clauses(catalogue, plan)
    if "clauses" in suites or "variants" in suites:
        _pairs(catalogue, plan, suites)
    if "variants" in suites:
        tick("planning variants")
        _misfits(catalogue, plan)
        _options(catalogue, plan)
    if "edges" in suites:
        tick("planning edges")
        _edges(catalogue, plan)
    for name, make in (("refusals", refusal_cases), ("boundaries", boundary_cases)):
        if name in suites:
            for setting in catalogue.first.values():
                place = catalogue.place(setting)
                _add(plan, name, setting, partial(make, place.space), place)
    if "random" in suites:
        for setting in catalogue.mixed():
            _random(catalogue, plan, setting, seed, WALKS if walks is None else walks)
    return plan


class _Cases:
    """Cases that are made when they are first asked for, anew for each who asks."""

    def __init__(self, make: Callable[[], Iterator[Case]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Case]:
        return self._make()


def _add(plan: Plan, suite: str, setting: Setting, make: Callable[[], Iterator[Case]], place: Place) -> None:
    plan.units.append(Unit(f"{suite}: {setting.label}", _Cases(make), place.space.marksman))


def _clauses(catalogue: Catalogue, plan: Plan) -> None:
    """Settings in turn until every clause that can fail alone does."""
    places = [catalogue.place(setting) for setting in catalogue.first.values()]
    known: dict[Target, None] = {}
    calls: dict[str, None] = {}
    for place in places:
        known.update(dict.fromkeys(targets(place.world)))
        calls.update(dict.fromkeys(act.action.call for act in place.world.acts))
    plan.targets, plan.calls = list(known), list(calls)
    together, plan.impossible = impossible_alone(catalogue.spec, known, catalogue.readings)
    for strict, left in ((True, set(known) - together), (False, set(together - plan.impossible))):
        _seek(catalogue, plan, places, list(calls), left, strict)
        _seek_deep(catalogue, plan, places, left, strict)


def _seek_deep(catalogue: Catalogue, plan: Plan, places: list[Place], left: set[Target], strict: bool) -> None:
    """Cases for the clauses that control does not lead to."""
    for place in places:
        if not left:
            return
        for target, case in list(deep_cases(place, catalogue.restricted(place), sorted(left), strict)):
            _clause_unit(plan, place, case, {target})
            left.discard(target)


def _seek(
    catalogue: Catalogue, plan: Plan, places: list[Place], calls: list[str], left: set[Target], strict: bool
) -> None:
    """Cases for the clauses in `left`, in the settings that show most of them first."""
    waiting = list(places)
    shown: list[tuple[Place, Mapping[int, tuple[Aim, ...]]]] = []
    while (waiting or shown) and (left or set(calls) - plan.accepted):
        while waiting and len(shown) < AT_ONCE:
            place = waiting.pop(0)
            shown.append((place, find(place.space, [t for t in plan.targets if t in left], strict)))
        counts = [len({aim.target for aims in hits.values() for aim in aims} & left) for _, hits in shown]
        place, hits = shown.pop(counts.index(max(counts)))
        here = {aim.target for aims in hits.values() for aim in aims} & left
        missing = set(calls) - plan.accepted
        if here or missing:
            _clause_unit(plan, place, clause_case(place.space, hits, here, missing), here)
            left -= here
    for name in catalogue.first:
        for setting in itertools.islice(catalogue.others(name), OTHERS):
            if not left:
                return
            if not any(can_fail(catalogue.world(setting, {}), target) for target in left):
                continue
            place = catalogue.place(setting)
            hits = find(place.space, [t for t in plan.targets if t in left], strict)
            here = {aim.target for aims in hits.values() for aim in aims} & left
            if here:
                _clause_unit(plan, place, clause_case(place.space, hits, here, ()), here)
                left -= here


def _clause_unit(plan: Plan, place: Place, case: Case, here: set[Target]) -> None:
    if not case.steps:
        return
    plan.aimed |= here
    plan.accepted |= {place.world.acts[step.act].action.call for step in case.steps if step.moves}
    plan.clause_calls += len(case.steps)
    _add(plan, "clauses", place.world.setting, lambda: iter((case,)), place)


def _pairs(catalogue: Catalogue, plan: Plan, suites: tuple[str, ...]) -> None:
    """Clauses that only speak of two resources: each for the clauses suite, its parts for the variants."""
    first = next(iter(catalogue.counts), "")
    if catalogue.counts.get(first, 1) < 2:
        return
    alone = catalogue.world(next(iter(catalogue.first.values())), {})
    actions = (act.action for act in alone.acts)
    named = ([kind for _, kind, _ in action.handles] for action in actions)
    beside = {kind: catalogue.counts[kind] for kinds in named if first in kinds for kind in kinds if kind != first}
    settings = [*catalogue.first.values()]
    settings += [s for name in catalogue.first for s in itertools.islice(catalogue.others(name), OTHERS)]
    left: dict[Target, None] | None = None
    for setting in settings:
        if left is not None and not left:
            return
        name = setting.kinds[1]
        world = catalogue.world(Setting(setting.options, {1: name, 2: name}), {first: 2, **beside})
        if left is None:
            left = dict.fromkeys(t for t in targets(world) if t not in targets(alone))
            plan.targets += left if "clauses" in suites else ()
        found = list(pair_cases(catalogue.place(setting).space, world, left))
        for target, case in found:
            if case.suite == "clauses":
                del left[target]
                if "clauses" in suites:
                    plan.aimed.add(target)
                    plan.clause_calls += len(case.steps)
        for suite in ("clauses", "variants"):
            cases = tuple(case for _, case in found if case.suite == suite)
            if cases and suite in suites:
                plan.units.append(Unit(f"{suite}: {world.setting.label}", cases, Marksman(world)))


def _misfits(catalogue: Catalogue, plan: Plan) -> None:
    """What a kind returns under options that rule out what it returns elsewhere."""
    for setting, results in catalogue.misfits():
        place = catalogue.place(setting)
        steps = way_to_results(place, results)
        if steps:
            _add(plan, VARIANTS, setting, partial(iter, (Case(VARIANTS, place.world, steps),)), place)


def _options(catalogue: Catalogue, plan: Plan) -> None:
    """Each value of an option that a clause asks for, told from every other, in the first kind that can."""
    shown: set[Difference] = set()
    for name, first in catalogue.first.items():
        tried: set[Difference] = set()
        for setting in (first, *catalogue.others(name)):
            world = catalogue.world(setting, {})
            wanted = {d for option in world.system.options for d in differences(world, option.name)} - shown - tried
            if not wanted:
                continue
            tried |= wanted
            place = catalogue.place(setting)
            found = list(option_cases(place.space, wanted))
            if found:
                shown.update(difference for difference, _ in found)
                _add(plan, VARIANTS, setting, partial(iter, tuple(case for _, case in found)), place)
        if not tried:
            return


def _edges(catalogue: Catalogue, plan: Plan) -> None:
    """Each edge in the first setting that has it."""
    covered: set[EdgeKey] = set()
    for setting in catalogue.first.values():
        place = catalogue.place(setting)
        keys = [place.abstract.edge_key(n) for n in range(len(place.abstract.reach.edges))]
        wanted = {n for n, key in enumerate(keys) if key not in covered}
        untaken = place.space.expand(wanted)
        dead = dead_edges(place.abstract) if untaken else set()
        plan.untaken |= {keys[n] for n in untaken - dead}
        plan.dead |= {keys[n] for n in untaken & dead}
        takes = wanted - untaken
        covered |= {keys[n] for n in takes}
        if takes:
            plan.edges[len(plan.units)] = place, takes
            _add(plan, "edges", setting, partial(edge_cases, place.space, frozenset(takes)), place)
    plan.untaken -= covered
    plan.dead -= covered | plan.untaken


def _random(catalogue: Catalogue, plan: Plan, setting: Setting, seed: int, walks: int) -> None:
    world = catalogue.world(setting, catalogue.counts)
    cases = _Cases(lambda: itertools.islice(random_walks(world, seed), walks))
    plan.units.append(Unit(f"random: {setting.label}", cases, Marksman(world)))
