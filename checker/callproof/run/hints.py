"""What each obligation of a certificate assumes: hints, which the checker believes only as far as a solver agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callproof.certificate.records import Kept
from callproof.certificate.system import Move, Table
from callproof.graph import Reach
from callproof.model.clauses import Layer
from callproof.residue import conjuncts as parts_of
from callproof.residue.pool import NOT
from callproof.run.layer import Shown
from callproof.run.translation import clauses, inputs, split

SHORT = 200
"""Characters of a condition's term up to which it is always assumed."""


class Hints:
    """The hints of one proof; `moves` numbers the certificate's moves as the proof does."""

    def __init__(self, shown: Shown, table: Table, moves: Mapping[int, int], layer: Layer) -> None:
        self._layer = layer
        self._clauses: dict[int, list[tuple[int, ...]]] = {}
        self._accepted: dict[int, frozenset[int]] = {}
        self._shown, self._table, self._moves = shown, table, moves
        self._joined = not isinstance(shown.states, Reach)
        self._model = shown.side.model
        self._properties = self._model.system.properties
        self._by_state = {self._properties[prop].id for prop, _ in shown.by_state}
        self._twins: dict[int, int] = {}
        self._mirror: dict[int, int] = {}
        self._sources: dict[int, list[tuple[int, int]]] = {}
        if not isinstance(shown.states, Reach):
            self._look_through(shown.states.kind, shown.states.moves)

    def row(self, invariant: int, conjuncts: Sequence[int], move: Move) -> Kept:
        """The entry of one obligation, whose file has no name yet."""
        number = self._moves.get(move.number, -1)
        if self._joined:
            chosen = self._of_joins(invariant, conjuncts, number)
            guards = self._guards(invariant, number, move)
            reached = self._properties[invariant].id in self._by_state
        else:
            used = self._shown.used.get((invariant, number), frozenset())
            chosen = [pair for n in (invariant, *sorted(used - {invariant})) for pair in self._whole(n)]
            reached, guards = True, None
        return Kept(invariant, tuple(conjuncts), move.number, "obligations/keeps.smt2", tuple(chosen), guards, reached)

    def _whole(self, invariant: int) -> list[tuple[int, int]]:
        found = self._table.system.invariants[invariant]
        return [] if found.over_step else [(invariant, n) for n in range(len(found.conjuncts))]

    # -- two resources ------------------------------------------------------------------------------------------------

    def _of_joins(self, invariant: int, conjuncts: Sequence[int], move: int) -> list[tuple[int, int]]:
        """The conjuncts themselves, and what the proof took: on a move that it did not look at, the mirror image."""
        own = [pair for pair in self._whole(invariant) if pair[1] in conjuncts]
        taken = {pair for part in self._core(invariant, move) for pair in self._sources.get(part, ())}
        if move in self._twins:
            taken = {(self._mirror[n], conjunct) for n, conjunct in taken}
        known = self._shown.stands | set(self._shown.given)
        others = sorted(pair for pair in taken if pair[0] in known and pair[0] != invariant)
        return own + others

    def _core(self, invariant: int, move: int) -> frozenset[int]:
        """The formulas of the prover that showed the invariant, or its mirror image, for all control states at once."""
        twin = self._twins.get(move)
        key = (invariant, move) if twin is None else (self._mirror[invariant], twin)
        return self._shown.parts.get(key, frozenset())

    def _guards(self, invariant: int, number: int, move: Move) -> tuple[int, ...] | None:
        """The conditions of a move that the proof took, and short ones.

        The prover resolves the conditions of a move with one another, so that a formula of it may be none of theirs:
        then those that share data with it are taken.
        """
        core, pool = self._core(invariant, number), self._model.pool
        if not core:
            return None
        looked = self._twins.get(number, number)
        parts = self._parts_of(looked)
        known = {part for own in parts for part in own} | self._sources.keys()
        odd = frozenset().union(
            *(pool.data_of(f) for f in core - known if pool.op[f] != NOT or self._is_guard(looked, f))
        )
        return tuple(
            n
            for n, (own, (_, term)) in enumerate(zip(parts, move.guard, strict=True))
            if not core.isdisjoint(own)
            or len(term) < SHORT
            or any(not odd.isdisjoint(pool.data_of(part)) and part not in core for part in own)
        )

    def _is_guard(self, move: int, formula: int) -> bool:
        found = self._accepted.get(move)
        if found is None:
            pool = self._model.pool
            found = self._accepted[move] = frozenset(parts_of(pool, self._model.moves[move].guard(pool, self._layer)))
        return formula in found

    def _parts_of(self, number: int) -> list[tuple[int, ...]]:
        """For each condition of a move the prover's formulas that it comes to."""
        found = self._clauses.get(number)
        if found is None:
            move, pool = self._model.moves[number], self._model.pool
            sorts = {var.name: var.sort for var in inputs(move.action)}
            env = {**self._model.state_env, **self._model.option_env}
            env |= {name: pool.const(sorts[name], value) for name, value in move.choices}
            nodes = [node for _, node in clauses(move.action, self._layer)] + [move.outcome.when]
            found = self._clauses[number] = [parts_of(pool, pool.intern(node, env, {})) for node in nodes]
        return found

    def _look_through(self, kind: str, looked: Sequence[int]) -> None:
        """Which moves and invariants mirror one another, and which conjuncts the prover's formulas come from."""
        system, pool = self._model.system, self._model.pool
        names = {(p.id, p.handles): n for n, p in enumerate(system.properties)}

        def swapped(handles: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
            return tuple((k, 3 - index if k == kind else index) for k, index in handles)

        self._mirror = {n: names[p.id, swapped(p.handles)] for n, p in enumerate(system.properties)}
        shapes = {
            (m.action.call, tuple((k, i) for _, k, i in m.action.handles), m.choices, m.outcome.name): m.number
            for m in self._model.moves
        }
        for (call, handles, choices, outcome), number in shapes.items():
            if number not in looked:
                self._twins[number] = shapes[call, swapped(handles), choices, outcome]
        env = {**self._model.state_env, **self._model.option_env}
        for n in sorted(self._shown.stands | set(self._shown.given)):
            if not system.properties[n].over_step:
                for conjunct, node in enumerate(split(system.properties[n].formula)):
                    for part in parts_of(pool, pool.intern(node, env, {})):
                        self._sources.setdefault(part, []).append((n, conjunct))
