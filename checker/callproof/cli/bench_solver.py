"""Runs one solver of SMT-LIB on a file, in a process of its own: `python -m callproof.cli.bench_solver NAME FILE`."""

from __future__ import annotations

import sys
from pathlib import Path


def answer(name: str, file: str) -> str:
    """What cvc5 or Bitwuzla says of a script: sat, unsat or unknown."""
    if name == "bitwuzla":
        import bitwuzla

        parser = bitwuzla.Parser(bitwuzla.TermManager(), bitwuzla.Options())
        parser.parse(file, parse_only=True)
        return str(parser.bitwuzla().check_sat()).rpartition(".")[2].lower()
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    reader = cvc5.InputParser(solver)
    reader.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, Path(file).read_text(encoding="utf-8"), file)
    symbols, said = reader.getSymbolManager(), ""
    while not (command := reader.nextCommand()).isNull():
        said = str(command.invoke(solver, symbols)).strip() or said
    return said


if __name__ == "__main__":
    sys.stdout.write(answer(*sys.argv[1:3]) + "\n")
