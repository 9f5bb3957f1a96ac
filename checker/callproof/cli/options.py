"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from callproof.errors import UsageError
from callproof.limits import RESOURCE_LIMIT

if TYPE_CHECKING:
    from callproof.model.specification import Specification

DEFAULT_SPEC = "ge-memory"
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
    """--graphs, --resource, --reading and --option, in parameters of these names."""
    options = (
        click.option("--graphs", metavar="N", help="How many graphs (the first kind of handle) there are."),
        click.option("--resource", multiple=True, metavar="KIND=N", help="How many of another kind of handle."),
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


def graph_count(text: str | None, *, proof: bool = True) -> int | None:
    """The value of --graphs; None where it is not given and, in a proof, for any number."""
    if text is None or (proof and text == "any"):
        return None
    if not (text.isdecimal() and text.isascii() and 1 <= int(text) <= RESOURCE_LIMIT):
        raise UsageError(f"--graphs is a number from 1 to {RESOURCE_LIMIT}{', or any' * proof}, not {text}")
    return int(text)


def resource_counts(values: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """The values of --resource."""
    found = []
    for name, text in pairs(values, "--resource"):
        if not (text.isdecimal() and text.isascii() and 1 <= int(text) <= RESOURCE_LIMIT):
            raise UsageError(f"--resource {name} is a number from 1 to {RESOURCE_LIMIT}, not {text}")
        found.append((name, int(text)))
    return tuple(found)


def counts(spec: Specification[Any], graphs: str | None, resource: tuple[str, ...]) -> dict[str, int]:
    """The number of resources of each kind that --graphs and --resource give, where any number makes no sense."""
    from callproof.model.instantiate import handle_kinds

    names = [kind.__name__ for kind in handle_kinds(spec.state)]
    found = dict(resource_counts(resource))
    for name in found:
        if name not in names:
            raise UsageError(f"{spec.name} has no resources {name!r}; it has {', '.join(names) or 'none'}")
    number = graph_count(graphs, proof=False)
    if number is None:
        return found
    if not names:
        raise UsageError(f"{spec.name} has no handles, so --graphs means nothing")
    if found.setdefault(names[0], number) != number:
        raise UsageError(f"--graphs {number} and --resource {names[0]}={found[names[0]]} contradict each other")
    return found


def known_layer(name: str, *, several: bool = False) -> str:
    """A layer's name; `UsageError` where there is none such."""
    from callproof.model.clauses import ALL_LAYERS

    names = [*ALL_LAYERS, *(["all"] if several else [])]
    if name not in names:
        raise UsageError(f"unknown layer {name!r}; the layers: {', '.join(names)}")
    return name
