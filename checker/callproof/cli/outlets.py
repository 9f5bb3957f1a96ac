"""Where results go besides the terminal: files for code scanning and test reports, annotations, and events."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from callproof.cli.terminal import show
from callproof.errors import Exit, UsageError, UserError

if TYPE_CHECKING:
    from callproof.report.events import Event
    from callproof.report.issues import Issues

F = TypeVar("F", bound=Callable[..., Any])
BETWEEN = 0.1
"""Seconds between two events of progress at the least."""


def outlet_options(*, junit: bool = True) -> Callable[[F], F]:
    """--junit (where a command has it), --sarif, --github and --events, in parameters of these names."""
    options = [
        click.option("--sarif", metavar="FILE", help="Write what is wrong as SARIF 2.1.0, for code scanning."),
        click.option("--github", is_flag=True, help="Print annotations for GitHub Actions; fill the step's summary."),
        click.option("--events", metavar="FILE", help="Write progress and results as JSON Lines ('-': stdout)."),
    ]
    if junit:
        options.insert(0, click.option("--junit", metavar="FILE", help="Write the result as JUnit XML."))

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@dataclass(frozen=True, slots=True)
class Outlets:
    """What was asked for besides the text, and the stream of events where that is open."""

    sarif: str | None
    junit: str | None
    github: bool
    document: bool
    """Standard output is taken, by --json or --events."""
    tell: Callable[[Event], None]
    progress: Callable[[str], None]
    started: float
    wants_events: bool

    def write(
        self,
        issues: Callable[[], Issues],
        junit: Callable[[], str] | None = None,
        details: Callable[[], Iterator[Event]] | None = None,
        *,
        told: bool = False,
    ) -> None:
        """Write all that was asked for; what nobody asked for is not made. `told`: each issue was an event already."""
        if self.junit is not None and junit is not None:
            self._file(self.junit, junit())
        if not (self.sarif or self.github or self.wants_events):
            return
        found = issues()
        if self.sarif is not None:
            from callproof.report.sarif import sarif

            self._file(self.sarif, sarif(found))
        if self.wants_events:
            from callproof.report.events import finished, issue_line

            for event in details() if details is not None else ():
                self.tell(event)
            for issue in () if told else found.issues:
                self.tell(issue_line(issue))
            self.tell(finished(found.verdict, found.exit, time.monotonic() - self.started))
        if self.github:
            self._annotate(found)

    def text(self, text: str) -> None:
        """Print what a person reads: on stderr where stdout carries events, and never as a workflow command."""
        if self.github:
            from callproof.report.github import harmless

            text = harmless(text)
        show(text, err=self.document)

    def _file(self, path: str, text: str) -> None:
        from callproof.trace.files import write_atomically

        write_atomically(path, text)

    def _annotate(self, issues: Issues) -> None:
        from callproof.report.github import SUMMARY_LIMIT, commands, summary

        # The runner reads commands from either stream.
        for line in commands(issues):
            click.echo(line, err=self.document)
        path = os.environ.get("GITHUB_STEP_SUMMARY")
        if not path:
            return
        try:
            # Other commands of the step write there too, so that it is added to and not replaced.
            with open(path, "ab") as file:
                file.write(summary(issues, SUMMARY_LIMIT - file.tell()).encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise UsageError(f"GITHUB_STEP_SUMMARY={path}: cannot be written: {error.strerror}") from None


@contextmanager
def outlets(command: str, spec: str, chosen: Mapping[str, Any], json_file: str | None = None) -> Iterator[Outlets]:
    """Within this block results can be handed out; `chosen` holds the values of `outlet_options`.

    Events begin at once, and however the block is left the last of them carries the exit code. Raises `UsageError`
    where two things are to go to standard output, or a file cannot be written.
    """
    sarif, junit, events = chosen["sarif"], chosen.get("junit"), chosen["events"]
    _require_outlets({"--sarif": sarif, "--junit": junit}, json_file, events)
    started, document = time.monotonic(), "-" in (json_file, events)
    if events is None:
        yield Outlets(sarif, junit, chosen["github"], document, _nobody, _nobody, started, False)
        return
    from callproof.report.events import Finished, Started, finished, progress

    done, told = False, 0.0
    with _opened(events) as stream:
        from callproof.report.events import line

        def tell(event: Event) -> None:
            nonlocal done
            done = done or isinstance(event, Finished)
            _write(stream, line(event), events)

        def doing(what: str) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told >= BETWEEN:
                told = now
                tell(progress(now - started, what))

        tell(Started(command, spec))
        try:
            yield Outlets(sarif, junit, chosen["github"], document, tell, doing, started, True)
        except BaseException as error:
            if not done:
                # Where not even this can be written the first error is the one to tell.
                with suppress(UsageError, BrokenPipeError):
                    tell(finished(*_ended(error), time.monotonic() - started))
            raise


def _nobody(_: Any) -> None:
    """Nobody listens."""


def _require_outlets(files: Mapping[str, str | None], json_file: str | None, events: str | None) -> None:
    if json_file == "-" and events == "-":
        raise UsageError("--json - and --events - cannot both have standard output: give one of them a file")
    for flag, file in files.items():
        if file == "-":
            raise UsageError(f"{flag} - : give a file; only --json and --events go to standard output")
    named = {**files, "--events": events, "--json": json_file}
    places: dict[str, str] = {}
    for flag, file in named.items():
        if file not in (None, "-"):
            other = places.setdefault(os.path.realpath(str(file)), flag)
            if other != flag:
                raise UsageError(f"{other} and {flag} both name {file}: give each a file of its own")
    for file in (*files.values(), events):
        if file not in (None, "-"):
            from callproof.trace.files import require_writable

            require_writable(str(file))


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    """A stream for events. It is written as things happen, so that others can follow: whole is what has a last line."""
    if path == "-":
        sys.stdout.flush()
        yield sys.stdout.buffer
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, "wb", buffering=0))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(f"--events {path}: cannot be written: {reason}") from None
        yield file


def _write(stream: IO[bytes], data: bytes, path: str) -> None:
    try:
        if stream.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"--events {path}: cannot be written: {error.strerror}") from None


def _ended(error: BaseException) -> tuple[str, Exit]:
    """What an exception means for the run; the command line shows it too."""
    if isinstance(error, UserError):
        return str(error), error.exit
    if isinstance(error, click.ClickException):
        return error.format_message(), Exit.USAGE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return "interrupted", Exit.INTERRUPTED
    return f"internal error: {type(error).__name__}", Exit.INTERNAL
