"""The figures of reliability: `python -m tests.reliability.report` tries everything and writes reports/reliability.*.

What was measured stands in the JSON file; the Markdown is made of it, and a test holds the two and the list of trials
together.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jinja2

from callproof import __version__
from callproof.trace.files import write_atomically
from tests.reliability import kills
from tests.reliability.fuzz import NAMES, SECONDS, in_a_process
from tests.reliability.shortage import disk, memory, sharing

REPORT = Path(__file__).parents[2] / "reports" / "reliability.json"
TEMPLATE = Path(__file__).with_name("report.md.jinja")
COMMAND = "python -m tests.reliability.report"
INPUTS, KILLS, RUNS, AT_ONCE, SEED = 500, 100, 1_000, 16, 1
MEMORY = 500
"""MiB that no reader may pass."""


def measured(inputs: int, times: int, runs: int) -> dict[str, Any]:
    """Try everything, here and now."""
    started = time.monotonic()
    fuzzed = []
    for reader in NAMES:
        outcome = in_a_process(reader, inputs, SEED)
        _say(f"{reader}: {outcome.failure or 'held'}")
        fuzzed.append(asdict(outcome))
    trials = []
    with tempfile.TemporaryDirectory() as folder:
        for number, group in enumerate((memory, disk)):
            (place := Path(folder) / str(number)).mkdir()
            for trial in group(place):
                _say(f"{trial.name}: {trial.wrong or trial.how}")
                trials.append({"group": group.__name__, **asdict(trial)})
        (place := Path(folder) / "sharing").mkdir()
        shared = sharing(place, runs, AT_ONCE)
        _say(f"{shared.name}: {shared.wrong or shared.how}")
        trials.append({"group": "sharing", **asdict(shared)})
    killed = asdict(kills.trial(times, SEED))
    _say(f"kills: {killed}")
    return {
        "version": __version__,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "seed": SEED,
        "minutes": round((time.monotonic() - started) / 60),
        "inputs": inputs,
        "runs": runs,
        "fuzz": fuzzed,
        "trials": trials,
        "kills": killed,
    }


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def failed(figures: dict[str, Any]) -> list[str]:
    """What did not hold."""
    found = [f"{row['reader']}: {row['failure']}" for row in figures["fuzz"] if row["failure"]]
    found += [f"{row['reader']}: {row['peak']} MiB" for row in figures["fuzz"] if row["peak"] > MEMORY]
    found += [f"{trial['name']}: {trial['wrong']}" for trial in figures["trials"] if trial["wrong"]]
    return found + ([f"{n} campaigns differ after a kill"] if (n := figures["kills"]["different"]) else [])


def markdown(figures: dict[str, Any]) -> str:
    """The report that people read."""
    template = jinja2.Template(TEMPLATE.read_text(encoding="utf-8"), keep_trailing_newline=True, trim_blocks=True)
    shown = {"seconds": SECONDS, "memory": MEMORY, "command": COMMAND, "cell": _cell, "wrong": failed(figures)}
    return template.render(**figures, **shown)


def _cell(text: str) -> str:
    """The first line, as a table may hold it."""
    return text.partition("\n")[0].replace("|", "\\|")


def main() -> int:
    """Try everything and write the report; 1 where something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS, help="for each reader")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--runs", type=int, default=RUNS, help="checks that share a cache")
    asked = parser.parse_args()
    figures = measured(asked.inputs, asked.kills, asked.runs)
    write_atomically(REPORT, json.dumps(figures, indent=1) + "\n")
    write_atomically(REPORT.with_suffix(".md"), markdown(figures))
    return int(bool(failed(figures)))


if __name__ == "__main__":
    sys.exit(main())
