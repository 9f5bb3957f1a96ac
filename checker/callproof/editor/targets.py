"""Which specifications a file belongs to."""

from __future__ import annotations

import ast
import importlib.util
import os
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

from callproof.model.loading import GROUP

SIZE_LIMIT = 4 << 20
"""Bytes past which a file is not looked at."""
LANGUAGE = ("callproof", "callproof.model")
"""The modules from which a specification takes its language."""


def targets(path: str) -> tuple[str, ...]:
    """The names under which the specifications that a file is part of can be loaded.

    A published specification has its package's files; of two packages one within the other, the inner one has them. Any
    other file is read for specifications that it makes itself, and is not run for that.
    """
    published = list(_published(Path(path).resolve()))
    if published:
        deepest = max(depth for depth, _ in published)
        return tuple(sorted(name for depth, name in published if depth == deepest))
    return tuple(f"{path}:{name}" for name in _made(path))


def _published(path: Path) -> Iterator[tuple[int, str]]:
    for point in entry_points(group=GROUP):
        folder = _package(point.module)
        if folder is not None and folder in path.parents:
            yield len(folder.parts), point.name


def _package(module: str) -> Path | None:
    """The folder of a package, found without running it."""
    top, *rest = module.split(".")
    try:
        found = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0], *rest).resolve()
    return folder if folder.is_dir() else None


def _made(path: str) -> list[str]:
    """The global names to which a file assigns a `Specification`."""
    try:
        if os.path.getsize(path) > SIZE_LIMIT:
            return []
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    if not any(_speaks(node) for node in tree.body):
        return []
    return [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and _makes(node.value)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    ]


def _speaks(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module in LANGUAGE
    return isinstance(node, ast.Import) and any(alias.name in LANGUAGE for alias in node.names)


def _makes(value: ast.expr | None) -> bool:
    if not isinstance(value, ast.Call):
        return False
    called = value.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name == "Specification"
