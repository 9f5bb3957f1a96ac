"""One question about one specification, answered on stdout: `python -m callproof.editor.child QUESTION TARGET ...`.

Questions: `describe TARGET`, `check TARGET ANSWERS [INVARIANT]`, `needs TARGET ANSWERS`, where ANSWERS is the file of
kept solvers' answers. What the specification prints goes to stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from callproof.answers import Answers
from callproof.editor.describing import checked, described, failure, needed
from callproof.editor.records import Checked, Described, Failure, Fault, Needs
from callproof.errors import UserError
from callproof.model.loading import load_specification
from callproof.run.check import check
from callproof.run.request import Request

Answer = Described | Checked | Needs | Failure


def describe(target: str) -> Described:
    """The specification as it stands."""
    return described(target, load_specification(target))


def judge(target: str, answers: str, invariant: str = "") -> Checked:
    """The verdicts, on one invariant or on all."""
    request = Request(invariants=(invariant,) if invariant else ())
    with Answers(Path(answers)) as kept:
        return checked(target, check(load_specification(target), request, None, kept))


def needs(target: str, answers: str) -> Needs:
    """What the proofs of the hardened layer need."""
    with Answers(Path(answers)) as kept:
        result = check(load_specification(target), Request(layer="hardened", needs=True), None, kept)
    return needed(target, result.needs)


QUESTIONS: dict[str, Callable[..., Answer]] = {"describe": describe, "check": judge, "needs": needs}


def answer(question: str, *args: str) -> Answer:
    """The answer, or what a person can do about there being none."""
    try:
        return QUESTIONS[question](*args)
    except UserError as error:
        return failure(error)
    except RecursionError:
        return Failure(Fault("the specification calls itself without an end", None))


def main() -> None:
    """Answer what the command line asks."""
    out = os.dup(1)
    os.dup2(2, 1)  # the protocol's stream is ours alone
    sys.stdout = sys.stderr
    text = msgspec.json.encode(answer(*sys.argv[1:]))
    with os.fdopen(out, "wb") as stream:
        stream.write(text)


if __name__ == "__main__":
    main()
