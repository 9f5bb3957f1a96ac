"""The child process in which a driver written in Python lives: `python -m callproof.drivers.host TARGET`.

It speaks the protocol of every other driver, so that a crash of the driver ends a child and never the campaign.
Whatever the driver prints goes to stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from callproof.drivers.locate import load_target
from callproof.drivers.messages import COMPLAINT, PROTOCOL, identifier
from callproof.errors import UsageError, UserError

_CHUNK = 1 << 16


class _Request(msgspec.Struct, gc=False):
    id: int
    op: str
    call: str = ""
    args: dict[str, int | bool | str] = {}
    protocol: int = PROTOCOL
    options: dict[str, str] = {}
    kinds: dict[str, str] = {}


class Host:
    """One driver object, made anew at each reset where it has no `reset` of its own."""

    def __init__(self, target: Any) -> None:
        self._target = target
        self._driver: Any = None
        self._methods: dict[str, Callable[..., Any] | None] = {}

    def answer(self, request: _Request) -> dict[str, Any]:
        """The answer to one request; an exception of the driver is an answer too."""
        try:
            if request.op == "call":
                return self._call(request)
            if request.op == "hello":
                return self._hello(request)
            if request.op == "reset":
                self._reset(request)
                return {"id": request.id, "ok": True}
        except Exception as error:
            return self._failed(request, error)
        return {"id": request.id, "error": f"unknown op {request.op!r}"}

    def _failed(self, request: _Request, error: Exception) -> dict[str, Any]:
        text = f"{type(error).__name__}: {error}"[:500]
        at = error.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        if at is not None:
            text += f" (at {os.path.basename(at.tb_frame.f_code.co_filename)}:{at.tb_lineno})"
        return (
            {"id": request.id, "error": text}
            if request.op == "call"
            else {"id": request.id, "ok": False, "error": text}
        )

    def start(self) -> None:
        """Make the driver; `UsageError` where that fails."""
        try:
            self._driver = self._target() if isinstance(self._target, type) else self._target
        except Exception as error:
            raise UsageError(f"the driver cannot be made: {type(error).__name__}: {error}") from None

    def _hello(self, request: _Request) -> dict[str, Any]:
        driver = self._driver
        calls = [name for name in dir(driver) if not name.startswith("_") and callable(getattr(driver, name))]
        offered: dict[str, Any] = {"calls": [name for name in calls if name != "reset"]}
        for name in ("kinds", "options", "handles", "calls"):
            if not callable(getattr(driver, name, len)):
                offered[name] = getattr(driver, name)
        name = getattr(driver, "driver", type(driver).__name__)
        return {
            "id": request.id,
            "ok": True,
            "driver": str(name),
            "version": str(getattr(driver, "version", "")),
            **offered,
        }

    def _reset(self, request: _Request) -> None:
        if isinstance(self._target, type):
            self._driver = self._target()
        reset = getattr(self._driver, "reset", None)
        if reset is not None:
            reset(options=request.options, kinds=request.kinds)
        elif not isinstance(self._target, type):
            raise TypeError("a driver that is an object and no class needs reset(options, kinds)")
        self._methods = {}

    def _call(self, request: _Request) -> dict[str, Any]:
        name = request.call
        if name not in self._methods:
            self._methods[name] = getattr(self._driver, identifier(name), None)
        method = self._methods[name]
        if method is None:
            return {"id": request.id, "unsupported": True}
        args = request.args
        for key, value in args.items():
            if isinstance(value, str) and value[:2] == "0x":
                args[key] = int(value, 16)
        try:
            returned = method(**args)
        except NotImplementedError:
            return {"id": request.id, "unsupported": True}
        if isinstance(returned, tuple):
            status, result = returned
            return {"id": request.id, "status": _status(status), "result": _results(result)}
        return {"id": request.id, "status": _status(returned)}


def _status(value: Any) -> int | str:
    """A status as the protocol has it: a member of an enumeration by its name, nothing as success."""
    if value is None:
        return "SUCCESS"
    if isinstance(value, int):
        return value.name if hasattr(value, "name") else int(value)
    return str(getattr(value, "name", value))


def _results(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    found = given if isinstance(given, Mapping) else {f: getattr(given, f) for f in given.__dataclass_fields__}
    return {key: hex(v) if type(v) is int and v >> 53 else getattr(v, "name", v) for key, v in found.items()}


def serve(host: Host, source: int, target: int) -> None:
    """Answer requests from one file descriptor on another until `bye` or the end of input."""
    decode = msgspec.json.Decoder(_Request).decode
    encode = msgspec.json.Encoder().encode
    buffer = b""
    while True:
        data = os.read(source, _CHUNK)
        if not data:
            return
        *lines, buffer = (buffer + data).split(b"\n")
        answers: list[bytes] = []
        for line in lines:
            request = decode(line)
            if request.op == "bye":
                _write(target, b"".join(answers))
                return
            answers.append(encode(host.answer(request)) + b"\n")
        _write(target, b"".join(answers))


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]


def main(argv: list[str]) -> int:
    """Host the driver that the one argument names."""
    source, target = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    try:
        host = Host(load_target(argv[0]))
        host.start()
    except UserError as error:
        print(f"{COMPLAINT}{error}", file=sys.stderr)  # noqa: T201 - stderr is where a child says what is wrong
        return 2
    serve(host, source, target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
