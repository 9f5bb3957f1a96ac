"""`callproof driver`: programs that run the calls of a specification on a real library."""

from __future__ import annotations

import shlex

import click

from callproof.cli.driver_protocol import protocol_command
from callproof.cli.options import spec_argument
from callproof.errors import Exit


@click.group("driver")
def driver_group() -> None:
    """Build drivers that run calls on a real library, and write drivers in Python."""


@driver_group.command("build")
@spec_argument
@click.option("--include", "includes", metavar="DIR", multiple=True, required=True, help="Where the headers lie.")
@click.option("--lib", "libraries", metavar="FILE", multiple=True, required=True, help="A library to link to.")
@click.option("--out", metavar="BIN", required=True, help="The program to write.")
@click.option("--cxx", metavar="COMPILER", help="The C++ compiler, if not $CXX or the system's.")
@click.option("--recorder", is_flag=True, help="Build the library that records calls instead (for callproof record).")
def build_command(
    spec: str, includes: tuple[str, ...], libraries: tuple[str, ...], out: str, cxx: str | None, recorder: bool
) -> int:
    """Compile the native runner of SPEC against a library's headers, and link it to the library.

    The program speaks the driver protocol on standard input and output. Without a C++ compiler on the system, that of
    the Python package ziglang is used (pip install 'callproof[zig]').
    """
    from callproof.drivers.native import build, build_recorder
    from callproof.model.loading import load_specification

    built = (build_recorder if recorder else build)(load_specification(spec), includes, libraries, out, cxx)
    click.echo(shlex.join(built.command))
    click.echo(f"built {built.out}")
    return int(Exit.OK)


driver_group.add_command(protocol_command)
