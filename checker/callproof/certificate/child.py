"""A solver in a process of its own: reads scripts, each behind its length, and answers each with a line of JSON.

It is run as `python -m callproof.certificate.child SOLVER`, so that a solver that hangs, dies or takes all memory takes
nothing else with it.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from collections.abc import Callable

MEMORY_LIMIT = 6 << 30
"""Bytes of address space."""


def cvc5_answer() -> tuple[str, Callable[[str], str]]:
    """The version of cvc5, and how it is asked."""
    import cvc5

    def ask(script: str) -> str:
        solver = cvc5.Solver(cvc5.TermManager())
        parser = cvc5.InputParser(solver)
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "obligation")
        symbols = parser.getSymbolManager()
        answer = ""
        while not (command := parser.nextCommand()).isNull():
            answer += command.invoke(solver, symbols)
        return answer

    return str(cvc5.__version__), ask


def bitwuzla_answer() -> tuple[str, Callable[[str], str]]:
    """The version of Bitwuzla, and how it is asked."""
    import bitwuzla

    def ask(script: str) -> str:
        parser = bitwuzla.Parser(bitwuzla.TermManager(), bitwuzla.Options())
        # Parsed without running its commands: the only one, check-sat, is asked for here.
        parser.parse(script.removesuffix("(check-sat)\n"), True, False)
        return str(parser.bitwuzla().check_sat())

    return str(bitwuzla.version()), ask


def z3_answer() -> tuple[str, Callable[[str], str]]:
    """The version of Z3, and how it is asked."""
    import z3

    def ask(script: str) -> str:
        solver = z3.SolverFor("QF_BV", ctx=z3.Context())
        solver.from_string(script)
        return str(solver.check())

    return str(z3.get_version_string()), ask


SOLVERS = {"cvc5": cvc5_answer, "bitwuzla": bitwuzla_answer, "z3": z3_answer}


def main(name: str) -> None:
    """Answer scripts until there are no more."""
    out = sys.stdout
    sys.stdout = sys.stderr
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    try:
        version, ask = SOLVERS[name]()
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), file=out, flush=True)
        return
    print(json.dumps({"version": version}), file=out, flush=True)
    read = sys.stdin.buffer
    while header := read.read(8):
        # A solver that was told the answer calls another one an error.
        script = read.read(int.from_bytes(header, "big")).decode().replace("(set-info :status unsat)\n", "", 1)
        try:
            answer = ask(script).strip()
            said = {"answer": answer if answer in ("sat", "unsat", "unknown") else "error", "text": answer[:300]}
        except Exception as error:  # what a solver's binding raises is its own affair: it could not answer
            said = {"answer": "error", "text": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(said), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
