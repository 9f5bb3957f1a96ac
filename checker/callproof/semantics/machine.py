"""The interpreter: judging and making the steps of one system on concrete values."""

from __future__ import annotations

from collections.abc import Mapping

from callproof.errors import Location, SpecError, UsageError
from callproof.expr import BOOLEAN, Sort
from callproof.model.clauses import Layer
from callproof.model.system import Action, Axiom, ClauseUse, Property, System, call_marker
from callproof.semantics.compiled import CompiledAction, CompiledProperty, State, Values
from callproof.semantics.judgement import VERDICTS, Verdict
from callproof.semantics.source import Table


class Machine:
    """A system compiled to Python, each function when it is first needed.

    A state is a list of integers: the state variables in the system's order (a flag as 0 or 1, an enumeration value
    by its index, a word as itself), then the options. `args` are the plain parameters' values and `results` the
    results', both in the action's order; a result that does not exist is 0. For speed, call
    `compiled[action].step(state, args, results)` directly.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        variables = [v.var for v in system.variables] + list(system.options)
        self.slots = {var.name: slot for slot, var in enumerate(variables)}
        self.sorts: tuple[Sort, ...] = tuple(var.sort for var in variables)
        self.names = tuple(self.slots)
        booleans = frozenset(slot for slot, sort in enumerate(self.sorts) if sort == BOOLEAN)
        self._booleans, table = booleans, Table()
        self.compiled = tuple(CompiledAction(action, table, self.slots, booleans) for action in system.actions)
        self._actions = {(action.call, action.indices): n for n, action in enumerate(system.actions)}
        markers = {call_marker(*key): n for key, n in self._actions.items()}
        self.properties = tuple(CompiledProperty(prop, table, self.slots, markers) for prop in system.properties)
        self._affected: dict[int, tuple[CompiledProperty, ...]] = {}

    def beside(self, action: Action) -> CompiledAction:
        """An action over the same variables that is none of the system's, compiled by itself."""
        return CompiledAction(action, Table(), self.slots, self._booleans)

    def initial(self, options: Mapping[str, str] | None = None) -> State:
        """The state before any call; an option that is neither given nor fixed has its first value."""
        state = [0] * len(self.system.variables)
        fixed = dict(self.system.fixed_options)
        given = dict(options or {})
        for var in self.system.options:
            name = given.pop(var.sort.name, None)
            if name is not None and name not in var.sort.members:
                raise UsageError(f"option {var.sort.name} has no value {name!r}; it has {', '.join(var.sort.members)}")
            value = fixed.get(var.name, 0) if name is None else var.sort.members.index(name)
            if fixed.get(var.name, value) != value:
                raise UsageError(f"option {var.sort.name} is fixed to {var.sort.members[fixed[var.name]]!r} here")
            state.append(value)
        if given:
            raise UsageError(f"unknown option {min(given)!r}")
        return state

    def action(self, call: str, handles: tuple[int, ...]) -> int:
        """The number of a call on handles (in the order of its signature)."""
        found = self._actions.get((call, handles))
        if found is None:
            raise UsageError(f"{self.system.spec} has no call {call}({', '.join(map(str, handles))}) here")
        return found

    def judge(self, state: State, action: int, args: Values, results: Values) -> Verdict:
        """What the contract says of a call in a state."""
        return VERDICTS[self.compiled[action].judge(state, args, results)]

    def failing(self, state: State, action: int, args: Values, results: Values) -> tuple[ClauseUse, ...]:
        """The clauses that fail, in the order of the specification."""
        compiled = self.compiled[action]
        return tuple(compiled.action.clauses[n] for n in compiled.explain(state, args, results))

    def accepts(self, layer: Layer, state: State, action: int, args: Values, results: Values) -> bool:
        """Do all clauses of a layer hold?"""
        call = self.compiled[action].action.call
        failing = self.failing(state, action, args, results)
        return not any(layer.demands(call, clause.id, clause.origin) for clause in failing)

    def axioms_failing(self, state: State, action: int, args: Values, results: Values) -> tuple[Axiom, ...]:
        """The axioms that what was returned contradicts."""
        compiled = self.compiled[action]
        return tuple(compiled.action.axioms[n] for n in compiled.against(state, args, results))

    def apply(self, state: State, action: int, args: Values, results: Values) -> str:
        """Make the step in place, whatever the clauses say; the name of the outcome that was taken."""
        compiled = self.compiled[action]
        outcome = compiled.apply(state, args, results)
        if outcome < 0:
            made = compiled.action
            places = [use.location for use in made.clauses] + [use.location for use in made.axioms]
            raise SpecError(
                f"none of the outcomes of {made.label} is possible in a state that was reached",
                places[0] if places else Location(self.system.spec, 0),
            )
        return compiled.action.outcomes[outcome].name

    def broken(self, before: State, after: State, action: int) -> tuple[Property, ...]:
        """The invariants that a step breaks: over a state, those that held before it and do not after it."""
        return tuple(
            compiled.property
            for compiled in self._concerned(action)
            if not compiled.holds(before, after, action)
            and (compiled.property.over_step or compiled.holds(before, before, action))
        )

    def violated(self, state: State) -> tuple[Property, ...]:
        """The invariants over a state that do not hold in it."""
        return tuple(
            compiled.property
            for compiled in self.properties
            if not compiled.property.over_step and not compiled.holds(state, state, -1)
        )

    def _concerned(self, action: int) -> tuple[CompiledProperty, ...]:
        """Every invariant over a step, and those over a state whose variables the action writes."""
        found = self._affected.get(action)
        if found is None:
            written = {name for o in self.system.actions[action].outcomes for name, _ in o.writes}
            found = self._affected[action] = tuple(
                c for c in self.properties if c.property.over_step or not written.isdisjoint(c.reads)
            )
        return found

    def value(self, state: State, name: str) -> int:
        """The value of a variable or an option."""
        return state[self.slots[name]]
