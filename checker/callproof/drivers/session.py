"""A conversation with one driver process: requests may be sent ahead of answers, every failure is one exception."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from types import TracebackType

from callproof.drivers.messages import (
    COMPLAINT,
    HELLO_LIMIT,
    Answer,
    Malformed,
    Offer,
    bye_line,
    call_line,
    hello_line,
    read_answer,
    read_hello,
    read_reset,
    reset_line,
)
from callproof.drivers.process import Child, Ended, Late, TooLong
from callproof.errors import Exit, UsageError, UserError
from callproof.trace import Value

DEFAULT_TIMEOUT = 10.0
"""Seconds within which a driver must answer a request."""


class Failure(enum.Enum):
    """How a driver failed."""

    CRASHED = "crashed"
    HUNG = "hung"
    PROTOCOL = "broke the protocol"
    RAISED = "raised"
    """A driver in Python raised an exception."""


class DriverFailure(UserError):
    """A driver that can no longer be talked to. `answers` came before, in the order of the requests."""

    exit = Exit.DRIVER

    def __init__(self, how: Failure, message: str, answers: Sequence[Answer] = ()) -> None:
        self.how, self.message, self.answers = how, message, tuple(answers)
        super().__init__(f"the driver {how.value}: {message}")


class Session:
    """One driver process from hello to bye; use it in a `with` block.

    Raises `UsageError` where the command cannot be started, and `DriverFailure` from every method once the driver
    fails. After a failure only `close` may be called.
    """

    def __init__(self, command: Sequence[str], spec: str, timeout: float = DEFAULT_TIMEOUT) -> None:
        self.timeout = timeout
        self._id = 0
        self._pending: list[int] = []
        self._child = Child(command)
        try:
            self.offer: Offer = self._hello(spec)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close(politely=kind is None)

    def close(self, politely: bool = False) -> None:
        """End the process and everything that it started."""
        self._child.close(bye_line(self._next()) if politely and not self._pending else b"")

    def _next(self) -> int:
        self._id += 1
        return self._id

    def _hello(self, spec: str) -> Offer:
        id = self._next()
        self._send(hello_line(id, spec))
        try:
            return read_hello(self._line(HELLO_LIMIT), id)
        except DriverFailure as error:
            # A driver in Python that cannot be loaded was not named rightly; its host says why.
            if error.how is Failure.CRASHED and self._child.complaint.startswith(COMPLAINT):
                raise UsageError(self._child.complaint.removeprefix(COMPLAINT)) from None
            raise
        except Malformed as error:
            raise self._failure(Failure.PROTOCOL, str(error)) from None

    def reset(self, options: Mapping[str, str], kinds: Mapping[str, str]) -> None:
        """A fresh session state, with these run options and the kind of each resource."""
        id = self._next()
        self._send(reset_line(id, options, kinds))
        try:
            refused = read_reset(self._line(), id)
        except Malformed as error:
            raise self._failure(Failure.PROTOCOL, f"reset: {error}") from None
        if refused:
            raise DriverFailure(Failure.PROTOCOL, f"it refuses a reset that its hello offers: {refused}")

    def post(self, calls: Sequence[tuple[str, Mapping[str, Value]]]) -> None:
        """Send calls without waiting for their answers."""
        lines = []
        for call, args in calls:
            self._id += 1
            self._pending.append(self._id)
            lines.append(call_line(self._id, call, args))
        self._send(b"".join(lines))

    def collect(self) -> list[Answer]:
        """The answers to all calls that were posted; a failure carries those that came before it."""
        answers: list[Answer] = []
        try:
            while self._pending:
                for line in self._child.lines(len(self._pending), self.timeout):
                    answers.append(read_answer(line, self._pending[0]))
                    del self._pending[0]
                    if answers[-1].error is not None:
                        raise DriverFailure(Failure.RAISED, answers.pop().error or "", answers)
        except Malformed as error:
            raise self._failure(Failure.PROTOCOL, str(error), answers) from None
        except TooLong as error:
            raise DriverFailure(Failure.PROTOCOL, str(error), answers) from None
        except Late:
            raise DriverFailure(Failure.HUNG, f"no answer within {self.timeout:g} s", answers) from None
        except Ended as error:
            raise self._failure(Failure.CRASHED, str(error), answers) from None
        return answers

    def _send(self, data: bytes) -> None:
        try:
            self._child.send(data, self.timeout)
        except Late:
            raise DriverFailure(Failure.HUNG, f"it reads nothing for {self.timeout:g} s") from None
        except Ended as error:
            raise self._failure(Failure.CRASHED, str(error)) from None

    def _line(self, limit: int | None = None) -> bytes:
        try:
            lines = self._child.lines(1, self.timeout, limit) if limit else self._child.lines(1, self.timeout)
        except TooLong as error:
            raise DriverFailure(Failure.PROTOCOL, str(error)) from None
        except Late:
            raise DriverFailure(Failure.HUNG, f"no answer within {self.timeout:g} s") from None
        except Ended as error:
            raise self._failure(Failure.CRASHED, str(error)) from None
        return lines[0]

    def _failure(self, how: Failure, message: str, answers: Sequence[Answer] = ()) -> DriverFailure:
        complaint = self._child.complaint
        return DriverFailure(how, f"{message} (stderr: {complaint})" if complaint else message, answers)
