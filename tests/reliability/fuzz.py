"""Every reader is given inputs that are nearly right: `python -m tests.reliability.fuzz [--inputs N] [--seed S]`.

Each reader runs in a process of its own, whose memory is limited; an input that takes too long is a failure, and so is
anything but a plain refusal. Equal seeds give equal inputs.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

SECONDS = 20
"""How long one input may take."""
ADDRESS_SPACE = 4 << 30
"""Bytes of address space, so that an input that asks for more is told and does no harm."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a reader. `failure` is empty where nothing went wrong; `peak` is in MiB."""

    reader: str
    inputs: int
    taken: int
    refused: int
    slowest: float
    peak: int
    failure: str


class Slow(BaseException):
    """An input takes too long. No `Exception`, so that nothing between takes it for its own."""


def fuzz(reader: str, inputs: int, seed: int) -> Outcome:
    """Give a reader so many inputs, here."""
    from tests.reliability.readers import readers

    def too_long(*_: object) -> None:
        raise Slow

    taken, slowest, failure = 0, 0.0, ""
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        read = readers(Path(folder))[reader]
        signal.signal(signal.SIGALRM, too_long)
        for number in range(1, inputs + 1):
            if number % 10 == 0:  # what earlier inputs left behind is no memory of this one
                gc.collect()
            rng = random.Random(f"{seed} {reader} {number}")
            started = time.perf_counter()
            signal.alarm(SECONDS)
            try:
                taken += read(rng)
            except Slow:
                failure = f"input {number}: it takes more than {SECONDS} s"
            except Exception as error:
                failure = f"input {number}: {type(error).__name__}: {error}"
            finally:
                signal.alarm(0)
            slowest = max(slowest, time.perf_counter() - started)
            if failure:
                break
    peak = held()
    return Outcome(reader, number, taken, number - taken - bool(failure), slowest, peak, failure)


def held() -> int:
    """The most memory that this process has held, in MiB. That of `getrusage` counts who started it as well."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) >> 10


def in_a_process(reader: str, inputs: int, seed: int) -> Outcome:
    """Give a reader so many inputs in a process of its own."""
    arguments = [sys.executable, "-m", "tests.reliability.fuzz", "--reader", reader]
    run = subprocess.run(
        [*arguments, "--inputs", str(inputs), "--seed", str(seed)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    if run.returncode:
        return Outcome(reader, inputs, 0, 0, 0.0, 0, f"the process ended with {run.returncode}: {run.stderr[-2000:]}")
    return Outcome(**json.loads(run.stdout.splitlines()[-1]))


NAMES = (
    "trace", "trace to convert", "log", "log from its middle", "log as a trace", "profile", "text log", "settings",
    "test results", "specification", "driver's answers", "certificate", "kept answers",
)  # fmt: skip


def main() -> int:
    """Fuzz one reader, or all; the exit code says whether any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", choices=NAMES)
    parser.add_argument("--inputs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.reader is not None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        print(json.dumps(asdict(fuzz(chosen.reader, chosen.inputs, chosen.seed))))  # noqa: T201
        return 0
    failed = False
    for reader in NAMES:
        outcome = in_a_process(reader, chosen.inputs, chosen.seed)
        failed = failed or bool(outcome.failure)
        print(json.dumps(asdict(outcome)), flush=True)  # noqa: T201
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
