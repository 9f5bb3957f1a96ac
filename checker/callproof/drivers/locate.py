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


def driver_command(words: Sequence[str]) -> tuple[str, ...]:
    """The command of a driver: `module:attr` or `file.py:attr` is hosted by this Python, else it is a program.

    Raises `UsageError` where there is no such program or target.
    """
    if not words:
        raise UsageError("name a driver: module:attr, file.py:attr, or -- command arguments")
    if len(words) == 1 and ":" in words[0] and not os.path.exists(words[0]):
        _check_target(words[0])
        return (sys.executable, "-m", "callproof.drivers.host", words[0])
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
