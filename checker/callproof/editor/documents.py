"""What is known of the open files: each file's specifications, their faults, verdicts and needs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from callproof.editor.asking import ask
from callproof.editor.records import Checked, Described, Failure, Needs
from callproof.editor.targets import targets

READ_SECONDS = 60.0
PROOF_SECONDS = 900.0
"""How long a child may take; one that loops is ended."""


@dataclass(slots=True)
class Known:
    """One specification of a file."""

    described: Described
    checked: Checked | None = None
    needs: Needs | None = None


@dataclass(slots=True)
class Document:
    """One open file. `version` counts its readings: an answer to an older one is of no use."""

    path: str
    version: int = 0
    known: dict[str, Known] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    published: set[str] = field(default_factory=set)
    """The files at which diagnostics of this one stand."""
    running: set[asyncio.Task[None]] = field(default_factory=set)

    async def read(self) -> bool:
        """Read the specifications of the file again; False if the file has changed meanwhile."""
        self.version += 1
        version = self.version
        known: dict[str, Known] = {}
        failures: list[Failure] = []
        for target in targets(self.path):
            found = await ask(Described, "describe", target, seconds=READ_SECONDS)
            if isinstance(found, Failure):
                failures.append(found)
            else:
                known[target] = Known(found)
        if version != self.version:
            return False
        self.known, self.failures = known, failures
        return True

    async def judge(self, target: str, answers: str, invariant: str = "") -> Checked | Failure:
        """The verdicts; one on a single invariant is put beside those that are known."""
        version = self.version
        found = await ask(Checked, "check", target, answers, *([invariant] if invariant else []), seconds=PROOF_SECONDS)
        if isinstance(found, Checked) and version == self.version and target in self.known:
            self.known[target].checked = found if not invariant else _joined(self.known[target].checked, found)
        return found

    async def explain(self, answers: str) -> bool:
        """Find out what each clause is good for; False if there is nothing new."""
        version, told = self.version, False
        for target, known in list(self.known.items()):
            if known.described.faults:
                continue
            found = await ask(Needs, "needs", target, answers, seconds=PROOF_SECONDS)
            if version != self.version:
                return False
            if isinstance(found, Needs):
                known.needs, told = found, True
        return told


def _joined(before: Checked | None, found: Checked) -> Checked:
    if before is None:
        return found
    new = {(cell.layer, cell.invariant) for cell in found.cells}
    kept = tuple(cell for cell in before.cells if (cell.layer, cell.invariant) not in new)
    return Checked(found.target, found.judged, found.verdict, kept + found.cells)
