"""The only door to Z3: satisfiability within a budget, and models."""

from __future__ import annotations

import enum
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import z3

import callproof.symbolic.memory  # noqa: F401  (limits Z3 as the process is limited)
from callproof.answers import Answers
from callproof.errors import InternalError
from callproof.limits import DEFAULT_BUDGET
from callproof.residue.digest import Digests
from callproof.residue.pool import FALSE, TRUE, Pool
from callproof.residue.repair import repair
from callproof.residue.witness import guess, typical
from callproof.symbolic.order import OrderSolver, OrderTerms
from callproof.symbolic.smtlib import script

ENCODING = 3
"""Counts up when formulas are put to the solver in another way, so that no earlier answer is taken for them."""

_SAT, _UNSAT = b"s", b"u"
_DIGEST = 16


def z3_version() -> str:
    """The version of the solver library."""
    return str(z3.get_version_string())


class Answer(enum.Enum):
    """What a solver says of a conjunction."""

    SAT = "sat"
    UNSAT = "unsat"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Statistics:
    """What solving has cost so far."""

    queries: int = 0
    calls: int = 0
    guessed: int = 0
    kept: int = 0
    """Questions that an earlier run had answered, or this one in another system."""
    unknown: int = 0
    """Calls that ran out of budget."""
    seconds: float = 0.0


class Solver:
    """Answers conjunctions of one pool's formulas; equal conjunctions are solved once.

    A query that exceeds `budget` (Z3 `rlimit` units) is answered `UNKNOWN`. What Z3 has said of the same formulas in an
    earlier run is taken from `answers`; what was unknown is asked again.
    """

    def __init__(self, pool: Pool, budget: int = DEFAULT_BUDGET, answers: Answers | None = None) -> None:
        self.pool = pool
        self.budget = budget
        self._kept = answers or Answers(None)
        self._digests = Digests(pool)
        terms = OrderTerms(pool)
        # Questions about all control states and those about one have little in common: each kind has its solver.
        self._order = OrderSolver(terms, budget), OrderSolver(terms, budget)
        self.statistics = Statistics()
        self._answers: dict[frozenset[int], Answer] = {}
        self._open: set[frozenset[int]] = set()
        self._hint: dict[int, int] = {}
        self._cores: dict[int, list[frozenset[int]]] = {}

    def check(self, formulas: Iterable[int], likely: bool = False) -> Answer:
        """Is the conjunction satisfiable? Where that is `likely`, values are looked for before a refutation."""
        key = frozenset(c for f in formulas for c in self.pool.conjuncts(f))
        self.statistics.queries += 1
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = self._decide(key, likely)
        return found

    def _decide(self, key: frozenset[int], likely: bool) -> Answer:
        if self._contradiction(key) or self._has_core(key):
            return Answer.UNSAT
        ordered = sorted(key)
        values = guess(self.pool, ordered, self._hint)
        if values is None and likely:
            values = repair(self.pool, ordered, typical(self.pool, ordered))
        if values is not None:
            self.statistics.guessed += 1
            self._hint = values
            return Answer.SAT
        return self._solve(ordered, repaired=likely)[0]

    def refuted(self, formulas: Iterable[int]) -> bool:
        """Is the conjunction known to be unsatisfiable, or shown to be so by order alone? False says nothing."""
        key = frozenset(c for f in formulas for c in self.pool.conjuncts(f))
        found = self._answers.get(key)
        if found is None and key not in self._open:
            self.statistics.queries += 1
            if self._contradiction(key) or self.refuted_by_order(sorted(key)):
                found = self._answers[key] = Answer.UNSAT
            else:
                self._open.add(key)
        return found is Answer.UNSAT

    def _contradiction(self, key: frozenset[int]) -> frozenset[int]:
        """Members that contradict one another outright; empty where none do."""
        if FALSE in key:
            return frozenset((FALSE,))
        negation = self.pool.negation  # of a member it is interned, if it is another
        return next((frozenset((f, negation[f])) for f in sorted(key) if negation[f] in key), frozenset())

    def _has_core(self, key: frozenset[int]) -> bool:
        """A refutation that is remembered refutes this conjunction as well."""
        return any(core <= key for f in key for core in self._cores.get(f, ()))

    def core(self, formulas: Iterable[int]) -> frozenset[int]:
        """Members of an unsatisfiable conjunction that are so on their own; all of them where no fewer are known."""
        key = frozenset(c for f in formulas for c in self.pool.conjuncts(f))
        known = (core for f in sorted(key) for core in self._cores.get(f, ()) if core <= key)
        return self._contradiction(key) or next(known, key)

    def _solve(
        self, formulas: Sequence[int], by_order: bool = True, repaired: bool = False
    ) -> tuple[Answer, dict[int, int]]:
        """Ask Z3, by order alone first; the model holds every variable of the formulas.

        `repaired`: the local search for values has been tried.
        """
        if by_order and self.refuted_by_order(formulas):
            return Answer.UNSAT, {}
        found = None if repaired else repair(self.pool, formulas, typical(self.pool, formulas))
        if found is not None:
            self.statistics.guessed += 1
            self._hint = found
            return Answer.SAT, found
        question = self._question("bits", formulas)
        kept = self._recall(question)
        if kept == _UNSAT:
            return Answer.UNSAT, {}
        solver = self._z3(script(self.pool, formulas))
        answer = self._answer(solver)
        if answer is not Answer.SAT:
            if answer is Answer.UNSAT:
                self._kept.put(question, _UNSAT)
            return answer, {}
        model = solver.model()
        mentioned = {self.pool.name[v]: v for f in formulas for v in self.pool.data_of(f)}
        named = {d.name(): _number(model[d]) for d in model.decls() if d.name() in mentioned}
        self._hint = {v: named.get(name, 0) for name, v in sorted(mentioned.items())}
        return answer, self._hint

    def refuted_by_order(self, formulas: Sequence[int]) -> bool:
        """The conjunction is unsatisfiable whatever its sums and differences are; false says nothing.

        The formulas that a refutation needs are remembered, and refute every conjunction that holds them all.
        """
        asked = frozenset(formulas)
        if self._has_core(asked):
            return True
        ordered = sorted(asked)
        question = self._question("order", ordered)
        kept = self._recall(question)
        core = self._ask_order(ordered) if kept is None else self._core_of(kept, ordered)
        if kept is None and core != ():
            self._kept.put(question, _SAT if core is None else b"".join(map(self._digests.of, core)))
        if not core:
            return False
        self._cores.setdefault(max(core), []).append(frozenset(core))
        return True

    def _ask_order(self, ordered: Sequence[int]) -> Sequence[int] | None:
        """The members that a refutation needs; None where there is none, and nothing where the budget ran out."""
        started = time.perf_counter()
        order = self._order[any(self.pool.mask[f] for f in ordered)]
        switches = order.switches(ordered)
        self.statistics.seconds += time.perf_counter() - started
        answer = self._answer(order.solver, *switches)
        if answer is not Answer.UNSAT:
            return None if answer is Answer.SAT else ()
        core = {switch.get_id() for switch in order.solver.unsat_core()}
        return [f for f, switch in zip(ordered, switches, strict=True) if switch.get_id() in core] or ordered

    def _core_of(self, kept: bytes, ordered: Sequence[int]) -> Sequence[int] | None:
        """The members of a question that an earlier run's refutation needed."""
        if kept == _SAT:
            return None
        by_digest = {self._digests.of(f): f for f in ordered}
        parts = [kept[at : at + _DIGEST] for at in range(0, len(kept), _DIGEST)]
        return [by_digest[part] for part in parts] if all(part in by_digest for part in parts) else ordered

    def _question(self, kind: str, formulas: Sequence[int]) -> bytes:
        return self._digests.together(f"{kind} {self.budget} {z3_version()} {ENCODING}", formulas)

    def _recall(self, question: bytes) -> bytes | None:
        kept = self._kept.get(question)
        self.statistics.kept += kept is not None
        return kept

    def _z3(self, text: str) -> z3.Solver:
        started = time.perf_counter()
        solver = z3.SolverFor("QF_BV")
        solver.set("rlimit", self.budget)
        solver.from_string(text)
        self.statistics.seconds += time.perf_counter() - started
        return solver

    def _answer(self, solver: z3.Solver, *switches: z3.BoolRef) -> Answer:
        started = time.perf_counter()
        answer = solver.check(*switches)
        self.statistics.seconds += time.perf_counter() - started
        self.statistics.calls += 1
        if answer == z3.sat:
            return Answer.SAT
        # Z3 takes the signal for itself while it works, and calls the answer unknown.
        if answer == z3.unknown and "interrupted" in solver.reason_unknown():
            raise KeyboardInterrupt
        self.statistics.unknown += answer == z3.unknown
        return Answer.UNSAT if answer == z3.unsat else Answer.UNKNOWN

    def valid_for_all(self, formulas: Sequence[int], chosen: frozenset[int], budget: int | None = None) -> Answer:
        """UNSAT if, for every value of the other variables, some value of `chosen` makes all formulas true.

        An enumeration takes any value of its bit width here: among the chosen variables there must be none.
        """
        whole = self.pool.and_(formulas)
        if whole <= TRUE:
            return Answer.UNSAT if whole == TRUE else Answer.SAT
        names = {self.pool.name[v] for v in chosen}
        limit = self.budget if budget is None else budget
        question = self._question(f"for all but {' '.join(sorted(names))}, {limit}:", [whole])
        kept = self._recall(question)
        if kept is not None:
            return Answer.UNSAT if kept == _UNSAT else Answer.SAT
        started = time.perf_counter()
        parsed = z3.Solver()
        parsed.from_string(script(self.pool, [whole]))
        goal = z3.And(*parsed.assertions())
        bound = [c for c in _constants(goal) if c.decl().name() in names]
        solver = z3.Solver()
        solver.set("rlimit", limit)
        solver.add(z3.ForAll(bound, z3.Not(goal)) if bound else z3.Not(goal))
        self.statistics.seconds += time.perf_counter() - started
        answer = self._answer(solver)
        if answer is not Answer.UNKNOWN:
            self._kept.put(question, _UNSAT if answer is Answer.UNSAT else _SAT)
        return answer

    def model(self, formulas: Sequence[int], by_order: bool = True) -> tuple[Answer, dict[int, int]]:
        """Is the conjunction satisfiable, and for which values of its variables?"""
        whole = self.pool.and_(formulas)
        if whole == FALSE:
            return Answer.UNSAT, {}
        return self._solve(self.pool.conjuncts(whole), by_order)


def _number(value: z3.ExprRef) -> int:
    if z3.is_true(value) or z3.is_false(value):
        return int(z3.is_true(value))
    if isinstance(value, z3.BitVecNumRef):
        return int(value.as_long())
    raise InternalError(f"the solver's model holds {value}, which is no literal")


def _constants(formula: z3.ExprRef) -> list[z3.ExprRef]:
    found: dict[str, z3.ExprRef] = {}
    stack, seen = [formula], set()
    while stack:
        term = stack.pop()
        if term.get_id() in seen:
            continue
        seen.add(term.get_id())
        if z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found.setdefault(term.decl().name(), term)
        stack.extend(term.children())
    return [found[name] for name in sorted(found)]
