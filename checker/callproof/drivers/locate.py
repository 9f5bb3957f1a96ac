"""From what a person names as DRIVER to the command that is run."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from callproof.errors import UsageError
from callproof.model.loading import is_published, load_specification
from callproof.model.published import Deviation


def driver_command(words: Sequence[str]) -> tuple[str, ...]:
    """The command of a driver: a target is hosted by this Python, else it is a program.

    A target is `module:attr`, `file.py:attr`, or `SPEC:NAME`: a driver that an installed specification publishes.

    Raises `UsageError` where there is no such program or target.
    """
    if not words:
        raise UsageError("name a driver: module:attr, file.py:attr, SPEC:NAME, or -- command arguments")
    if len(words) == 1 and ":" in words[0] and not os.path.exists(words[0]):
        target = _published_target(words[0]) or words[0]
        _check_target(target)
        return (sys.executable, "-m", "callproof.drivers.host", target)
    program = words[0]
    if os.path.isdir(program):
        raise UsageError(f"the driver {program!r} is a directory")
    if os.sep in program and not os.path.exists(program):
        raise UsageError(f"the driver {program!r} does not exist")
    found = shutil.which(program)
    if found is None:
        if os.path.exists(program):
            raise UsageError(f"the driver {program!r} is not executable")
        raise UsageError(
            f"the driver {program!r} is no program; a driver in Python is named module:attr or file.py:attr"
        )
    return (found, *words[1:])


def publisher(words: Sequence[str]) -> str | None:
    """The name of the installed specification that publishes the driver, if one does."""
    name = words[0].partition(":")[0] if len(words) == 1 and ":" in words[0] else ""
    return name if name and not _is_file(name) and is_published(name) else None


def deviations_of(words: Sequence[str]) -> tuple[Deviation, ...]:
    """How a published driver is known to deviate; nothing is known of any other."""
    spec = publisher(words)
    known = load_specification(spec).drivers if spec is not None else {}
    name = words[0].partition(":")[2]
    return known[name].deviations if name in known else ()


def _published_target(driver: str) -> str | None:
    """What `SPEC:NAME` stands for; None where SPEC is no installed specification.

    Raises `UsageError` where the specification has no driver of that name.
    """
    spec = publisher((driver,))
    if spec is None:
        return None
    name, drivers = driver.partition(":")[2], load_specification(spec).drivers
    if name not in drivers:
        raise UsageError(f"{spec} publishes no driver {name!r}; it publishes {', '.join(drivers) or 'none'}")
    return drivers[name].target


def _check_target(target: str) -> None:
    """What can be seen of a target without running it."""
    module, _, attr = target.rpartition(":")
    if not module or not attr.isidentifier():
        raise UsageError(f"{target!r} is no driver: give module:attr or file.py:attr")
    if _is_file(module) and not os.path.isfile(module):
        raise UsageError(f"there is no file {module}")


def _is_file(module: str) -> bool:
    return module.endswith(".py") or os.sep in module


def load_target(target: str) -> Any:
    """The object that `module:attr` or `file.py:attr` names; the working directory can be imported from."""
    module, _, attr = target.rpartition(":")
    try:
        if _is_file(module):
            sys.path.insert(0, os.path.dirname(os.path.abspath(module)))
            spec = importlib.util.spec_from_file_location(os.path.basename(module).removesuffix(".py"), module)
            if spec is None or spec.loader is None:
                raise UsageError(f"{module} is no Python file")
            loaded = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = loaded
            spec.loader.exec_module(loaded)
        else:
            sys.path.insert(0, os.getcwd())
            loaded = importlib.import_module(module)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"cannot import {module}: {type(error).__name__}: {error}") from None
    if not hasattr(loaded, attr):
        raise UsageError(f"{module} has no {attr!r}")
    return getattr(loaded, attr)
