"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from callproof.errors import UsageError

if TYPE_CHECKING:
    from callproof.model.specification import Specification

DEFAULT_SPEC = "ge-memory"
GRAPHS_LIMIT = 8
LAYER_NAMES = ("documented", "+caller", "hardened", "driver")
"""Said again here, for the help text: importing the model takes as long as all the rest of the command line."""

F = TypeVar("F", bound=Callable[..., Any])


def spec_argument(command: F) -> F:
    """SPEC: the name of an installed specification or file.py:NAME."""
    return click.argument("spec", default=DEFAULT_SPEC)(command)


def layer_option(default: str = "hardened", *, several: bool = False) -> Callable[[F], F]:
    """--layer; with `several`, `all` is one of its values."""
    names = [*LAYER_NAMES, *(["all"] if several else [])]
    return click.option(
        "--layer", metavar="LAYER", default=default, show_default=True, help=f"The contract: {', '.join(names)}."
    )


def selection_options(command: F) -> F:
    """--graphs, --reading and --option: `graphs`, `reading` and `option` of the command."""
    options = (
        click.option("--graphs", type=int, metavar="N", help="How many graphs (the first kind of handle) there are."),
        click.option("--reading", multiple=True, metavar="ID=NAME", help="Read a clause in that way."),
        click.option("--option", multiple=True, metavar="K=V", help="Fix an option of the runs."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def pairs(values: tuple[str, ...], flag: str) -> tuple[tuple[str, str], ...]:
    """`NAME=VALUE` split; a name that is given twice with different values is refused."""
    found: dict[str, str] = {}
    for text in values:
        name, sign, value = text.partition("=")
        if not (name and sign and value):
            raise UsageError(f"{flag} takes NAME=VALUE, not {text!r}")
        if found.setdefault(name, value) != value:
            raise UsageError(f"{flag} gives {name} two values, {found[name]} and {value}")
    return tuple(found.items())


def counts(spec: Specification[Any], graphs: int | None) -> dict[str, int]:
    """The number of resources of the first kind of handle, if --graphs gives one."""
    from callproof.model.instantiate import handle_kinds

    if graphs is None:
        return {}
    if not 1 <= graphs <= GRAPHS_LIMIT:
        raise UsageError(f"--graphs is a number from 1 to {GRAPHS_LIMIT}, not {graphs}")
    kinds = handle_kinds(spec.state)
    if not kinds:
        raise UsageError(f"{spec.name} has no handles, so --graphs means nothing")
    return {kinds[0].__name__: graphs}


def known_layer(name: str, *, several: bool = False) -> str:
    """A layer's name; `UsageError` where there is none such."""
    from callproof.model.clauses import ALL_LAYERS

    names = [*ALL_LAYERS, *(["all"] if several else [])]
    if name not in names:
        raise UsageError(f"unknown layer {name!r}; the layers: {', '.join(names)}")
    return name
