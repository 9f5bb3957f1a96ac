"""Finding a specification: by the name of an entry point, or as `file.py:NAME`."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from callproof.errors import SpecError, UsageError, UserError, _shown, collect_faults, raised_location
from callproof.model.specification import Specification

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "callproof.specs"
"""The entry points by which a package publishes specifications."""

Spec = Specification[Any]


@dataclass(frozen=True, slots=True)
class Available:
    """A published specification, or why it cannot be loaded."""

    name: str
    title: str
    problem: str = ""


def load_specification(name: str) -> Spec:
    """The specification of an entry point, or of `file.py:NAME` (or `file.py`, if it has only one).

    Faults that its file reports while it is read are added to its `faults`.
    """
    if ":" in name or name.endswith(".py") or os.sep in name:
        return _from_file(name)
    published = _published()
    if name not in published:
        close = difflib.get_close_matches(name, published, 1, 0.5)
        guess = f"did you mean {close[0]}? " if close else ""
        known = ", ".join(published) or "none"
        raise UsageError(f"no specification is named {name!r}; {guess}installed: {known}; or give file.py:NAME")
    return _from_entry_point(published[name])


def is_published(name: str) -> bool:
    """A specification of this name is installed."""
    return name in _published()


def available() -> list[Available]:
    """Every published specification, by name; one that cannot be loaded says why."""
    found: list[Available] = []
    for name, point in sorted(_published().items()):
        try:
            found.append(Available(name, _from_entry_point(point).title))
        except UserError as error:
            found.append(Available(name, "", str(error)))
    return found


def _published() -> Mapping[str, EntryPoint]:
    from importlib.metadata import entry_points  # slow to import, and not needed for a file

    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)}


def _from_entry_point(point: EntryPoint) -> Spec:
    label = f"specification {point.name} ({point.value})"
    with collect_faults() as found, redirect_stdout(sys.stderr):  # standard output is for results
        try:
            value = point.load()
        except Exception as error:
            raise _broken(label, error) from None
        except SystemExit as error:
            raise _broken(label, error) from None
    if not isinstance(value, Specification):
        raise UsageError(f"{label} is no Specification but a value of type {type(value).__name__}")
    value.faults.extend(found)
    return value


def _from_file(name: str) -> Spec:
    path, _, wanted = (name, "", "") if name.endswith(".py") or ":" not in name else name.rpartition(":")
    path = os.path.abspath(os.path.expanduser(path))
    shown = _shown(path)
    with collect_faults() as found:
        values = _run(path, shown)
    specs = {key: value for key, value in values.items() if isinstance(value, Specification)}
    names = ", ".join(specs)
    if not specs and not (wanted and wanted in values):
        raise UsageError(f"{shown} has no specification")
    if not wanted and len({id(value) for value in specs.values()}) > 1:
        raise UsageError(f"{shown} has several specifications: give one of {names} as {shown}:NAME")
    wanted = wanted or next(iter(specs))
    if wanted not in values:
        raise UsageError(f"{shown} has no {wanted!r}; its specifications: {names}")
    spec = values[wanted]
    if not isinstance(spec, Specification):
        raise UsageError(f"{shown}:{wanted} is no Specification but a value of type {type(spec).__name__}")
    spec.faults.extend(found)
    return spec


def _run(path: str, shown: str) -> dict[str, Any]:
    """The names that a file defines."""
    if not os.path.exists(path):
        raise UsageError(f"there is no file {shown}")
    if not os.path.isfile(path):
        raise UsageError(f"{shown} is no file")
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        raise UsageError(f"cannot read {shown}: {error.strerror}") from None
    stem = os.path.splitext(os.path.basename(path))[0]
    module = ModuleType(f"callproof file {stem}")
    module.__file__, module.__package__ = path, ""
    label = f"specification {shown}"
    with _importable(os.path.dirname(path), module), redirect_stdout(sys.stderr):  # standard output is for results
        try:
            exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
        except Exception as error:
            raise _broken(label, error) from None
        except SystemExit as error:
            raise _broken(label, error) from None
    # Functions keep the module's names alive by their __globals__; the module itself is not needed any more.
    return dict(module.__dict__)


@contextmanager
def _importable(folder: str, module: ModuleType) -> Iterator[None]:
    """Within this block the files of a folder can be imported; behind it `sys` is as it was.

    So two specification files may have the same name, and so may the files beside them.
    """
    import importlib

    importlib.invalidate_caches()
    hidden = {key: value for key, value in sys.modules.items() if _is_hidden(folder, key)}
    for key in hidden:
        del sys.modules[key]
    before, path = set(sys.modules), list(sys.path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path[:] = path
        new = set(sys.modules) - before
        for key in [key for key in new if key == module.__name__ or _lies_in(folder, key)]:
            del sys.modules[key]
        sys.modules.update(hidden)


def _is_hidden(folder: str, key: str) -> bool:
    """A module loaded from elsewhere stands in the way of a file in the folder with the same name."""
    top = key.partition(".")[0]
    if top in sys.stdlib_module_names or top in ("callproof", "__main__") or _lies_in(folder, key):
        return False
    return os.path.isfile(os.path.join(folder, f"{top}.py")) or os.path.isfile(os.path.join(folder, top, "__init__.py"))


def _lies_in(folder: str, key: str) -> bool:
    """The top-level package or module of this name was loaded from the folder itself."""
    top = key.partition(".")[0]
    file: str | None = getattr(sys.modules.get(top), "__file__", None)
    if top == "callproof" or not file:
        return False
    place, base = os.path.split(os.path.abspath(file))
    return (os.path.dirname(place) if base == "__init__.py" else place) == folder


def _broken(label: str, error: BaseException) -> UserError:
    """One line on why a specification cannot be read: what was raised, and where."""
    if isinstance(error, SpecError):
        return error
    kind, text = type(error).__name__, " ".join(str(error).split())
    place: object = raised_location(error)
    if isinstance(error, SyntaxError) and error.filename:
        text = error.msg
        place = f"{_shown(error.filename)}:{error.lineno}" if error.lineno else _shown(error.filename)
    said = f"{kind}: {text}" if text else kind
    if isinstance(error, SystemExit):
        said = f"it ends the program ({said})"
    return UsageError(f"{place}: cannot load {label}: {said}" if place else f"cannot load {label}: {said}")
