"""The states that a log allows so far, where it starts in the middle: what it has shown of values that nobody saw.

A fact is a formula over such values. It says that the driver kept the contract at one line: what it accepted it was
free to accept, and it returned what the axioms allow; what it refused it was not bound to accept. Z3 is asked only
where the values that are known decide nothing; a line is wrong if the contract forbids it in every state that the
facts allow. To forget a fact, or to give up a question, allows more states and so raises no alarm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from callproof.model.system import Axiom, ClauseUse
from callproof.monitor.binding import Bound
from callproof.monitor.blame import Breach, breach_of
from callproof.monitor.outcomes import Blame
from callproof.monitor.terms import Names, Term, Terms, field_values
from callproof.parametric import OpenMachine, Taken, Unknown, World
from callproof.parametric.machine import Cell
from callproof.parametric.program import Rule
from callproof.parametric.world import Group, Handles
from callproof.residue.moves import connected
from callproof.residue.pool import FALSE, TRUE
from callproof.semantics.judgement import DECIDING, VERDICTS, Verdict
from callproof.symbolic import Answer, Solver

FACTS = 128
"""So many facts of a session are kept, the newest."""
FORMULAS = 100_000
"""With so many formulas in the solver's table all of them are forgotten, and all facts with them."""
BUDGET = 30_000
"""Z3 resource units for one question, some hundredths of a second."""
QUESTIONS = 50_000
"""The most questions of one log."""
GIVEN_UP = 100
"""One that the solver gave up counts for so many."""

NOTE = "; no state before the log's first line allows it after the lines above"


@dataclass(frozen=True, slots=True)
class Fact:
    """A formula of one table; the table is told from later ones by the age."""

    age: int
    number: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What the contract says of a call in one world: conjunctions of formulas by what they are for."""

    by_code: dict[int, int]
    """By the code of the verdict that they decide, that none of its clauses fails."""
    axioms: int

    def when(self, verdict: Verdict) -> list[int]:
        """The conjunction that holds where a verdict is given, but for a negated one: that is its last."""
        codes = [code for code, _ in DECIDING]
        code = VERDICTS.index(verdict)
        return [self.by_code[c] for c in (codes[: codes.index(code) + 1] if code else codes)]


class Possible:
    """What is known of the values that nobody saw, for the sessions of one log."""

    def __init__(self, machine: OpenMachine, questions: int = QUESTIONS) -> None:
        self._machine = machine
        self._age, self.left = 0, questions
        self._forget()

    def _forget(self) -> None:
        self._age += 1
        self._names = Names()
        self._solver = Solver(self._names.pool, BUDGET)

    def settle(self, world: World, call: str, handles: tuple[int, ...]) -> None:
        """Give the resources that a call names records of their own, so that a value that is read stays itself."""
        if len(self._names.pool) > FORMULAS:
            self._forget()
        if not world.unseen:
            return
        named = list(zip((kind for _, kind in self._machine.shape(call).handles), handles, strict=True))
        groups: list[tuple[Group, Handles]] = [((kind,), (handle,)) for kind, handle in named]
        groups += [(pair, (a, b)) for pair in world.places.pairs for k, a in named for m, b in named if pair == (k, m)]
        for group, owners in groups:
            world.keep(group, owners, world.record(group, owners))

    # -- judging ------------------------------------------------------------------------------------------------------

    def decide(self, world: World, call: str, bound: Bound, taken: Taken) -> tuple[Breach | None, bool]:
        """What is wrong with a line of which the known values say nothing certain, and whether that is decided.

        What the line shows becomes a fact.
        """
        handles, args, results, accepted = bound
        if accepted is None:
            return None, False
        evaluator = self._machine.evaluator(world, self._machine.program(call, handles), handles, args, results)
        terms, program = Terms(evaluator, self._names, results), evaluator.program
        pool = self._names.pool
        rules = Rules(
            {code: self._all(terms, [r for r in program.clauses if _origin(r) in origins])
             for code, origins in DECIDING},
            self._all(terms, program.axioms) if accepted else TRUE,
        )  # fmt: skip
        documented = rules.by_code[1]
        if accepted and self._refuted(world, [documented, rules.axioms]):
            if Verdict.MUST_REJECT not in taken.verdicts:
                return self._contradicted(world, terms, program.axioms), True
            if rules.axioms == TRUE or not self._refuted(world, [pool.not_(documented)]):
                rules_of = [r for r in program.clauses if _origin(r) in DECIDING[0][1]]
                also = "" if rules.axioms == TRUE else ", or what it returned contradicts an axiom"
                uses = self._certain(world, terms, rules_of)
                return Breach(Blame.DRIVER, f"accepted although it must be refused{also}{NOTE}", uses), True
            return self._contradicted(world, terms, program.axioms), True
        verdicts = tuple(v for v in taken.verdicts if not self._refuted(world, self._premise(rules, v)))
        if verdicts:
            self._learn(world, pool.and_([documented, rules.axioms]) if accepted else
                        pool.not_(pool.and_(rules.by_code.values())))  # fmt: skip
        found = breach_of(replace(taken, verdicts=verdicts), accepted) if verdicts else None
        conform = all(breach_of(replace(taken, verdicts=(v,)), accepted) is None for v in verdicts)
        if found is not None:
            cited = self._certain(world, terms, [rule for rule in program.clauses if rule.use in found.uses])
            found = replace(found, message=found.message + NOTE, uses=cited)
        return found, found is not None or (bool(verdicts) and conform)

    def _contradicted(self, world: World, terms: Terms, axioms: Iterable[Rule]) -> Breach:
        uses = self._certain(world, terms, axioms)
        return Breach(Blame.DRIVER, f"what it returned, or that it happened, contradicts an axiom{NOTE}", uses)

    def _certain(self, world: World, terms: Terms, rules: Iterable[Rule]) -> tuple[ClauseUse | Axiom, ...]:
        """The rules that fail in every state that is possible; where only some of them must, all that may."""
        doubtful = [(rule.use, terms.truth(rule.number)) for rule in rules if terms.truth(rule.number) != TRUE]
        certain = [use for use, truth in doubtful if self._refuted(world, [truth])]
        return tuple(certain or (use for use, _ in doubtful))

    def _premise(self, rules: Rules, verdict: Verdict) -> list[int]:
        """What holds where the verdict is given."""
        holds = rules.when(verdict)
        if verdict is not Verdict.MUST_ACCEPT:
            holds = [*holds[:-1], self._names.pool.not_(holds[-1])]
        return holds if verdict is Verdict.MUST_REJECT else [*holds, rules.axioms]

    def _all(self, terms: Terms, rules: Iterable[Rule]) -> int:
        return self._names.pool.and_([terms.truth(rule.number) for rule in rules])

    def _refuted(self, world: World, formulas: list[int]) -> bool:
        """The facts and the formulas cannot hold together; false where that is not known."""
        pool = self._names.pool
        question = pool.and_(formulas)
        if question in (FALSE, TRUE):
            return question == FALSE
        if self.left <= 0:
            return False
        facts = [fact.number for fact in world.facts if fact.age == self._age]
        related = connected(pool, question, facts)
        variables = {v for f in (question, *related) for v in pool.data_of(f)}
        bounds = [self._names.bounds[v] for v in sorted(variables) if v in self._names.bounds]
        answer = self._solver.check([question, *related, *bounds], likely=True)
        self.left -= GIVEN_UP if answer is Answer.UNKNOWN else 1
        return answer is Answer.UNSAT

    # -- learning -----------------------------------------------------------------------------------------------------

    def _learn(self, world: World, number: int) -> None:
        """Keep a fact, if it is consistent with the others; a contradiction says that something was wrong before."""
        if number == TRUE:
            return
        kept = [fact for fact in world.facts if fact.age == self._age]
        for part in self._names.pool.conjuncts(number):
            if self._names.pool.data_of(part):
                kept.append(Fact(self._age, part))
        world.facts = tuple(dict.fromkeys(kept))[-FACTS:]

    def effect(self, world: World, call: str, bound: Bound) -> dict[Cell, int | Term]:
        """What a call is going to write, for those variables whose new value the known ones do not tell."""
        handles, args, results, _ = bound
        machine = self._machine
        program = machine.program(call, handles)
        evaluator = machine.evaluator(world, program, handles, args, results)
        terms, pool = Terms(evaluator, self._names, results), self._names.pool
        endings = machine.possible(program, evaluator)
        made: dict[Cell, int | Term] = {}
        for ending in reversed(endings):
            last = ending is endings[-1]
            when = TRUE if last else terms.truth(ending.when)
            written = {cell: terms.term(number, where) for cell, number, where in machine.writes(evaluator, ending)}
            for cell in {**made, **written}:
                old = self._old(world, terms, cell)
                new, other = written.get(cell, old), made.get(cell, old)
                if last:
                    made[cell] = new
                elif new != other:
                    made[cell] = Term(pool.ite(when, self._names.word(new), self._names.word(other)), False)
        return made

    @staticmethod
    def _old(world: World, terms: Terms, cell: Cell) -> int | Term:
        group, handles, slot = cell
        return terms.given(world.record(group, handles)[slot], field_values(world.places, group, slot))

    def made(self, world: World, effect: dict[Cell, int | Term]) -> None:
        """A call was made: what it wrote is a fact about the new values."""
        for (group, handles, slot), value in effect.items():
            stored = world.record(group, handles)[slot]
            if isinstance(stored, Unknown):
                new = self._names.variable(stored, field_values(world.places, group, slot))
                word = self._names.word(value)
                if new != word:
                    self._learn(world, self._names.pool.eq(new, word))


def _origin(rule: Rule) -> Any:
    return rule.use.origin if isinstance(rule.use, ClauseUse) else None
