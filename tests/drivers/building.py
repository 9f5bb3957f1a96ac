"""The reference library and the runner, built once for all test processes."""

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callproof.drivers.native import INCLUDE, build, build_recorder, find_compiler
from callproof.errors import UsageError
from callproof.model.loading import load_specification
from callproof.model.specification import Specification

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "examples" / "ge_reference"
CLIENT = ROOT / "examples" / "ge_client"
NATIVE = ROOT / "spec" / "ge_memory" / "native"

ALL = "ge_reference::ChosenMutant()"
"""The value of MUTANT with which one library holds every mutant."""


def need_compiler() -> None:
    """Skip where nothing can be built."""
    try:
        find_compiler(None)
    except UsageError as error:
        pytest.skip(f"no C++ compiler: {error}")
    if shutil.which("make") is None:
        pytest.skip("no make")


@functools.cache
def library(mutant: str = "0", flags: str = "-O0") -> Path:
    """The reference library with one mutant, none, or all to choose from."""
    need_compiler()
    name = hashlib.sha256(f"{mutant} {flags}".encode()).hexdigest()[:8]
    path = _folder() / name / "libge_runner_v2.so"
    return _once(path, lambda: _make(REFERENCE, f"OUT={path.parent}", f"CXXFLAGS={flags}", f"MUTANT={mutant}"))


@functools.cache
def runner() -> Path:
    """The runner of ge-memory, linked to the library without a defect."""
    path = _folder() / "runner"
    return _once(path, lambda: build(*_on(library()), path, None))


@functools.cache
def recorder() -> Path:
    """The recorder of ge-memory, linked to the library without a defect."""
    path = _folder() / "libcallproof_record.so"
    return _once(path, lambda: build_recorder(*_on(library()), path, None))


@functools.cache
def client() -> Path:
    """The example client, linked to the library that has every mutant to choose from."""
    path, built = _folder() / "client", library(ALL)
    return _once(path, lambda: _make(CLIENT, f"OUT={path.parent}", f"REFERENCE={built.parent}", "CXXFLAGS=-O1"))


def _on(built: Path) -> tuple[Specification[Any], list[Path], list[Path]]:
    return load_specification("ge-memory"), [REFERENCE / "include"], [built]


def _make(folder: Path, *settings: str) -> None:
    made = subprocess.run(["make", "-C", folder, *settings], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


def _once(path: Path, make: Callable[[], object]) -> Path:
    """The file, made by the first process that wants it."""
    path.parent.mkdir(exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not path.exists():
            make()
    return path


@functools.cache
def _folder() -> Path:
    """A folder for this state of the sources, shared by the processes of a test run and by later ones."""
    digest = hashlib.sha256(str(ROOT).encode())
    tops = (REFERENCE, NATIVE, CLIENT, INCLUDE)
    sources = [p for top in tops for p in top.rglob("*") if p.suffix in (".cpp", ".hpp", ".h")]
    for path in sorted([*sources, REFERENCE / "Makefile", CLIENT / "Makefile"]):
        digest.update(path.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"callproof-native-{os.getuid()}-{digest.hexdigest()[:12]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
