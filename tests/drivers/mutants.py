"""The mutants of the library in C++ and of the driver in Python as subjects of a score, and the stored score.

    python -m tests.drivers.mutants     tries every mutant and writes reports/ge-memory-mutants.md and .json

It takes some minutes. Not a test: that the stored score is that of these mutants and suites is tested.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from callproof.drivers.locate import driver_command
from callproof.trace.files import write_atomically
from tests.drivers import building, listing
from tests.support import ge_mutants
from tests.support.scoring import (
    ROOT,
    Row,
    Subject,
    digest,
    prepared,
    score,
    specification_digest,
    suite_digest,
)

REPORT = ROOT / "reports" / "ge-memory-mutants.json"
NATIVE, PYTHON = "ge-reference (C++)", "ge-example (Python)"
COMMAND = "python -m tests.drivers.mutants"


def native_command(number: int = 0) -> tuple[str, ...]:
    """The runner on the library that holds all mutants, with one of them chosen (0: none)."""
    folder = building.library(building.ALL).parent
    chosen = [f"GE_REFERENCE_MUTANT={number}", f"LD_LIBRARY_PATH={folder}"]
    return ("/usr/bin/env", *chosen, str(building.runner()))


@contextmanager
def _native(number: int) -> Iterator[tuple[str, ...]]:
    yield native_command(number)


def native_subjects() -> list[Subject]:
    """Every seeded defect of the library in C++."""
    return [Subject(str(m.number), m.wrong, partial(_native, m.number), m.equivalent) for m in listing.mutants()]


def python_command() -> tuple[str, ...]:
    """The driver in Python without a defect."""
    return driver_command([f"{ge_mutants.SOURCE}:GeDriver"])


@contextmanager
def _python(mutant: ge_mutants.Mutant) -> Iterator[tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mutant.py"
        file.write_text(mutant.source(), encoding="utf-8")
        yield driver_command([f"{file}:GeDriver"])


def python_subjects() -> list[Subject]:
    """Every edit of the driver in Python."""
    known = ge_mutants.EQUIVALENT
    return [Subject(m.name, m.name, partial(_python, m), known.get(m.name, "")) for m in ge_mutants.MUTANTS]


def digests() -> dict[str, str]:
    """What a score depends on."""
    sources = [p for p in building.REFERENCE.rglob("*") if p.suffix in (".cpp", ".h")]
    return {
        "suites": suite_digest(),
        "specification": specification_digest(),
        NATIVE: digest([*sources, *_included(building.NATIVE / "runner.cpp"), listing.FILE]),
        PYTHON: digest([ge_mutants.SOURCE, Path(ge_mutants.__file__)]),
    }


def _included(source: Path) -> set[Path]:
    """A source of the runner with the headers beside it that it includes."""
    found, waiting = {source}, [source]
    while waiting:
        for name in re.findall(r'#include "([\w.]+)"', waiting.pop().read_text(encoding="utf-8")):
            header = source.parent / name
            if header.exists() and header not in found:
                found.add(header)
                waiting.append(header)
    return found


def document(rows: dict[str, list[Row]], made_of: dict[str, str]) -> dict[str, Any]:
    """The score as data."""
    return {
        "format": "callproof-mutants",
        "version": 1,
        "spec": "ge-memory",
        "command": COMMAND,
        "digests": made_of,
        "drivers": [
            {
                "driver": name,
                "score": dict(sorted(Counter(row.result for row in found).items())),
                "mutants": [
                    {"name": r.name, "wrong": r.wrong, "result": r.result}
                    | ({"suite": r.suite, "finding": r.finding} if r.finding else {})
                    | ({"equivalent": r.equivalent} if r.equivalent else {})
                    for r in found
                ],
            }
            for name, found in rows.items()
        ],
    }


def markdown(made: dict[str, Any]) -> str:
    """The score for a reader, made from the data."""
    lines = [
        "# ge-memory: what the suites find",
        "",
        "Drivers with one seeded defect each, tested by all suites of `callproof test` up to the first finding.",
        f"Written by `{made['command']}`; every mutant and what found it is in `{REPORT.name}`.",
        "",
        "| driver | mutants | killed | equivalent | survived |",
        "| --- | --- | --- | --- | --- |",
    ]
    for driver in made["drivers"]:
        count = driver["score"]
        cells = (driver["driver"], len(driver["mutants"]), *(count.get(k, 0) for k in ("killed", "equivalent")))
        lines.append(f"| {' | '.join(map(str, cells))} | {count.get('survived', 0) + count.get('refuted', 0)} |")
    for driver in made["drivers"]:
        suites = Counter(m["suite"] for m in driver["mutants"] if "suite" in m)
        lines += ["", f"## {driver['driver']}", ""]
        lines.append(f"Found first by: {', '.join(f'{name} {n}' for name, n in suites.most_common())}.")
        for title, results in (("No calls can show", ("equivalent",)), ("Not as expected", ("survived", "refuted"))):
            left = [m for m in driver["mutants"] if m["result"] in results]
            if left:
                lines += ["", f"{title}:", ""]
                lines += [f"- {_named(m)}: {m.get('equivalent') or m['result']}" for m in left]
    return "\n".join(lines) + "\n"


def _named(mutant: dict[str, Any]) -> str:
    return mutant["wrong"] if mutant["name"] == mutant["wrong"] else f"{mutant['name']}, {mutant['wrong']}"


def _scored(subjects: list[Subject], command: tuple[str, ...]) -> list[Row]:
    plan, rows = prepared(command), []
    for subject in subjects:
        rows.append(score(subject, plan))
        sys.stderr.write(f"{rows[-1].result:<10} {subject.name}: {rows[-1].suite} {rows[-1].finding}\n")
    return rows


def main() -> int:
    """Score every mutant and write the report; 1 where one is not as expected."""
    made_of = digests()
    rows = {
        NATIVE: _scored(native_subjects(), native_command()),
        PYTHON: _scored(python_subjects(), python_command()),
    }
    made = document(rows, made_of)
    write_atomically(os.fspath(REPORT), json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    write_atomically(os.fspath(REPORT.with_suffix(".md")), markdown(made))
    return int(not all(row.expected for found in rows.values() for row in found))


if __name__ == "__main__":
    sys.exit(main())
