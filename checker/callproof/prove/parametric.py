"""Why a proof about one resource and about two of them holds for any number: the argument, and its checks.

Let K be the first kind of handle of a specification (the graphs of a session), and let all other kinds have fixed
numbers. Write S_N for the system with N resources of K. The claim is: what is proved in S_1 of each resource, and in
the joins of S_1's states of each two resources, holds in S_N for every N.

The argument. Look at a run of S_N through one or two of its resources: keep their variables and what is not in K's
table, and forget the others. If each step is then a step of S_1 or S_2, or changes nothing (a *stutter*), all states
and steps that can be seen so are states, steps or stutters of the smaller system. An invariant of S_N that is a
conjunction of parts, each about at most two resources, holds if each part holds in what can be seen of these two.

A step of S_N is seen as one of S_M (M = 1, 2) if

1. a call given a resource writes that resource only: another call on another resource is then a stutter. Writing the
   session or a stream counts as writing something else, for the other resources see it;
2. among N resources a call demands at least what it demands among M of them. That is the direction that matters: a
   guard "no other graph runs" only takes behaviours away when graphs are added, "some other graph runs" adds some. So
   rules about others have to be conjunctions over the others, each part about one of them;
3. its outcomes, the results that exist, and the values that it writes to the M resources and to what is shared are
   those of S_M.

That is checked on formulas: S_2 against S_1 and S_3 against S_2 (`projection`). A body that tells resources apart by
their number is caught as far as these two show it. From
three resources on, what a body says is the same again for each further one: the body ranges over the table one
resource at a time and treats each alike (`watching`), and each part of a demand is about one other resource, so that
S_N demands of each two resources what S_3 does. Beyond that nothing is known of a body that counts in plain Python.

The argument needs besides: a call is given one resource of K at most; no field stores a handle of K, and K indexes no
table inside another, since a third resource could be named so; an invariant over a step also holds on a stutter
(`holds_on_stutters`, over the states that were explored).

Where a check fails, the reason is a sentence for the user, and the proof is for so many resources as there were.
The same argument could be made for another kind (streams, blocks). It is not: graph calls are given a stream as well,
write what depends on it, and store it, which is no stutter for that stream. So other kinds are literal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from callproof.answers import Answers
from callproof.limits import DEFAULT_BUDGET
from callproof.model.handles import Handle
from callproof.model.instantiate import STATE_PARAMETERS, Selection, instantiate, signature
from callproof.model.records import Record, RecordField, TableField
from callproof.model.specification import Specification
from callproof.model.system import Property, System, call_marker, primed
from callproof.prove.goals import Goals
from callproof.prove.projection import Comparison, stored
from callproof.prove.watching import watch_invariant, watch_operation
from callproof.residue import FALSE, TRUE, Model
from callproof.symbolic import Answer, Solver

States = Callable[[int], Iterable[int]]
"""mask -> the projections of all states that may be reached."""


@dataclass(frozen=True, slots=True)
class Wide:
    """An invariant for which there is no argument: with how many resources it is checked instead, and why."""

    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Argument:
    """What may be concluded from one resource of a kind, and from two, on any number."""

    kind: str
    reason: str
    """Why nothing may be concluded; empty where it may."""
    single: frozenset[str]
    """Invariants that hold if they hold where there is one resource."""
    pairs: frozenset[str]
    """Invariants that hold if they hold of each two resources."""
    wide: Mapping[str, Wide]
    """The other ones."""
    systems: Mapping[int, System] = field(default_factory=dict, repr=False, compare=False)
    """The systems of one resource and of two that were looked at, so that nobody has to make them again."""

    @property
    def widest(self) -> int:
        """The resources that a literal check needs for every invariant to speak of something."""
        return max([2 if self.pairs else 1, *(wide.count for wide in self.wide.values())])


def argue(
    spec: Specification[Any],
    kind: type[Handle],
    counts: Mapping[str, int],
    select: Selection,
    budget: int = DEFAULT_BUDGET,
    answers: Answers | None = None,
) -> Argument:
    """Check the argument for a specification's kind of handle; `counts` gives the numbers of the other kinds."""
    name = kind.__name__
    systems = {n: instantiate(spec, {**counts, name: n}, select) for n in (1, 2, 3)}
    comparison = Comparison(systems[3], name, budget, answers)
    reason = _unfit(spec, kind) or next((f"{variable} stores a {name}" for variable in stored(systems[1], name)), "")
    if not reason:
        reason = comparison.projects(systems[1], systems[2], ((1,), (2,)))
    if not reason:
        # Keeping the ends tells a call's treatment of the resource that it leaves out, whichever loop comes first.
        reason = comparison.projects(systems[2], systems[3], ((1, 3),))
    if not reason:
        tables = dict(systems[3].tables)
        faults = ((o.name, watch_operation(spec, o, kind, tables)) for o in spec.operations.values())
        reason = next((f"{call} {fault}" for call, fault in faults if fault), "")
    single, pairs, wide = set(), set(), {}
    for id, invariant in spec.invariants.items():
        shape = signature(invariant.body, STATE_PARAMETERS[invariant.over_step])
        named = sum(k is kind for _, k in shape.handles)
        fault = watch_invariant(spec, invariant, kind, dict(systems[3].tables)) if named < 3 else ""
        seen = max(named, comparison.widest(systems[3], id))
        if named > 2:
            wide[id] = Wide(named, f"{id} names {named} {name}")
        elif seen > 2:
            wide[id] = Wide(seen, f"{id} speaks of {seen} {name} at once")
        elif fault:
            wide[id] = Wide(max(2, seen), f"{id} {fault}")
        elif named < 2 and all(comparison.follows(systems[1], systems[n], id) for n in (2, 3)):
            single.add(id)
        elif comparison.follows(systems[2], systems[3], id):
            pairs.add(id)
        else:
            wide[id] = Wide(max(2, seen), f"{id} is no rule about each two {name}")
    return Argument(name, reason, frozenset(single), frozenset(pairs), wide, {n: systems[n] for n in (1, 2)})


def argue_apart(
    spec: Specification[Any], kind: str, counts: Mapping[str, int], select: Selection, budget: int = DEFAULT_BUDGET
) -> str:
    """Why the argument may need all clauses; empty where it holds for the contract without any of them as well.

    Of the clauses it asks only that more resources demand what fewer do (2), so that is asked of each by itself.
    """
    systems = {n: instantiate(spec, {**counts, kind: n}, select) for n in (1, 2, 3)}
    comparison = Comparison(systems[3], kind, budget)
    return comparison.projects_apart(systems[1], systems[2], ((1,), (2,))) or comparison.projects_apart(
        systems[2], systems[3], ((1, 3),)
    )


def _unfit(spec: Specification[Any], kind: type[Handle]) -> str:
    """A call that is given two resources, or a table of the kind that is not the session's."""
    for operation in spec.operations.values():
        given = sum(k is kind for _, k in signature(operation.body, 1).handles)
        if given > 1:
            return f"{operation.name} names {given} {kind.__name__}"
    inner = (f for name, f in _tables(spec.state) if f.kind is kind and "." in name)
    if any(True for _ in inner):
        return f"{kind.__name__} indexes a table inside a record"
    if sum(f.kind is kind for _, f in _tables(spec.state)) > 1:
        return f"{kind.__name__} indexes several tables"
    return ""


def _tables(record: type[Record], path: str = "") -> Iterator[tuple[str, TableField[Any, Any]]]:
    for name, declared in record.FIELDS.items():
        if isinstance(declared, TableField):
            yield f"{path}{name}", declared
        if isinstance(declared, TableField | RecordField):
            yield from _tables(declared.of, f"{path}{name}.")


def holds_on_stutters(
    model: Model, prop: Property, states: States, goals: Goals, stands: Iterable[int], solver: Solver
) -> bool:
    """An invariant over a step holds also on a step that changes nothing it sees: a call on another resource.

    `states` gives the projections of the states to look at, `stands` are the positions of invariants that hold there.
    """
    pool = model.pool
    env = {**model.state_env, **model.option_env}
    env |= {primed(name): leaf for name, leaf in model.state_env.items()}
    env |= {call_marker(action.call, action.indices): FALSE for action in model.system.actions}
    broken = pool.not_(pool.intern(prop.formula, env, {}))
    if broken <= TRUE:
        return broken == FALSE
    open_keys = [key for key in states(pool.mask[broken]) if pool.specialise(broken, key) != FALSE]
    if not open_keys:
        return True
    lemmas = [part for n in sorted(stands) for part in goals.parts[n]]
    near = [part for part in lemmas if pool.data_of(part) & pool.data_of(broken)]
    mask = pool.mask[broken]
    for part in near:
        mask |= pool.mask[part]
    for key in states(mask):
        asked = [pool.specialise(f, key) for f in (broken, *near)]
        if FALSE not in asked and solver.check(asked) is not Answer.UNSAT:
            return False
    return True
