"""What becomes of a check where memory, disk or the cache is short: each trial says what went wrong, or nothing."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DMA = f"{ROOT / 'examples' / 'dma.py'}:SPEC"
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Trial:
    """One run under shortage. `wrong` is empty where it ended as it should; `how` says how it ended."""

    name: str
    how: str
    wrong: str


def run(
    folder: Path, *arguments: str, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, with a cache in the folder."""
    return subprocess.run(
        [sys.executable, "-m", "callproof", *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), **environment},
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def limited(what: int, amount: int) -> Callable[[], None]:
    """Limits a resource of the process that is about to start."""
    return lambda: resource.setrlimit(what, (amount, amount))


def plain(done: subprocess.CompletedProcess[str], *codes: int) -> str:
    """What is wrong with how a run ended: another exit code, a traceback, or silence about a failure."""
    if done.returncode not in codes:
        return f"exit code {done.returncode}: {done.stderr[-500:]}"
    if "Traceback" in done.stderr:
        return done.stderr[-500:]
    if done.returncode in (2, 4) and not done.stderr.startswith("callproof: ") and not done.stdout:
        return "it does not say why"
    return ""


def statuses(text: str) -> dict[tuple[str, str], str]:
    """The cells of a check's JSON."""
    document = json.loads(text)
    return {(layer["layer"], f["id"]): f["verdict"] for layer in document["layers"] for f in layer["invariants"]}


# -- memory -----------------------------------------------------------------------------------------------------------

LIMITS = (120, 140, 160, 180, 240)
"""MiB of address space for the engines; all that is asked here takes some 250."""


def memory(folder: Path, limits: tuple[int, ...] = LIMITS) -> Iterator[Trial]:
    """Less memory than is asked for: a cell is as it is with enough memory, or unknown."""
    check = ("check", "ge-memory", "--no-cache", "--json", "-")
    truth = statuses(run(folder, *check).stdout)
    for limit in limits:
        done = run(folder, *check, before=limited(resource.RLIMIT_AS, limit << 20))
        wrong = plain(done, 0, 4)
        if not wrong and done.stdout:
            found = statuses(done.stdout)
            differing = {c for c, status in found.items() if status not in (truth[c], "unknown")}
            wrong = f"cells differ: {sorted(differing)}" if differing else ""
        yield Trial(f"{limit} MiB of address space", _ended(done, folder), wrong)


def _ended(done: subprocess.CompletedProcess[str], folder: Path) -> str:
    meaning = {0: "all is proved", 2: "refused", 4: "unknown"}.get(done.returncode, f"exit code {done.returncode}")
    last = done.stderr.strip().rpartition("\n")[2]
    said = last.removeprefix("callproof: ").replace(str(folder), "FOLDER")
    return f"{meaning}: {said}" if said else meaning


# -- disk -------------------------------------------------------------------------------------------------------------


def disk(folder: Path) -> Iterator[Trial]:
    """No room, and places that cannot be written: the answer comes all the same, or a line says what is in the way."""
    full = limited(resource.RLIMIT_FSIZE, 512)
    target = folder / "result.json"
    target.write_text("what was here before")
    done = run(folder, "check", DMA, "--no-cache", "--json", str(target), before=full)
    kept = target.read_text() == "what was here before" and sorted(p.name for p in folder.iterdir()) == ["result.json"]
    yield Trial(
        "no room for the result", _ended(done, folder), plain(done, 2) or ("" if kept else "a file is left in part")
    )

    done = run(folder, "check", DMA, "-q", before=full, XDG_CACHE_HOME=str(folder / "full"))
    yield Trial("no room for kept answers", _ended(done, folder), plain(done, 0))
    for name, place in (("a cache that cannot be made", "/proc/nowhere"), ("a file in the cache's place", str(target))):
        done = run(folder, "check", DMA, "-q", XDG_CACHE_HOME=place)
        yield Trial(name, _ended(done, folder), plain(done, 0))

    done = run(folder, "check", DMA, "--no-cache", "--traces", "/proc/nowhere/traces")
    yield Trial("no folder for traces", _ended(done, folder), plain(done, 2))
    done = run(folder, "report", DMA, "--html", "/proc/nowhere/report.html")
    yield Trial("no folder for a report", _ended(done, folder), plain(done, 2))
    with open("/dev/full", "w") as out:
        written = subprocess.run(
            [sys.executable, "-m", "callproof", "check", DMA, "--no-cache"],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    written.stdout = ""
    yield Trial("standard output on a full disk", _ended(written, folder), plain(written, 2))


# -- one cache for many -----------------------------------------------------------------------------------------------


def sharing(folder: Path, runs: int, at_once: int) -> Trial:
    """Many checks at once on one cache: each says the same, and none complains."""
    with ThreadPoolExecutor(at_once) as pool:
        done = list(pool.map(lambda _: run(folder, "check", DMA, "-q"), range(runs)))
    wrong = next((w for w in (plain(one, 0) or one.stderr[-500:] for one in done) if w), "")
    said = {one.stdout for one in done}
    if not wrong and len(said) > 1:
        wrong = f"they differ: {said}"
    return Trial(f"{runs:,} checks, {at_once} at once, on one cache", f"{len(said)} answer to all", wrong)
