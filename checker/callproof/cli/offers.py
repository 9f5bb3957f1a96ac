"""What the shell offers behind Tab: the names of specifications and drivers, and what specifications are made of."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from callproof.cli.completion import SPEC_NAMES
from callproof.cli.options import DEFAULT_SPEC, LAYER_NAMES
from callproof.errors import UserError

if TYPE_CHECKING:
    from callproof.model.specification import Specification

SIZE_LIMIT = 1 << 20
"""Bytes past which a file is not looked into."""


def offer(what: str, context: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """What can stand where `begun` was typed; `what` is one of the values of `callproof.cli.completion.OFFERED`."""
    return _OFFERS[what](context, param, begun)


def _items(names: Iterable[tuple[str, str]], begun: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=help or None) for name, help in names if name.startswith(begun)]


def _specifications(context: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Installed specifications, by name alone, and files."""
    from importlib.metadata import entry_points

    names = sorted({point.name for point in entry_points(group="callproof.specs")})
    found = _items(((name, "") for name in names), begun)
    return found or [CompletionItem(begun, type="file")]


def _drivers(context: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Drivers that the installed specifications publish, and files."""
    found = []
    for spec in _installed():
        found += _items(((f"{spec.name}:{name}", "") for name in spec.drivers), begun)
    return found or [CompletionItem(begun, type="file")]


def _layers(context: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    names = (*LAYER_NAMES, "all") if param.default == "all" else LAYER_NAMES
    return _items(((name, "") for name in names), begun)


def _invariants(context: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    named = _named(context)
    if _is_file(named):
        return _items(((name, "") for name in declared(named, ("invariant", "step_invariant"))), begun)
    spec = _loaded(named)
    return [] if spec is None else _items(((i.id, i.summary) for i in spec.invariants.values()), begun)


def _readings(context: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    spec = _loaded(_named(context))
    clauses = [] if spec is None else [c for c in spec.clauses.values() if c.readings]
    return _items(((f"{c.id}={name}", c.text) for c in clauses for name in c.readings), begun)


def _options(context: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    spec = _loaded(_named(context))
    options = [] if spec is None else spec.options
    return _items(((f"{o.name}={value}", o.meaning) for o in options for value in o.values), begun)


def _resources(context: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    spec = _loaded(_named(context))
    if spec is None:
        return []
    from callproof.model.instantiate import handle_kinds

    return _items(((f"{kind.__name__}=", "") for kind in handle_kinds(spec.state)), begun)


def _named(context: click.Context) -> str:
    """The specification that the command line names so far."""
    # Behind an option that has no value yet click leaves the arguments where they are.
    first = next((param for param in context.command.params if isinstance(param, click.Argument)), None)
    if context.args and first is not None and first.name in SPEC_NAMES:
        return str(context.args[0])
    return next((str(context.params[name]) for name in SPEC_NAMES if context.params.get(name)), DEFAULT_SPEC)


def _is_file(named: str) -> bool:
    return named.endswith(".py") or ".py:" in named


def _loaded(named: str) -> Specification[Any] | None:
    """An installed specification. A file is none: to look at a line is no reason to run a program."""
    if _is_file(named) or ":" in named:
        return None
    from callproof.model.loading import load_specification

    try:
        return load_specification(named)
    except UserError:
        return None


def _installed() -> Iterator[Specification[Any]]:
    from importlib.metadata import entry_points

    for name in sorted({point.name for point in entry_points(group="callproof.specs")}):
        spec = _loaded(name)
        if spec is not None:
            yield spec


def declared(named: str, kinds: tuple[str, ...]) -> list[str]:
    """The names that decorators such as `@SPEC.invariant("name", ...)` give in a file, which is read and not run."""
    path = Path(named if named.endswith(".py") else named.rpartition(":")[0])
    try:
        if path.stat().st_size > SIZE_LIMIT:
            return []
        tree = ast.parse(path.read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for made in node.decorator_list:
                if isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) and made.func.attr in kinds:
                    first = made.args[0] if made.args else None
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        found.append(first.value)
    return found


_OFFERS: dict[str, Callable[[click.Context, click.Parameter, str], list[CompletionItem]]] = {
    "specification": _specifications,
    "driver": _drivers,
    "layer": _layers,
    "invariant": _invariants,
    "reading": _readings,
    "option": _options,
    "resource": _resources,
}
