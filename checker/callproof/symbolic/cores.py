"""Which of a script's named assertions each of its goals needs."""

from __future__ import annotations

import z3

from callproof.symbolic.solver import Answer

_ASSERTED, _NAMED, _GOAL = "(assert (! ", " :named |", "(define-fun $goal"


class Refuter:
    """The script of a certificate's obligation, held by Z3; a command a line, its last assertion that a goal fails.

    A question that exceeds `budget` (Z3 `rlimit` units) is answered `UNKNOWN`.
    """

    def __init__(self, script: str, budget: int) -> None:
        lines: list[str] = []
        named = goals = 0
        for line in script.split("\n"):
            if line.startswith(_ASSERTED) and _NAMED in line:
                term = line[len(_ASSERTED) : line.rindex(_NAMED)]
                lines.append(f"(declare-const $switch{named} Bool)(assert (=> $switch{named} {term}))")
                named += 1
            elif not line.startswith(("(set-info", "(set-logic", "(check-sat)")):
                lines.append(line)
            if line.startswith(_GOAL):
                lines.append(f"(declare-const $fails{goals} Bool)(assert (=> $fails{goals} (not $goal{goals})))")
                goals += 1
        self._switches = [z3.Bool(f"$switch{n}") for n in range(named - 1)]
        self._solver = z3.SimpleSolver()
        self._solver.set("rlimit", budget)
        self._solver.from_string("\n".join(lines))

    def refute(self, goal: int) -> tuple[Answer, tuple[bool, ...]]:
        """Can a goal fail? Where it cannot, also of each named assertion but the last whether that takes it."""
        answer = self._solver.check(*self._switches, z3.Bool(f"$fails{goal}"))
        if answer == z3.unknown and "interrupted" in self._solver.reason_unknown():
            raise KeyboardInterrupt
        if answer != z3.unsat:
            return (Answer.SAT if answer == z3.sat else Answer.UNKNOWN), ()
        taken = {one.decl().name() for one in self._solver.unsat_core()}
        return Answer.UNSAT, tuple(switch.decl().name() in taken for switch in self._switches)
