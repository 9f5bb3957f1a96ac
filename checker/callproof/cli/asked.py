"""What the commands that prove share: a request made of their options, and where their results go."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from callproof.cli import terminal
from callproof.cli.options import graph_count, known_layer, pairs, resource_counts
from callproof.cli.terminal import columns
from callproof.errors import UsageError
from callproof.limits import DEFAULT_BUDGET

if TYPE_CHECKING:
    from callproof.cli.outlets import Outlets
    from callproof.run.request import Request

MAX_BOUND = 10_000


def request(
    layer: str,
    bound: int,
    graphs: str | None,
    resource: tuple[str, ...],
    reading: tuple[str, ...],
    option: tuple[str, ...],
    invariants: tuple[str, ...],
    budget: int | None,
    *,
    several: bool = False,
    **more: Any,
) -> Request:
    """The request that the options of a command make, in parameters of their names; with `several`, of all layers.

    Raises `UsageError` for a value out of range or of the wrong form.
    """
    longest, units = limits(bound, budget)

    from callproof.run.request import Request

    return Request(
        known_layer(layer, several=several),
        longest,
        graph_count(graphs),
        resource_counts(resource),
        pairs(reading, "--reading"),
        pairs(option, "--option"),
        invariants,
        units,
        **more,
    )


def limits(bound: int, budget: int | None) -> tuple[int, int]:
    """The longest sequences and the budget of a query; `UsageError` where they are out of range."""
    if not 1 <= bound <= MAX_BOUND:
        raise UsageError(f"--bound {bound}: give 1 to {MAX_BOUND}")
    if budget is not None and not 1 <= budget < 2**32:
        raise UsageError(f"--budget {budget}: give 1 to 2**32 - 1")
    return bound, DEFAULT_BUDGET if budget is None else budget


def require_file(json_file: str | None) -> None:
    """Refuse a file that cannot be written, before the work."""
    from callproof.trace.files import require_writable

    if json_file not in (None, "-"):
        require_writable(str(json_file))


def write_document(json_file: str | None, document: str) -> None:
    """Write what --json asks for, if it names a file."""
    from callproof.trace.files import write_atomically

    if json_file not in (None, "-"):
        write_atomically(str(json_file), document)


def show(json_file: str | None, document: str, text: Callable[[int], str], *, out: Outlets | None = None) -> None:
    """Print the document where --json is '-', and else the text for so many columns."""
    if json_file == "-":
        click.echo(document, nl=False)
    elif out is not None:
        out.text(text(columns()))
    else:
        terminal.show(text(columns()))
