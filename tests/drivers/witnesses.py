"""What shows a mutant of the reference library: a sequence of calls whose last answer differs."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callproof.errors import InputError
from callproof.replay import ReplayedStep
from callproof.semantics import Machine, Verdict
from callproof.trace import Step
from tests.drivers.building import REFERENCE
from tests.drivers.client import Client
from tests.drivers.walks import Walk

FILE = REFERENCE / "witnesses.jsonl"
Calls = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Witness:
    """`judged`: what the contract says of the mutant's last answer: `wrong`, `hazard`, or `open` (nothing)."""

    mutant: int
    calls: Calls
    options: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    judged: str = "wrong"

    def line(self) -> str:
        document = {
            "mutant": self.mutant,
            "judged": self.judged,
            "options": dict(self.options),
            "kinds": dict(self.kinds),
            "calls": self.calls,
        }
        return json.dumps(document)


def read(path: Path = FILE) -> list[Witness]:
    """The stored witnesses, by mutant."""
    documents = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Witness(d["mutant"], [(name, args) for name, args in d["calls"]], d["options"], d["kinds"], d["judged"])
        for d in documents
    ]


@dataclass(frozen=True)
class Answer:
    """What a driver did last: what it said without addresses, and what the contract says of that."""

    said: Any
    judged: str


def run(client: Client, interpreter: Machine, witness: Witness) -> list[Answer]:
    """The answers of a driver to the calls of a witness; fewer where it fails."""
    client.reset(witness.options, witness.kinds)
    walk = Walk(interpreter, client.step, witness.options, witness.kinds)
    answers = []
    for name, args in witness.calls:
        answers.append(answer(walk, name, args))
        if answers[-1].judged == "failed":
            break
    return answers


def answer(walk: Walk, name: str, args: Mapping[str, Any]) -> Answer:
    """Make a call; a driver that ends or answers what no interpreter takes has failed."""
    try:
        step = walk.make(name, args)
    except (InputError, EOFError) as error:
        return Answer(type(error).__name__, "failed")
    return Answer(_said(step.step), _judged(step))


def _said(step: Step) -> Any:
    plain = {key: value for key, value in (step.result or {}).items() if not key.endswith(("_base", "memory"))}
    return [step.returned == "SUCCESS", plain]


def _judged(step: ReplayedStep) -> str:
    if step.conforms is False:
        return "wrong"
    return "hazard" if step.verdict is Verdict.MAY and step.accepted else "open"


def difference(mine: Iterable[Answer], reference: Iterable[Answer]) -> tuple[int, str] | None:
    """The first answer of a mutant that differs, and how it is judged; one that is judged goes before an open one."""
    found = None
    for number, (got, wanted) in enumerate(zip(mine, reference, strict=False)):
        if got.judged in ("wrong", "hazard", "failed") and wanted.judged == "open":
            return number, "wrong" if got.judged == "failed" else got.judged
        if got.said != wanted.said and found is None:
            found = number, "open"
    return found
