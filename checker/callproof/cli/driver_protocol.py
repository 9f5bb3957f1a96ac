"""`callproof driver protocol`: what a driver in Python looks like."""

from __future__ import annotations

import click

from callproof.cli.options import spec_argument
from callproof.errors import Exit


@click.command("protocol")
@spec_argument
def protocol_command(spec: str) -> int:
    """Print a typing.Protocol with the methods that a driver of SPEC in Python has."""
    from callproof.drivers.stub import protocol_text
    from callproof.model.lint import require_clean
    from callproof.model.loading import load_specification

    loaded = load_specification(spec)
    require_clean(loaded)
    click.echo(protocol_text(loaded), nl=False)
    return Exit.OK
