"""The `callproof` command: its groups, and what becomes of every error."""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
import traceback

import click
from click.core import ParameterSource

from callproof import __version__
from callproof.cli import guarded
from callproof.cli.bench import bench_command
from callproof.cli.certify import certify_command
from callproof.cli.check import check_command
from callproof.cli.completion import add_completion, completion_command
from callproof.cli.diff import diff_command
from callproof.cli.doctor import doctor_command
from callproof.cli.driver import driver_group
from callproof.cli.explore import explore_command
from callproof.cli.export import export_command
from callproof.cli.harden import harden_command
from callproof.cli.inspect import settings_command
from callproof.cli.lsp import lsp_command
from callproof.cli.monitor import monitor_command
from callproof.cli.new import new_command
from callproof.cli.record import record_command
from callproof.cli.report import report_command
from callproof.cli.schema import schema_command
from callproof.cli.sequences import sequences_command
from callproof.cli.settings import META, add_environment, read_settings
from callproof.cli.spec import spec_group
from callproof.cli.terminal import add_everywhere, visible
from callproof.cli.test import compare_command, replay_command, test_command
from callproof.cli.trace import trace_group
from callproof.cli.why import why_command
from callproof.errors import Exit, UserError, out_of_memory

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What writing to a full or failing disk ends with."""
COLLECTION = (200_000, 20, 20)
"""How often garbage is looked for. Formulas are many small objects that live on, and looking is a tenth of a check."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="callproof")
@click.pass_context
def app(context: click.Context) -> None:
    """Prove that every call sequence an API accepts keeps its memory safe, or show the shortest that breaks it.

    Exit codes: 0 held, 1 violated, 2 bad usage or specification, 3 internal error, 4 unknown (budget), 5 vacuous
    or not covered, 6 the driver failed, 130 interrupted. Every option can be set in callproof.toml, in [tool.callproof]
    of pyproject.toml and by CALLPROOF_COMMAND_OPTION: see `callproof settings`.
    """
    # The doctor says what is wrong with settings; everybody else stops there.
    if context.invoked_subcommand != "doctor":
        context.meta[META] = read_settings(app)
        context.default_map = context.meta[META].default_map


for _command in (
    bench_command,
    certify_command,
    check_command,
    compare_command,
    completion_command,
    diff_command,
    doctor_command,
    driver_group,
    explore_command,
    export_command,
    harden_command,
    lsp_command,
    monitor_command,
    new_command,
    record_command,
    replay_command,
    report_command,
    schema_command,
    sequences_command,
    settings_command,
    spec_group,
    test_command,
    trace_group,
    why_command,
):
    app.add_command(_command)
add_everywhere(app)
add_environment(app)
add_completion(app)


def main(argv: list[str] | None = None) -> int:
    """Run one command; a command returns its exit code. Errors become one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    gc.set_threshold(*COLLECTION)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  (for as long as the process lives)
    if sys.stdout is None:
        _say("standard output is closed; send it to a file, or to /dev/null")
        return Exit.USAGE
    if argv is None and guarded.needed():
        status, died = guarded.run(sys.argv[1:])
        if died:
            _say(died)
        return status
    try:
        code = app.main(args=argv, prog_name="callproof", standalone_mode=False)
        if not sys.stdout.closed:  # the protocol of an editor closes it
            sys.stdout.flush()
    except click.ClickException as error:
        where = f" (see: {error.ctx.command_path} --help)" if isinstance(error, click.UsageError) and error.ctx else ""
        _say(f"{error.format_message()}{_variable(error)}{where}")
        return Exit.USAGE
    except UserError as error:
        for line in str(error).splitlines():
            _say(line)
        return error.exit
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return Exit.OK
    except OSError as error:
        if error.errno not in NO_ROOM:
            return _internal()
        _drop_output()
        _say(f"cannot write the output: {error.strerror}")
        return Exit.USAGE
    except Exception as error:
        if out_of_memory(error):
            _say(guarded.OUT_OF_MEMORY)
            return Exit.UNKNOWN
        return _internal()
    return int(code or 0)


def _internal() -> int:
    traceback.print_exc()
    _say("internal error; please report it with the lines above and the command that led here")
    return Exit.INTERNAL


def _drop_output() -> None:
    """What is still to be written to standard output would fail again when the process ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _variable(error: click.ClickException) -> str:
    """The variable of the environment that a bad value comes from, if it does."""
    if not isinstance(error, click.BadParameter) or error.ctx is None or error.param is None:
        return ""
    if error.ctx.get_parameter_source(str(error.param.name)) is not ParameterSource.ENVIRONMENT:
        return ""
    return f" (set by {next((name for name in error.param.envvar or () if os.environ.get(name)), 'the environment')})"


def _say(message: str) -> None:
    click.echo(f"callproof: {visible(message)}", err=True)
