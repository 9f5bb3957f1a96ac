"""The settings of a campaign, each a world with its sequence graph; what a driver does not say is learned by asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from callproof.conform.cases import Case, Planned
from callproof.conform.observations import Seen
from callproof.conform.play import Player
from callproof.conform.settings import (
    Kinds,
    Setting,
    counts_of,
    kinds_of,
    offered,
    option_choices,
    restricted,
    result_sorts,
)
from callproof.conform.space import Abstract, Space
from callproof.conform.terms import ROOM
from callproof.conform.world import Base, World
from callproof.drivers.messages import Answer, Offer, results
from callproof.drivers.session import DriverFailure, Session
from callproof.errors import InputError, UsageError
from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification
from callproof.model.system import System
from callproof.residue import FALSE, TRUE, Pool
from callproof.semantics import encode


@dataclass(frozen=True, slots=True)
class Place:
    """A setting of one resource of each kind, ready to be planned on."""

    world: World
    abstract: Abstract
    space: Space


def way_to_results(place: Place, wanted: frozenset[str]) -> tuple[Planned, ...]:
    """A shortest walk to a call that decides some of the wanted results; empty where there is none."""
    for node in place.space.breadth_first():
        for arc in place.space.arcs(node):
            act = place.world.acts[arc.goal.act]
            named = wanted.intersection(r.name for r in act.action.results)
            if act.decided and named and place.world.awaits(act, place.space.nodes[node], ()):
                way = [(a.goal, a.terms) for _, a in place.space.way(node)] + [(arc.goal, arc.terms)]
                return tuple(Planned(goal.act, terms, True) for goal, terms in way)
    return ()


class Catalogue:
    """Everything that a driver can be started as."""

    def __init__(self, spec: Specification[Any], offer: Offer, readings: tuple[tuple[str, str], ...] = ()) -> None:
        self.spec, self.offer, self.readings = spec, offer, readings
        self.counts = counts_of(spec, offer)
        self.choices = option_choices(spec, offer)
        self.kinds: Kinds = kinds_of(spec, offer)
        self._places: dict[str, Place] = {}
        self._fits: dict[tuple[object, ...], Mapping[str, int]] = {}
        self._declared = self.kinds.results
        self._room = ROOM
        self._bases: dict[tuple[tuple[str, int], ...], Base] = {}
        self._plain = instantiate(spec, {})
        self.first: dict[str, Setting] = {}
        """For each kind the first options under which it is possible."""
        for name in self.kinds.names:
            for options in self.choices:
                setting = Setting(options, {1: name})
                if self.possible(setting):
                    self.first[name] = setting
                    break
        if not self.first:
            raise UsageError("none of the kinds that the driver offers is possible under the options that it offers")

    def possible(self, setting: Setting) -> bool:
        """No call is ruled out by what the setting's kind returns under its options."""
        return self._allowed(setting.options, self.kinds.results.get(setting.kinds.get(1, ""), {}))

    def _allowed(self, options: Mapping[str, str], known: Mapping[str, int]) -> bool:
        pool = Pool()
        env = {v.name: pool.const(v.sort, v.sort.members.index(options[v.sort.name])) for v in self._plain.options}
        for action in self._plain.actions:
            here = dict(env)
            for r in action.results:
                # Whether a result exists may depend on those before it.
                if r.name in known and pool.intern(r.when, here) == TRUE:
                    here[r.var.name] = pool.const(r.var.sort, known[r.name])
            if len(here) > len(env) and pool.and_([pool.intern(a.formula, here) for a in action.axioms]) == FALSE:
                return False
        return True

    def world(self, setting: Setting, counts: Mapping[str, int]) -> World:
        """The setting with so many resources of each kind."""
        key = tuple(sorted(counts.items()))
        if key not in self._bases:
            self._bases[key] = Base(offered(self.spec, self.offer, counts, self.readings), self._room)
        fixed = self.fixed(setting)
        declared = {
            index: {r: v for r, v in self._declared.get(name, {}).items() if r in fixed[index]}
            for index, name in setting.kinds.items()
        }
        return World(setting, self._bases[key], fixed, declared)

    def fixed(self, setting: Setting) -> dict[int, Mapping[str, int]]:
        """The results known of each resource of a setting, but for what its options do not allow."""
        return {index: self._fitting(setting.options, name) for index, name in setting.kinds.items()}

    def _fitting(self, options: Mapping[str, str], name: str) -> Mapping[str, int]:
        """What is known of a kind; where the options rule it out, less every result that may not stand under them."""
        known = self.kinds.results.get(name, {})
        key = (name, *sorted(options.items()), *sorted(known.items()))
        if key not in self._fits:
            against = set[str]()
            if not self._allowed(options, known):
                against = {r for r in known if self._allowed(options, {k: v for k, v in known.items() if k != r})}
            self._fits[key] = {k: v for k, v in known.items() if k not in against}
        return self._fits[key]

    def place(self, setting: Setting) -> Place:
        """The setting with one resource of each kind, made once."""
        found = self._places.get(setting.label)
        if found is None:
            world = self.world(setting, {})
            abstract = Abstract(world, self._restricted(world))
            found = self._places[setting.label] = Place(world, abstract, Space(world, abstract))
        return found

    def restricted(self, place: Place) -> System:
        """The system of a place, with what its setting fixes."""
        return self._restricted(place.world)

    def _restricted(self, world: World) -> System:
        return restricted(world.system, world.setting, self.fixed(world.setting))

    # -- learning -----------------------------------------------------------------------------------------------

    def learn(self, session: Session) -> None:
        """Ask for what the driver left unsaid of its kinds: one short walk a kind."""
        # Kinds of which the same is known differ in nothing yet but their names: one place serves them all.
        alike: dict[tuple[object, ...], tuple[Place, tuple[Planned, ...]]] = {}
        for name, setting in self.first.items():
            known = tuple(sorted(self.kinds.results[name].items())), tuple(setting.options.items())
            if known not in alike:
                place = self.place(setting)
                alike[known] = place, self._probe(place)
            place, steps = alike[known]
            if steps:
                found = self._ask(session, setting, place, steps)
                self.kinds = self.kinds.learned(name, found)
        self._places.clear()
        total = sum(value for known in self.kinds.results.values() for value in known.values() if value < 1 << 40)
        self._room = max(ROOM, 1 << (2 * total).bit_length())
        for base in self._bases.values():
            base.roomier(self._room)

    def _probe(self, place: Place) -> tuple[Planned, ...]:
        """A shortest walk to a call that returns what is fixed by the kind, if something is unknown."""
        sorts, known = result_sorts(self.spec), self.kinds.results[place.world.setting.kinds[1]]
        return () if all(name in known for name in sorts) else way_to_results(place, frozenset(sorts))

    def _ask(self, session: Session, setting: Setting, place: Place, steps: tuple[Planned, ...]) -> dict[str, int]:
        answers: list[Answer] = []
        talk = Player(Seen(), 1).play(Case("probe", place.world, steps), place.space.marksman)
        reply: list[Answer] | DriverFailure = []
        try:
            next(talk)
            session.reset(setting.options, {str(i): kind for i, kind in setting.kinds.items() if kind})
            while True:
                batch = talk.send(reply)
                if batch is None:
                    break
                session.post(batch)
                reply = session.collect()
                answers += reply
        except StopIteration:
            pass
        if len(answers) < len(steps) or not answers[-1].result:
            return {}
        sorts, last = result_sorts(self.spec), results(answers[-1].result)
        call = place.world.acts[steps[-1].act].action.call
        try:
            return {name: encode(value, sorts[name], call) for name, value in last.items() if name in sorts}
        except InputError:
            return {}  # the suites will find it, and say where

    # -- settings -----------------------------------------------------------------------------------------------

    def others(self, name: str) -> Iterator[Setting]:
        """The further options under which a kind is possible."""
        for options in self.choices:
            setting = Setting(options, {1: name})
            if setting != self.first[name] and self.possible(setting):
                yield setting

    def misfits(self) -> Iterator[tuple[Setting, frozenset[str]]]:
        """Options that rule out what a kind returns elsewhere, with the results in question: once for kinds alike."""
        seen: set[tuple[object, ...]] = set()
        for name in self.first:
            declared = self._declared.get(name, {})
            for options in self.choices:
                setting = Setting(options, {1: name})
                against = frozenset(declared).difference(self._fitting(options, name))
                key = (against, *sorted((result, declared[result]) for result in against))
                if against and key not in seen and not self.possible(setting):
                    seen.add(key)
                    yield setting, against

    def mixed(self) -> Iterator[Setting]:
        """Settings with as many resources as the driver serves (two at most), every option and kind in some of them."""
        first = next(iter(self.counts), "")
        several = self.counts.get(first, 1) > 1
        names = list(self.first)
        for number, options in enumerate(self.choices):
            fits = [n for n in names if self.possible(Setting(options, {1: n}))]
            if not fits:
                continue
            one = fits[number % len(fits)]
            two = fits[(number // len(fits) + number + 1) % len(fits)]
            yield Setting(options, {1: one, 2: two} if several else {1: one})
