"""A specification as a Hypothesis state machine, which looks for call sequences that a driver gets wrong.

`callproof trace convert FILE --to hypothesis` writes a test file with a subclass of `ContractMachine`.
"""

from __future__ import annotations

import atexit
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from hypothesis.stateful import RuleBasedStateMachine, initialize
from hypothesis.strategies import DataObject, SearchStrategy, booleans, data, integers

from callproof.conform.again import setting_of
from callproof.conform.catalogue import Catalogue, Place
from callproof.conform.goals import Goal, Marksman
from callproof.conform.judge import arguments, judge
from callproof.conform.space import Arc
from callproof.conform.terms import values
from callproof.conform.world import Act, World
from callproof.drivers.locate import driver_command
from callproof.drivers.messages import results
from callproof.drivers.session import DEFAULT_TIMEOUT, DriverFailure, Session
from callproof.model.clauses import Origin
from callproof.model.loading import load_specification
from callproof.semantics import Values

if TYPE_CHECKING:
    from callproof.semantics import State

T = TypeVar("T")

COMMON = 4
"""Calls that a clause refuses at the beginning from which on it is a common one, about what comes first of all."""
REMEMBERED = 20_000
"""States that are remembered, with what can be called there."""
STARTS = 2_000
"""States that an example can start from, the nearest ones first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A call with its arguments, and the clause that fails, if one does; Hypothesis prints it."""

    act: Act
    args: Values
    clause: str

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in arguments(self.act, self.args).items())
        judged = f"which {self.clause} refuses" if self.clause else "which the contract accepts"
        return f"{self.act.action.call}({given}), {judged}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis prints: not every field, as of other dataclasses."""
        printer.text(repr(self))


@dataclass(frozen=True, slots=True)
class Start:
    """A state to start from, by the calls of a shortest way there."""

    calls: tuple[str, ...]
    arcs: tuple[Arc, ...]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"after {', '.join(self.calls)}" if self.calls else "at the beginning")


class ContractMachine(RuleBasedStateMachine):
    """The base of generated machines. A rule makes its call by `make`; an assertion fails where the driver is wrong.

    Arguments come from the state that the contract says was reached: for each outcome some that lead to it, and
    for each clause some for which it fails alone. Calls that break a duty of the caller are not made.
    """

    spec: ClassVar[str] = ""
    driver: ClassVar[Sequence[str]] = ()
    readings: ClassVar[Mapping[str, str]] = {}
    options: ClassVar[Mapping[str, str]] = {}
    kinds: ClassVar[Mapping[str, str]] = {}
    hazards: ClassVar[bool] = False
    """Calls that only a check that no page names refuses are made too, and a driver that accepts them is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self._talk = _conversation(
            self.spec,
            tuple(self.driver),
            tuple(self.readings.items()),
            tuple(self.options.items()),
            tuple(self.kinds.items()),
        )
        world = self._talk.world
        self._state: State = world.initial.copy()
        self._common_too = False
        self._refused: set[tuple[str, str]] = set()
        self._talk.session().reset(world.setting.options, {str(i): kind for i, kind in world.setting.kinds.items()})

    @initialize(draws=data())
    def start(self, draws: DataObject) -> None:
        """Go to one of the states that calls can reach, on a shortest way."""
        self._common_too = draws.draw(booleans(), label="with calls that most states refuse")
        talk = self._talk
        start = draws.draw(_one_of(talk.starts), label="start")
        small = talk.place.world.initial.copy()
        for arc in start.arcs:
            act = talk.place.world.acts[arc.goal.act]
            args = values(arc.terms, small)
            returned = self._call(Choice(talk.same(act), args, ""))
            if returned is None:
                return  # the driver's own choices lead elsewhere
            act.compiled.apply(small, args, returned)

    def make(self, call: str, draws: DataObject) -> None:
        """Make a call with arguments that Hypothesis draws, and judge the answer; nothing where it has none."""
        common = () if self._common_too else self._talk.common
        choices = self._talk.choices(call, self._state, self.hazards)
        left = [c for c in choices if c.clause not in common and (call, c.clause) not in self._refused]
        if left:
            choice = draws.draw(_one_of(left), label="call")
            if self._call(choice) is None and choice.clause:
                self._refused.add((call, choice.clause))

    def _call(self, choice: Choice) -> Values | None:
        """What an accepted call returned, else None; an assertion fails where the answer is wrong."""
        session, act = self._talk.session(), choice.act
        try:
            session.post([(act.action.call, arguments(act, choice.args))])
            [answer] = session.collect()
        except DriverFailure as failure:
            self._talk.end()
            raise AssertionError(f"{choice!r}: {failure}") from None
        if answer.unsupported:
            return None
        code = act.compiled.judge(self._state, choice.args, act.no_results)
        said = judge(self._talk.world, act, self._state, choice.args, code, answer)
        if said.wrong is not None:
            got = results(answer.result) if answer.result else {}
            what = f"{said.wrong.sort.value} {said.message}".rstrip()
            raise AssertionError(f"{choice!r}: {what}; it answered {answer.status} {got or ''}".rstrip())
        if not said.accepted:
            return None
        act.compiled.apply(self._state, choice.args, said.returned)
        return said.returned


def _one_of(values: list[T]) -> SearchStrategy[T]:
    """One of several values, by its position: `sampled_from` would compute a hash of each."""
    return integers(0, len(values) - 1).map(values.__getitem__)


class _Conversation:
    """A driver process that all examples of a machine talk to, and what the contract says of it."""

    def __init__(self, command: Sequence[str], spec: str) -> None:
        self._command, self._spec = command, spec
        self._session: Session | None = None
        self._choices: dict[tuple[str, tuple[int, ...], bool], list[Choice]] = {}
        self._goals_of: dict[int, list[Goal]] = {}

    def choices(self, call: str, state: State, hazards: bool) -> list[Choice]:
        """Arguments for a call in a state: for each outcome first, then for each clause that can fail alone."""
        key = (call, tuple(state), hazards)
        if key not in self._choices:
            if len(self._choices) > REMEMBERED:
                self._choices.clear()
            self._choices[key] = found = []
            for act in self.world.acts:
                if act.action.call == call:
                    shots = [(goal, self._marksman.aim(state, goal)) for goal in self._goals(act, hazards)]
                    found += [Choice(act, s.args, g.alone or "") for g, s in shots if s]
            found.sort(key=lambda choice: bool(choice.clause))
        return self._choices[key]

    def _goals(self, act: Act, hazards: bool) -> list[Goal]:
        """Each outcome, and each clause that fails alone, with every value of the flags and enumerations passed."""
        if act.number not in self._goals_of:
            finite = [p.var for p in act.action.params if not p.var.sort.is_word]
            judged = {Origin.DOCUMENTED, Origin.HEADER} | ({Origin.HARDENING} if hazards else set())
            ids = dict.fromkeys(use.id for use in act.action.clauses if use.origin in judged)
            self._goals_of[act.number] = [
                goal
                for choices in itertools.product(*([(v.name, n) for n in range(v.sort.values)] for v in finite))
                for goal in (
                    *(Goal(act.number, choices, n) for n in range(len(act.action.outcomes))),
                    *(Goal(act.number, choices, None, id) for id in ids),
                )
            ]
        return self._goals_of[act.number]

    def on(self, place: Place, world: World) -> _Conversation:
        """The same about one setting: its sequence graph of one resource of each kind, and the world to be walked."""
        self.place, self.world, self._marksman = place, world, Marksman(world)
        self.starts: list[Start] = []
        space = place.space
        for node in space.breadth_first():
            way = [arc for _, arc in space.way(node)]
            calls = tuple(place.world.acts[arc.goal.act].action.call for arc in way)
            self.starts.append(Start(calls, tuple(way)))
            if len(self.starts) == STARTS:
                break
            space.arcs(node)
        names = dict.fromkeys(act.action.call for act in world.acts)
        ids = Counter(id for call in names for id in {c.clause for c in self.choices(call, world.initial, True)} if id)
        self.common = frozenset(id for id, count in ids.items() if count >= COMMON)
        return self

    def same(self, act: Act) -> Act:
        """The action of the world that is walked that is one of the sequence graph's."""
        return self.world.acts[self.world.machine.action(act.action.call, act.action.indices)]

    def session(self) -> Session:
        if self._session is None:
            self._session = Session(self._command, self._spec, DEFAULT_TIMEOUT)
        return self._session

    def end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


Pairs = tuple[tuple[str, str], ...]


@lru_cache(maxsize=4)
def _conversation(name: str, driver: tuple[str, ...], readings: Pairs, options: Pairs, kinds: Pairs) -> _Conversation:
    spec = load_specification(name)
    made = _Conversation(driver_command(driver), spec.name)
    atexit.register(made.end)
    offer = made.session().offer
    chosen = dict(kinds)
    if not chosen and offer.kinds:
        chosen = {"1": offer.kinds[0].name, "2": offer.kinds[-1].name}
    setting = setting_of(spec, dict(options), chosen)
    catalogue = Catalogue(spec, offer, readings)
    return made.on(catalogue.place(setting), catalogue.world(setting, catalogue.counts))
