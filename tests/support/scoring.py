"""What `callproof test` makes of drivers with one defect each: which it finds out, by what, and which it does not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from callproof.conform.campaign import Prepared, Request, conformance, prepare
from callproof.conform.cases import Case
from callproof.drivers.session import DriverFailure, Session
from callproof.model.instantiate import handle_kinds, instantiate
from ge_memory import SPEC

ROOT = Path(__file__).parents[2]
CONFORM = ROOT / "checker" / "callproof" / "conform"
SUITE = (
    *("catalogue", "clause_parts", "deep", "goals", "judge", "plan", "settings", "space", "targets", "terms", "world"),
    *("suites/boundaries", "suites/clauses", "suites/edges", "suites/pairs", "suites/random", "suites/refusals"),
    "suites/variants",
)
"""The modules that decide which calls a suite makes, and what an answer means."""


@dataclass(frozen=True)
class Subject:
    """A driver with one defect. `equivalent`: why no sequence of calls can show it, or nothing."""

    name: str
    wrong: str
    command: Callable[[], AbstractContextManager[tuple[str, ...]]]
    """The command is good while the context lasts."""
    equivalent: str = ""


@dataclass(frozen=True)
class Row:
    """What became of one mutant. `suite` and `finding`: by what it was found out, both empty where it was not."""

    name: str
    wrong: str
    equivalent: str
    suite: str = ""
    finding: str = ""

    @property
    def result(self) -> str:
        if self.finding:
            return "refuted" if self.equivalent else "killed"
        return "equivalent" if self.equivalent else "survived"

    @property
    def expected(self) -> bool:
        """Killed, or equivalent as is argued."""
        return self.result in ("killed", "equivalent")


def prepared(command: Sequence[str], kinds: Container[str] | None = None) -> Prepared:
    """The plan of every suite for a driver without a defect, which serves all its mutants: they offer the same.

    With `kinds` it is made for these kinds of graph only, which takes less time.
    """
    request = _request(command)

    def start() -> Session:
        session = Session(request.command, SPEC.name, request.timeout)
        chosen = tuple(kind for kind in session.offer.kinds if kinds is None or kind.name in kinds)
        session.offer = replace(session.offer, kinds=chosen)
        return session

    made = prepare(SPEC, request, lambda _: None, start)
    units = made.plan.units
    units[:] = [replace(unit, cases=_Kept(unit.cases)) for unit in units]
    return made


class _Kept(Iterable[Case]):
    """Cases that are made once, each when it is first asked for, whoever asks."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._more, self._made = iter(cases), list[Case]()

    def __iter__(self) -> Iterator[Case]:
        at = 0
        while True:
            while at < len(self._made):
                yield self._made[at]
                at += 1
            case = next(self._more, None)
            if case is None:
                return
            self._made.append(case)


def _request(command: Sequence[str]) -> Request:
    return Request(tuple(command), jobs=2, timeout=60.0)


def score(subject: Subject, plan: Prepared) -> Row:
    """Test one mutant up to its first finding."""
    row = Row(subject.name, subject.wrong, subject.equivalent)
    with subject.command() as command:
        request = replace(_request(command), stop_after=1, shrink=False)
        try:
            findings = conformance(SPEC, request, prepared=plan).findings
        except DriverFailure as failure:
            return replace(row, suite="start", finding=f"it {failure.how.value}")
    if not findings:
        return row
    made = findings[0].signature
    ids = f" ({', '.join(made.clauses)})" if made.clauses else ""
    return replace(row, suite=findings[0].suite, finding=f"{made.sort.value} {made.call}{ids}")


def digest(paths: Iterable[Path]) -> str:
    """One digest of files, by their names below the project and their bytes."""
    found = hashlib.sha256()
    for path in sorted(paths):
        data = path.read_bytes()
        found.update(f"{path.relative_to(ROOT).as_posix()} {len(data)}\n".encode() + data)
    return found.hexdigest()[:16]


def suite_digest() -> str:
    """The modules that make the suites."""
    return digest(CONFORM / f"{name}.py" for name in SUITE)


def specification_digest() -> str:
    """What ge-memory means with two resources of each kind, wherever and however it is written."""
    two = {kind.__name__: 2 for kind in handle_kinds(SPEC.state)}
    found = hashlib.sha256()
    for action in instantiate(SPEC, two).actions:
        clauses = [(use.id, use.origin.value, use.formula) for use in action.clauses]
        axioms = [(axiom.id, axiom.formula) for axiom in action.axioms]
        said = (action.label, action.is_event, action.params, action.results, clauses, axioms, action.outcomes)
        found.update(repr(said).encode())
    return found.hexdigest()[:16]
