"""Building the native parts of a specification: the runner of its calls on a real library, and their recorder."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callproof.errors import UsageError
from callproof.model.native import Recorder, Runner
from callproof.model.specification import Specification
from callproof.trace.files import require_writable

SHOWN_LINES = 20
"""Lines of a compiler's complaint that are shown."""
SYSTEM_COMPILERS = ("c++", "g++", "clang++")
INCLUDE = Path(__file__).parent / "include"
"""Headers for the native parts of any specification."""


@dataclass(frozen=True, slots=True)
class Built:
    """A native part that was built: where, from which source, and by which command."""

    out: str
    source: str
    command: tuple[str, ...]


def find_compiler(chosen: str | None) -> tuple[str, ...]:
    """The C++ compiler as the start of a command: `chosen`, $CXX, the system's, or that of the package ziglang.

    Raises `UsageError` where there is none, or where the one asked for is not there.
    """
    for name, asked in (("--cxx", chosen), ("the environment variable CXX", os.environ.get("CXX"))):
        if asked and asked.strip():
            return _asked_for(name, asked)
    for compiler in SYSTEM_COMPILERS:
        if shutil.which(compiler):
            return (compiler,)
    if importlib.util.find_spec("ziglang") is not None:
        return (sys.executable, "-m", "ziglang", "c++")
    raise UsageError(
        f"there is no C++ compiler: looked for {', '.join(SYSTEM_COMPILERS)} and the Python package ziglang; "
        "install one (pip install 'callproof[zig]') or name one by --cxx"
    )


def _asked_for(name: str, text: str) -> tuple[str, ...]:
    try:
        command = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{name} {text!r}: {error}") from None
    if shutil.which(command[0]) is None:
        raise UsageError(f"{name} names {command[0]!r}, but there is no such command")
    return command


def build(
    spec: Specification[Any],
    includes: Sequence[str | Path],
    libraries: Sequence[str | Path],
    out: str | Path,
    compiler: str | None,
) -> Built:
    """Compile the runner of a specification against the headers in `includes`, and link it to `libraries`.

    At run time the program finds the libraries where they lie now, unless LD_LIBRARY_PATH has others of their names.
    Raises `UsageError` for everything that can be mended: a missing file, no compiler, a compiler's complaint. The
    program is written whole or not at all.
    """
    return _built(spec, "runner", spec.runner, [], includes, libraries, out, compiler)


def build_recorder(
    spec: Specification[Any],
    includes: Sequence[str | Path],
    libraries: Sequence[str | Path],
    out: str | Path,
    compiler: str | None,
) -> Built:
    """Compile the recorder of a specification, a library to be preloaded into a program; else as `build`."""
    if not sys.platform.startswith("linux"):
        raise UsageError(f"calls are recorded on Linux only, not on {sys.platform}")
    flags = ["-fPIC", "-shared", "-fvisibility-inlines-hidden", f"-I{INCLUDE}", "-ldl"]
    return _built(spec, "recorder", spec.recorder, flags, includes, libraries, out, compiler)


def _built(
    spec: Specification[Any],
    what: str,
    source: Runner | Recorder | None,
    flags: Sequence[str],
    includes: Sequence[str | Path],
    libraries: Sequence[str | Path],
    out: str | Path,
    compiler: str | None,
) -> Built:
    if source is None:
        raise UsageError(f"the specification {spec.name} has no native {what} to build")
    if not os.path.isfile(source.source):
        raise UsageError(f"the {what} of {spec.name} is missing: there is no file {source.source}")
    _check_headers(f"the {what} of {spec.name}", source, includes)
    for library in libraries:
        if not os.path.isfile(library):
            raise UsageError(f"--lib {library}: there is no such file")
    require_writable(out)
    start = find_compiler(compiler)
    target = os.path.realpath(out)
    beside = f"{target}.{os.getpid()}.tmp"
    command = (*start, *_arguments(source, includes, libraries), *flags, "-o", beside)
    try:
        _compile(command)
        os.replace(beside, target)
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(beside)
    return Built(str(out), source.source, (*command[:-1], target))


def _check_headers(what: str, source: Runner | Recorder, includes: Sequence[str | Path]) -> None:
    for folder in includes:
        if not os.path.isdir(folder):
            raise UsageError(f"--include {folder}: there is no such directory")
    for header in source.headers:
        if not any(os.path.isfile(os.path.join(folder, header)) for folder in includes):
            looked = ", ".join(str(folder) for folder in includes) or "no directory: give --include DIR"
            raise UsageError(f"{what} needs the header {header}, which is not in {looked}")


def _arguments(source: Runner | Recorder, includes: Sequence[str | Path], libraries: Sequence[str | Path]) -> list[str]:
    arguments = ["-std=c++17", "-O2", "-pthread", *(f"-I{os.path.abspath(folder)}" for folder in includes)]
    arguments += [source.source, *(os.path.abspath(library) for library in libraries)]
    for folder in dict.fromkeys(os.path.dirname(os.path.abspath(library)) for library in libraries):
        arguments += ["-Xlinker", "-rpath", "-Xlinker", folder]
    if sys.platform == "linux":
        arguments.append("-Wl,--enable-new-dtags")  # so that LD_LIBRARY_PATH goes before the path that is built in
    return arguments


def _compile(command: Sequence[str]) -> None:
    """Run the compiler; `UsageError` with the start of what it says where it fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise UsageError(f"the compiler {command[0]} cannot be run: {error.strerror or error}") from None
    if done.returncode == 0:
        return
    lines = (done.stderr + done.stdout).decode(errors="replace").splitlines()
    shown = [f"  {line}" for line in lines[:SHOWN_LINES]]
    if len(lines) > SHOWN_LINES:
        shown.append(f"  ... and {len(lines) - SHOWN_LINES} more lines")
    if "ziglang" in command and any("undefined symbol" in line for line in lines):
        shown.append("ziglang has LLVM's C++ library; to link to one that was built with GCC, install g++ or clang++")
    raise UsageError("\n".join([f"the compiler fails ({shlex.join(command)}):", *shown]))
