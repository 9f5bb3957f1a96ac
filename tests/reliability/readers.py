"""Everything that reads what somebody else wrote: good inputs, and what reads them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callproof.answers import Answers
from callproof.certificate import records
from callproof.certificate.checking import Refused, check_certificate
from callproof.cli import main
from callproof.drivers.messages import Malformed, read_answer, read_hello, read_reset
from callproof.errors import UserError
from tests.reliability.mutation import mutated

ROOT = Path(__file__).parents[2]
DMA = f"{ROOT / 'examples' / 'dma.py'}:SPEC"

Reads = Callable[[random.Random], bool]
"""Makes one input and has it read; whether it was taken. Anything but a plain refusal is raised."""


class Broke(Exception):
    """What should have been refused in a line ended otherwise."""


def command(*arguments: str | Path) -> bool:
    """Run a command here: True where it takes its input, False where it refuses it in a line."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    out.seek(0)
    err.seek(0)
    said = err.read()
    if code not in (0, 1, 2, 4, 5) or "Traceback" in said:
        raise Broke(f"exit code {code}: {said[-2000:]}")
    if code == 2 and not (said + out.read()).strip():
        raise Broke("it is refused without a word")
    return code != 2


@dataclass(frozen=True, slots=True)
class File:
    """A reader of one file, by a command in which `FILE` stands for it."""

    seeds: Sequence[bytes]
    name: str
    command: tuple[str, ...]

    def __call__(self, rng: random.Random, folder: Path) -> bool:
        """Read one input."""
        path = folder / self.name
        path.write_bytes(mutated(rng, self.seeds))
        return command(*(str(path) if part == "FILE" else part for part in self.command))


HEAD = {"format": "callproof-log", "version": 1, "spec": "ge-memory", "clock": "monotonic"}
SIZES = {"const_size": "4096", "feature_size": "12288", "fixed_size": "4096", "p2p_fixed_size": "0"}
SUMMARY = {"is_static": True, "is_refreshable": True, **SIZES, "refreshable_size": "8192"}
SETTINGS = b"""[check]
layer = "documented"
bound = 6
quiet = true
invariant = ["no-wrap"]
reading = ["R7=const"]
[monitor]
window = 10
[trace.replay]
spec = "ge-memory"
"""
LOG = (
    HEAD,
    {"call": "GEInitializeV2", "returned": 0, "thread": 1, "begin": 1, "end": 2},
    {"call": "@open", "session": 7, "args": {"ge.featureBaseRefreshable": "1"}, "thread": 1, "begin": 3, "end": 4},
    {"call": "AddGraph", "args": {"graph_id": 4}, "returned": 0, "session": 7, "thread": 2, "begin": 5, "end": 9},
    {"call": "AddGraph", "args": {"graph_id": 5}, "returned": 0, "session": 7, "thread": 3, "begin": 6, "end": 8},
    {"call": "CompileGraph", "args": {"graph_id": 4}, "returned": 0, "result": SUMMARY, "session": 7, "thread": 2,
     "begin": 10, "end": 12},
    {"call": "aclrtMalloc", "args": {"block": "0x7f00", "size": "65536"}, "returned": 0,
     "result": {"memory": "0x7f00"}, "thread": 2, "begin": 13, "end": 15},
    {"call": "UpdateGraphRefreshableFeatureMemoryBase", "args": {"graph_id": 4, "memory": "0x7f00", "size": "8192"},
     "returned": 0, "session": 7, "thread": 2, "begin": 16, "end": 19},
    {"call": "RemoveGraph", "args": {"graph_id": 4}, "returned": 0, "session": 7, "thread": 3, "begin": 18, "end": 21},
    {"call": "@close", "session": 7, "thread": 1, "begin": 22, "end": 23},
)  # fmt: skip
PROFILE = rb"""format = "callproof-profile"
version = 1
clock = "us"
[returned]
ok = "SUCCESS"
[calls]
add = "AddGraph"
[values.graph_id]
one = 1
[[line]]
pattern = '^init -> (?P<returned>\w+)'
call = "GEInitializeV2"
[[line]]
pattern = '^\[(?P<session>\d+)\] (?P<call>add) graph=(?P<graph_id>\w+) -> (?P<returned>\w+)'
"""
TEXT_LOG = b"init -> ok\n[1] add graph=3 -> ok\nheartbeat\n[1] add graph=one -> ok\n" + b"noise\n" * 20
KIND = {"name": "k", "result": {"size": "0x10"}}
OFFER = {"id": 1, "ok": True, "protocol": 1, "driver": "toy", "version": "1", "calls": ["Open"], "kinds": [KIND],
         "options": {"o": ["1"]}, "handles": {"GraphId": 2}}  # fmt: skip
ANSWERED = {"id": 1, "status": "SUCCESS", "result": {"size": "0xffffffffffffffff", "flag": True, "n": 3}}


def lines(*documents: object) -> bytes:
    """JSON Lines."""
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def readers(folder: Path) -> Mapping[str, Reads]:
    """Every reader by name. What they need is made in the folder."""
    traces = _traces(folder)
    text_log, profile = folder / "runtime.log", folder / "good.toml"
    text_log.write_bytes(TEXT_LOG)
    profile.write_bytes(PROFILE)
    logs = [lines(*LOG), lines(*LOG[:1], *LOG[3:]), lines(HEAD)]
    results = folder / "results.json"
    driver = f"{ROOT / 'examples' / 'ring_driver.py'}:Careless"
    ring = str(ROOT / "examples" / "ring.py")
    command("test", driver, "--spec", ring, "--suite", "clauses", "--json", results)
    source = Path(DMA.rpartition(":")[0]).read_bytes()
    files = {
        "trace": File(traces, "a.trace.json", ("trace", "replay", "FILE", "--spec", DMA)),
        "trace to convert": File(
            traces, "a.trace.json", ("trace", "convert", "FILE", "--to", "mermaid", "--spec", DMA)
        ),
        "log": File(logs, "a.jsonl", ("monitor", "-q", "FILE")),
        "log from its middle": File(logs, "a.jsonl", ("monitor", "-q", "--from-unknown", "FILE")),
        "log as a trace": File(logs, "a.jsonl", ("trace", "convert", "FILE", "--to", "trace")),
        "profile": File([PROFILE], "a.toml", ("monitor", "-q", "--profile", "FILE", str(text_log))),
        "text log": File([TEXT_LOG], "a.log", ("monitor", "-q", "--profile", str(profile), "FILE")),
        "test results": File(
            [results.read_bytes()], "a.json", ("report", ring, "--html", str(folder / "r.html"), "--results", "FILE")
        ),
        "specification": File([source], "a.py", ("spec", "lint", "FILE")),
    }
    made: dict[str, Reads] = {name: lambda rng, file=file: file(rng, folder) for name, file in files.items()}
    made["settings"] = lambda rng: _settings(rng, folder)
    made["driver's answers"] = _answers
    made["certificate"] = Certificates(folder)
    made["kept answers"] = lambda rng: _kept(rng, folder)
    return made


def _settings(rng: random.Random, folder: Path) -> bool:
    """Settings are found in the folder where a command is given."""
    (where := folder / "settings").mkdir(exist_ok=True)
    (where / "callproof.toml").write_bytes(mutated(rng, [SETTINGS]))
    with contextlib.chdir(where):
        return command("settings")


def _traces(folder: Path) -> list[bytes]:
    where = folder / "traces"
    command("check", DMA, "--traces", where)
    return [path.read_bytes() for path in sorted(where.iterdir())]


def _answers(rng: random.Random) -> bool:
    read, good = rng.choice(((read_hello, OFFER), (read_reset, {"id": 1, "ok": True}), (read_answer, ANSWERED)))
    try:
        read(mutated(rng, [json.dumps(good).encode()]), 1)  # type: ignore[operator]
    except Malformed as error:
        if not str(error) or "\n" in str(error):
            raise Broke(f"it is no line: {str(error)!r}") from None
        return False
    return True


class Certificates:
    """One file of a certificate is spoilt; half of the time the digests are made to fit, as a forger would."""

    def __init__(self, folder: Path) -> None:
        self._good, self._folder = folder / "good", folder / "spoilt"
        command("check", DMA, "--layer", "hardened", "--certify", self._good)
        self._files = sorted(path.relative_to(self._good) for path in self._good.rglob("*") if path.is_file())

    def __call__(self, rng: random.Random) -> bool:
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._good, self._folder)
        path = self._folder / rng.choice(self._files)
        path.write_bytes(mutated(rng, [path.read_bytes()]))
        if rng.random() < 0.5:
            self._forge()
        try:
            check_certificate(str(self._folder), (), 1)
        except (UserError, Refused) as error:
            if not str(error):
                raise Broke("it is refused without a word") from None
            return False
        return True

    def _forge(self) -> None:
        manifest = self._folder / "manifest.json"
        try:
            document = json.loads(manifest.read_bytes())
            for row in document["files"]:
                data = (self._folder / row["path"]).read_bytes()
                row.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            document["digest"] = records.UNSEALED
            manifest.write_bytes(records.sealed(json.dumps(document).encode()))
        except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError):
            pass  # so badly spoilt that nobody can make it fit


def _kept(rng: random.Random, folder: Path) -> bool:
    """A damaged file of kept answers gives right answers or none."""
    path, said = folder / "answers.sqlite", []
    for other in folder.glob("answers.sqlite*"):
        other.unlink()
    question, answer = b"question " * 30, b"answer " * 30
    with Answers(path, said.append) as kept:
        kept.put(question, answer)
    data = bytearray(path.read_bytes())
    for _ in range(rng.choice((0, 1, 2, 20))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data[: rng.choice((len(data), len(data), rng.randrange(len(data))))])
    with Answers(path, said.append) as kept:
        found = kept.get(question)
        kept.put(b"another", b"answer")
    if found not in (None, answer):
        raise Broke(f"a damaged file answers {found!r}")
    os.path.exists(path)
    return found is not None
