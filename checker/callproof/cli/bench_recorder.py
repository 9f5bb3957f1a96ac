"""What recording adds to a call: for `callproof bench --recorder`."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence

from callproof.cli.figures import Figure
from callproof.errors import UsageError

MICROSECONDS = 2.0
"""The most that recording may add to a call."""
RUNS = 5


def recorder_figures(words: Sequence[str], pace: float, tick: Callable[[str], None]) -> list[Figure]:
    """The figure of a recorder (the first word) on a program (the others), which says how long its calls took.

    The last line that it prints is `{"calls": N, "seconds": S}`, as `examples/ge_client` does for `laps N`.
    """
    if len(words) < 2:
        raise UsageError('--recorder takes a recorder and a program: "FILE PROGRAM ARGUMENTS"')
    recorder, *program = words
    if not os.path.isfile(recorder):
        raise UsageError(f"--recorder: there is no file {recorder}")
    tick("recording calls")
    added = []
    for _ in range(RUNS):
        plain = _seconds(program, {})
        with tempfile.TemporaryDirectory(prefix="callproof-") as folder:
            out = os.path.join(folder, "log.jsonl")
            environment = {"LD_PRELOAD": os.path.abspath(recorder), "CALLPROOF_RECORD_OUT": out}
            recorded = _seconds(program, environment)
            if not os.path.exists(out):
                raise UsageError(f"--recorder: {program[0]} makes no call that {recorder} records")
        added.append((recorded - plain) * 1e6)
    value = statistics.median(added)
    return [Figure("recording, added to a call", value, "us", value * 1e-6 * pace, MICROSECONDS, at_least=False)]


def _seconds(program: Sequence[str], environment: dict[str, str]) -> float:
    """Seconds a call, as the program says."""
    try:
        done = subprocess.run(program, capture_output=True, env=os.environ | environment, check=False)
        said = json.loads(done.stdout.splitlines()[-1])
        return float(said["seconds"]) / int(said["calls"])
    except OSError as error:
        raise UsageError(f"--recorder: {program[0]} cannot be started: {error.strerror or error}") from None
    except (ValueError, LookupError, TypeError, ZeroDivisionError):
        raise UsageError(f'--recorder: {program[0]} does not end with a line {{"calls": N, "seconds": S}}') from None
