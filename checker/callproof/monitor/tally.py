"""How often lines were wrong in which way; those of a kind that was explained often enough are only counted."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from callproof.model.system import ClauseUse
from callproof.monitor.binding import REFUSED, Bound
from callproof.monitor.outcomes import Blame
from callproof.parametric import OpenMachine, World
from callproof.parametric.generate import AXIOM, NO_OUTCOME, Fast, failing, forcing
from callproof.parametric.program import Program, Rule
from callproof.semantics.judgement import DECIDING

EACH, ALL = 3, 200
"""So many findings of one kind, and so many in all, are kept with their explanation."""

Kind = tuple[Blame, str, tuple[str, ...]]
"""Who is to blame, the call, and the clauses or axioms that decide."""


class Tally:
    """Counts of lines by what is wrong with them."""

    def __init__(self) -> None:
        self.counts: dict[Kind, int] = {}
        self.explained = 0
        """The number of findings that were kept with their explanation."""

    def enough(self, kind: Kind) -> bool:
        """No more lines of the kind are to be explained."""
        seen = self.counts.get(kind, 0)
        return seen >= EACH or (seen > 0 and self.explained >= ALL)

    def add(self, kind: Kind) -> None:
        """Count a line."""
        self.counts[kind] = self.counts.get(kind, 0) + 1


@dataclass(frozen=True, slots=True)
class _Fails:
    """The functions that say which rules of a call fail: for each code of a verdict, by the rules' ids in order."""

    rules: dict[int, tuple[tuple[str, Fast], ...]]
    contradicted: Fast | None
    """Some axiom fails; None where there is none."""
    force: Fast


class Repeats:
    """Finds the kind of a breach, and makes its call, by generated functions."""

    def __init__(self, machine: OpenMachine, tally: Tally) -> None:
        self._machine, self._tally = machine, tally

    def repeated(self, world: World, call: str, bound: Bound, code: int, cause: object) -> Kind | None:
        """The kind of a line with a code of its handler, if it was explained often enough; then its call is made.

        None, with nothing changed, where it was not, or where not everything is known. Raises `Undecided`.
        """
        refused = code >= REFUSED
        code -= REFUSED if refused else 0
        if not 0 <= code <= AXIOM or world.unseen:
            return None
        handles, args, results, _ = bound
        fails = self._of(call, handles)
        passed = world, handles, args, results, cause
        if not refused and code in (2, 3) and fails.contradicted is not None:
            found = fails.contradicted(*passed)
            if found not in (0, 1):
                return None
            code = AXIOM if found else code
        ids = []
        for id, fast in fails.rules[code]:
            found = fast(*passed)
            if found not in (0, 1):
                return None
            if found:
                ids.append(id)
        kind = _blame(code, refused), call, tuple(dict.fromkeys(ids))
        if not self._tally.enough(kind):
            return None
        if refused or (code == AXIOM and not self._machine.shape(call).results):
            return kind
        return None if fails.force(*passed) == NO_OUTCOME else kind

    def _of(self, call: str, handles: tuple[int, ...]) -> _Fails:
        key = "fails", call, self._machine.pattern(call, handles)
        found: _Fails | None = self._machine.kept.get(key)
        if found is None:
            found = self._machine.kept[key] = self._made(self._machine.program(call, handles))
        return found

    def _made(self, program: Program) -> _Fails:
        places = self._machine.places
        rules = {code: self._by_id(program, [r for r in program.clauses if _origin(r) in origins])
                 for code, origins in DECIDING}  # fmt: skip
        rules |= {0: (), AXIOM: self._by_id(program, program.axioms)}
        contradicted = failing(program, places, program.axioms) if program.axioms else None
        return _Fails(rules, contradicted, forcing(program, places))

    def _by_id(self, program: Program, rules: list[Rule] | tuple[Rule, ...]) -> tuple[tuple[str, Fast], ...]:
        groups = itertools.groupby(rules, lambda rule: rule.use.id)
        return tuple((id, failing(program, self._machine.places, list(group))) for id, group in groups)


def _origin(rule: Rule) -> object:
    return rule.use.origin if isinstance(rule.use, ClauseUse) else None


def _blame(code: int, refused: bool) -> Blame:
    if code == 2:
        return Blame.HAZARD
    if code == 3 or (code == 1 and refused):
        return Blame.CALLER
    return Blame.DRIVER
