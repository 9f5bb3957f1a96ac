"""`callproof record`: runs a program and writes every call that it makes of a library into a log."""

from __future__ import annotations

import tempfile

import click

from callproof.cli.options import DEFAULT_SPEC
from callproof.errors import Exit, UsageError


@click.command("record", context_settings={"ignore_unknown_options": True})
@click.option("--spec", metavar="SPEC", default=DEFAULT_SPEC, show_default=True, help="Whose calls are recorded.")
@click.option("--recorder", metavar="FILE", help="A recorder that callproof driver build --recorder has made.")
@click.option("--include", "includes", metavar="DIR", multiple=True, help="Or where the library's headers lie,")
@click.option("--lib", "libraries", metavar="FILE", multiple=True, help="and the library itself, to make one.")
@click.option("--cxx", metavar="COMPILER", help="The C++ compiler, if not $CXX or the system's.")
@click.option("--out", metavar="LOG", required=True, help="The log to write (JSON Lines).")
@click.option("--limit", metavar="BYTES", default="1G", show_default=True, help="The most that a process may write.")
@click.argument("program", nargs=-1, type=click.UNPROCESSED)
def record_command(
    spec: str,
    recorder: str | None,
    includes: tuple[str, ...],
    libraries: tuple[str, ...],
    cxx: str | None,
    out: str,
    limit: str,
    program: tuple[str, ...],
) -> int:
    """Run PROGRAM (behind --) with a recorder in front of the library that it uses; see callproof monitor.

    Each call, what was passed, returned and answered, its thread, session and time, is a line of LOG. The exit code is
    the program's, or 5 if it called nothing.
    """
    from callproof.drivers.native import build_recorder
    from callproof.drivers.recording import program_of, recorder_name, size_of
    from callproof.drivers.recording import record as run
    from callproof.model.loading import load_specification

    words, size = program_of(program), size_of(limit)
    if recorder is not None and (includes or libraries):
        raise UsageError("give --recorder, or --include and --lib to make one, not both")
    if recorder is None and not (includes and libraries):
        raise UsageError("give --recorder, or --include and --lib to make one")
    with tempfile.TemporaryDirectory(prefix="callproof-") as folder:
        if recorder is None:
            recorder = recorder_name(folder)
            build_recorder(load_specification(spec), includes, libraries, recorder, cxx)
        done = run(recorder, words, out, size)
    for log in done.logs:
        cut = f", {log.torn} more were cut short" if log.torn else ""
        click.echo(f"callproof: {log.path}: {max(log.lines - 1, 0):,} calls{cut}", err=True)
    if not done.logs:
        click.echo("callproof: the program made no call that the recorder knows; there is no log", err=True)
        return done.status or int(Exit.VACUOUS)
    return done.status
