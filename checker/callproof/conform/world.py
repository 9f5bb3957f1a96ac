"""One setting, ready to be walked: the interpreter, and a stand-in for the driver that makes its choices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from callproof.conform.settings import Setting
from callproof.conform.terms import ROOM, Term, places, sort_terms
from callproof.expr import WORD_MAX, BitAnd, Const, Kind, Node, children, variables
from callproof.model.clauses import Origin
from callproof.model.system import Action, System
from callproof.semantics import CompiledAction, Machine, State, Values

_NUMBERS = 2
"""Counters are told apart up to here."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is known of one action before any step."""

    number: int
    action: Action
    compiled: CompiledAction
    terms: tuple[tuple[Term, ...], ...]
    """The terms to try for each parameter."""
    no_results: Values
    decided: bool
    """The state after it depends on what the driver returns."""
    fixed_outcome: bool
    """Which outcome it has depends on neither arguments nor results."""
    rigid: frozenset[int]
    """Positions of clauses that no argument can make true."""
    rigid_axioms: frozenset[int]
    project: Callable[[State], Any]
    """What of the state decides whether arguments exist, as far as that is finite."""
    caller: frozenset[int]
    """Positions of the caller's duties."""
    changes: bool
    """Some outcome writes something."""
    resource: int
    """The index of the resource of the first handle kind that it is about, or 0."""

    @property
    def observes(self) -> bool:
        """A call that changes nothing and returns something: it shows the state that a driver keeps."""
        return not self.changes and bool(self.action.results) and not self.action.is_event


class Base:
    """The interpreter of so many resources, and what is known of each action; settings share it."""

    def __init__(self, system: System, room: int = ROOM) -> None:
        self.system, self.room = system, room
        self.first = system.counts[0][0] if system.counts else ""
        self.machine = Machine(system)
        names, sorts = self.machine.names, self.machine.sorts
        control = {v.name for v in system.variables if v.control}
        finite = [slot for slot, name in enumerate(names) if name in control or sorts[slot].kind is Kind.BOOLEAN]
        self.finite = itemgetter(*finite) if len(finite) > 1 else tuple
        self.numbers = tuple(slot for slot, sort in enumerate(sorts) if sort.kind is Kind.NUMBER)
        self.regions = places(names, sorts, range(len(sorts))).regions
        tables = {base: names[base].partition("[")[0] for base, _ in self.regions}
        self.pairs = tuple(
            (*one, *two) for one, two in itertools.combinations(self.regions, 2) if tables[one[0]] != tables[two[0]]
        )
        """Regions of different tables, which may lie in each other: base and size of either."""
        self.acts = tuple(self._act(number, compiled) for number, compiled in enumerate(self.machine.compiled))
        self.observers = tuple(act for act in self.acts if act.observes)

    def roomier(self, room: int) -> None:
        """Let callers allocate more."""
        self.room = room
        self.acts = tuple(self._act(number, compiled) for number, compiled in enumerate(self.machine.compiled))
        self.observers = tuple(act for act in self.acts if act.observes)

    # -- analysis -----------------------------------------------------------------------------------------------

    def _act(self, number: int, compiled: CompiledAction) -> Act:
        action, slots, sorts = compiled.action, self.machine.slots, self.machine.sorts
        params = {p.var.name for p in action.params}
        results = {r.var.name for r in action.results}
        written = [value for o in action.outcomes for _, value in o.writes]
        whens = [o.when for o in action.outcomes]
        clauses = [c.formula for c in action.clauses]
        mentioned = variables(*clauses, *whens, *(a.formula for a in action.axioms))
        wanted = sorted(slots[name] for name in mentioned if name in slots)
        known = places(self.machine.names, sorts, wanted)
        size_at = next((n for n, p in enumerate(action.params) if p.var.sort.kind is Kind.SIZE), -1)
        masks = _masks(clauses)
        finite = [slot for slot in wanted if not sorts[slot].is_word or sorts[slot].kind is Kind.NUMBER]
        free = params | results
        return Act(
            number,
            action,
            compiled,
            tuple(tuple(sort_terms(p.var.sort, known, self.room, size_at, masks)) for p in action.params),
            (0,) * len(action.results),
            not results.isdisjoint(variables(*written, *whens, *clauses)),
            params.isdisjoint(variables(*whens)) and results.isdisjoint(variables(*whens)),
            frozenset(n for n, f in enumerate(clauses) if params.isdisjoint(variables(f))),
            frozenset(n for n, a in enumerate(action.axioms) if free.isdisjoint(variables(a.formula))),
            itemgetter(*finite) if finite else (lambda _: ()),
            frozenset(n for n, c in enumerate(action.clauses) if c.origin is Origin.CALLER),
            any(o.writes for o in action.outcomes),
            next((index for _, kind, index in action.handles if kind == self.first), 0),
        )


def _masks(formulas: Iterable[Node]) -> tuple[int, ...]:
    """The constants with which words are masked."""
    found: dict[int, None] = {}
    seen: set[int] = set()
    stack = list(formulas)
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, BitAnd) and isinstance(node.right, Const):
            found[node.right.value] = None
        stack.extend(children(node))
    return tuple(found)


class World:
    """One setting: the state it starts in, and a stand-in for the driver that makes its choices.

    `fixed` holds the results known of each resource of the first handle kind, by its index; `declared` those of them
    that the driver promises.
    """

    def __init__(
        self,
        setting: Setting,
        base: Base,
        fixed: Mapping[int, Mapping[str, int]],
        declared: Mapping[int, Mapping[str, int]],
    ) -> None:
        self.setting, self.base, self.fixed, self.declared = setting, base, fixed, declared
        self.system, self.machine, self.acts, self.observers = base.system, base.machine, base.acts, base.observers
        self.initial = self.machine.initial(setting.options)

    def key(self, state: State) -> Any:
        """States with one key are taken to be alike: control, flags, counters as far as 2, and what lies in what."""
        base = self.base
        return (
            base.finite(state),
            tuple([min(state[slot], _NUMBERS) for slot in base.numbers]),
            tuple(
                [a for a, n, b, m in base.pairs if state[a] < state[b] + state[m] and state[b] < state[a] + state[n]]
            ),
        )

    def choose(self, act: Act, state: State, args: Values, choices: Mapping[str, int]) -> Values | None:
        """Results that a driver could return here, or None where these few tries contradict an axiom.

        What is known of the resource's kind is taken, then `choices` (flags and enumerations by full name), fresh
        memory for addresses, or where that cannot be an address that was passed, and a page for sizes.
        """
        action = act.action
        if not action.results:
            return act.no_results if not action.axioms or act.compiled.possible(state, args, ()) else None
        if not act.decided:
            return act.no_results
        known = self.fixed.get(act.resource, {})
        found = list(act.no_results)
        cursor = -1
        for position, (result, exists) in enumerate(zip(action.results, act.compiled.exists, strict=True)):
            if exists is not None and not exists(state, args, tuple(found)):
                continue
            if result.name in known:
                found[position] = known[result.name]
            elif result.var.sort.kind is Kind.ADDRESS:
                cursor = self._fresh(state) if cursor < 0 else cursor
                found[position] = cursor
                cursor = (cursor + self.base.room) & WORD_MAX
            else:
                found[position] = choices.get(result.var.name, 4096 if result.var.sort.kind is Kind.SIZE else 0)
        made = tuple(found)
        if act.compiled.possible(state, args, made):
            return made
        return next((m for m in self._given(act, made, args) if act.compiled.possible(state, args, m)), None)

    def _given(self, act: Act, made: Values, args: Values) -> Iterator[Values]:
        """The same results with an address that the caller passed in the place of one that the driver chooses."""
        passed = [v for v, p in zip(args, act.action.params, strict=True) if p.var.sort.kind is Kind.ADDRESS]
        for position, result in enumerate(act.action.results):
            if result.var.sort.kind is Kind.ADDRESS:
                yield from ((*made[:position], value, *made[position + 1 :]) for value in passed)

    def awaits(self, act: Act, state: State, args: Values) -> bool:
        """The state after this step is known only when the driver has answered."""
        if not act.decided:
            return False
        return any(e is None or e(state, args, act.no_results) for e in act.compiled.exists)

    def _fresh(self, state: State) -> int:
        top = max([state[base] + state[size] for base, size in self.base.regions], default=0)
        return (max(top, 0xFFFFF) // self.base.room + 1) * self.base.room & WORD_MAX
