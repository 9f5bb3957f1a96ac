"""A small client of the driver protocol, apart from the package's own: these tests judge the runner itself."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callproof.trace import Step

Args = Mapping[str, Any]


class Client:
    """A runner process. Addresses come and go as integers."""

    def __init__(self, runner: Path, library: Path | None = None, mutant: int = 0) -> None:
        environment = dict(os.environ) | {"GE_REFERENCE_MUTANT": str(mutant)}
        if library is not None:
            environment["LD_LIBRARY_PATH"] = str(library.parent)
        self.process = subprocess.Popen(
            [str(runner), "--timeout", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self._id = 0

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self, **request: Any) -> dict[str, Any]:
        self._id += 1
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"id": self._id, **request}).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise EOFError(f"the runner ended ({self.process.wait()}) at {request}")
        answer: dict[str, Any] = json.loads(line)
        assert answer.pop("id") == self._id
        return answer

    def hello(self) -> dict[str, Any]:
        return self.ask(op="hello", protocol=1, spec="ge-memory")

    def reset(self, options: Mapping[str, str] | None = None, kinds: Mapping[str, str] | None = None) -> None:
        answer = self.ask(op="reset", options=options or {}, kinds=kinds or {})
        assert answer == {"ok": True}, answer

    def call(self, name: str, args: Args) -> dict[str, Any]:
        """The answer, its integers as such."""
        passed = {key: str(value) if type(value) is int and value >> 53 else value for key, value in args.items()}
        answer = self.ask(op="call", call=name, args=passed)
        if "result" in answer:
            answer["result"] = {key: _value(value) for key, value in answer["result"].items()}
        return answer

    def step(self, name: str, args: Args) -> Step:
        """The call and what came back, as the interpreter takes it."""
        answer = self.call(name, args)
        assert "status" in answer, answer
        return Step(name, args, answer["status"], answer.get("result"))


def _value(value: Any) -> Any:
    return int(value, 0) if isinstance(value, str) else value
