"""`callproof schema`: what is written for programs, as JSON Schemas."""

from __future__ import annotations

import click

from callproof.errors import Exit


@click.command("schema")
@click.argument("name", type=click.Choice(["events"]))
def schema_command(name: str) -> int:
    """Print the JSON Schema of one line of --events."""
    from callproof.report.events import schema

    click.echo(schema(), nl=False)
    return int(Exit.OK)
