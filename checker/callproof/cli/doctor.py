"""`callproof doctor`: what is installed, what is missing and what that would bring, and what stands in the way."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import click

from callproof import __version__
from callproof.cli.terminal import columns, show
from callproof.errors import Exit, UserError

BRINGS = {
    "browser": "tests of the HTML report in a browser",
    "certify": "other solvers than Z3: check --solver, certify",
    "cluster": "campaigns on a Dask cluster: --executor",
    "docs": "the documentation as a site",
    "explore": "callproof explore, in the terminal",
    "logs": "logs compressed by zstd; profiles with patterns that take linear time",
    "lsp": "callproof lsp, for editors",
    "peers": "other tools beside a check: bench --peers",
    "test": "callproof's own tests",
    "zig": "a C++ compiler where the system has none",
}
"""What an extra is good for."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)[^;]*(?:;(.*))?")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at."""

    what: str
    state: Literal["well", "missing", "wrong"]
    """`missing` is what can be done without; only `wrong` counts."""
    text: str
    advice: str = ""


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
@click.pass_context
def doctor_command(context: click.Context, as_json: bool, quiet: bool) -> int:
    """Look whether callproof has what it needs: packages, solvers, compiler, cache, specifications, settings.

    Exit code 0: nothing stands in the way; 2: something does, and what to do is said.
    """
    looks = list(_looks(context.find_root()))
    wrong = [look for look in looks if look.state == "wrong"]
    exit = Exit.USAGE if wrong else Exit.OK
    if as_json:
        document = {"format": "callproof-doctor", "version": 1, "looks": [asdict(look) for look in looks]}
        click.echo(json.dumps({**document, "exit": int(exit)}, indent=1))
        return int(exit)
    if not quiet:
        show(_text(looks, columns()))
    names = ", ".join(look.what for look in wrong)
    show(f"something is wrong: {names}\n" if wrong else f"callproof {__version__} has all it needs\n")
    return int(exit)


def _text(looks: list[Look], width: int) -> str:
    from callproof.report.tables import wrapped

    lines = []
    for look in looks:
        mark = "" if look.state == "well" else f"{look.state.upper() if look.state == 'wrong' else look.state}: "
        advice = f"; {look.advice}" if look.advice else ""
        lines += wrapped(f"{look.what}: {mark}{look.text}{advice}", width, "", "    ")
    return "\n".join(lines) + "\n"


def _looks(root: click.Context) -> Iterator[Look]:
    folder = Path(__file__).parents[1]
    yield Look("callproof", "well", f"{__version__} in {folder}")
    yield Look("python", "well", f"{platform.python_version()}, {sys.executable}, {platform.platform()}")
    needed, extras = _requirements()
    yield from _packages(needed)
    yield _z3()
    yield from _extras(extras)
    yield _compiler()
    yield _cache()
    yield from _specifications()
    yield from _settings(root)


def _requirements() -> tuple[list[str], dict[str, list[str]]]:
    """The packages that callproof requires, and those that each of its extras does."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        stated = requires("callproof") or []
    except PackageNotFoundError:  # run from its sources without having been installed
        return [], {}
    needed, extras = list[str](), dict[str, list[str]]()
    for text in stated:
        match = _REQUIREMENT.match(text)
        if match is None:
            continue
        name, marker = match[1], match[2] or ""
        extra = _EXTRA.search(marker)
        if not _concerns(marker):
            continue
        (needed if extra is None else extras.setdefault(extra[1], [])).append(name)
    return needed, extras


def _concerns(marker: str) -> bool:
    """Whether a requirement is for this Python; of markers only those are known that callproof uses."""
    bound = re.search(r"""python_version\s*<\s*['"](\d+)\.(\d+)['"]""", marker)
    return bound is None or sys.version_info[:2] < (int(bound[1]), int(bound[2]))


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _packages(needed: list[str]) -> Iterator[Look]:
    if not needed:
        yield Look("packages", "missing", "callproof is run from its sources", "pip install callproof tells more")
        return
    found = {name: _version(name) for name in needed}
    missing = [name for name, version in found.items() if version is None]
    if missing:
        yield Look("packages", "wrong", f"not installed: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    yield Look("packages", "well", ", ".join(f"{name} {version}" for name, version in found.items() if version))


def _z3() -> Look:
    """Z3 is asked, for a package may be there and its library not load."""
    try:
        from callproof.symbolic import z3_version

        return Look("solver z3", "well", z3_version())
    except Exception as error:
        why = " ".join(str(error).split()) or type(error).__name__
        return Look("solver z3", "wrong", f"it does not load: {why}", "pip install --force-reinstall z3-solver")


def _extras(extras: dict[str, list[str]]) -> Iterator[Look]:
    for extra, packages in sorted(extras.items()):
        found = {name: _version(name) for name in packages}
        missing = [name for name, version in found.items() if version is None]
        use = BRINGS.get(extra, "")
        there = ", ".join(f"{name} {version}" for name, version in found.items() if version)
        if not missing:
            yield Look(f"extra {extra}", "well", f"{there}{f' ({use})' if use else ''}")
            continue
        advice = f"pip install 'callproof[{extra}]'{f' brings {use}' if use else ''}"
        yield Look(f"extra {extra}", "missing", ", ".join(missing) + (f"; there: {there}" if there else ""), advice)


def _compiler() -> Look:
    import shlex
    import subprocess

    from callproof.drivers.native import find_compiler

    try:
        command = find_compiler(None)
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=60, check=False)
        version = done.stdout.partition("\n")[0].strip()
        return Look("compiler", "well", f"{shlex.join(command)}{f': {version}' if version else ''}")
    except (OSError, subprocess.SubprocessError) as error:
        return Look("compiler", "wrong", f"it does not run: {error}", "name another by CXX")
    except UserError as error:
        # That there is none is no fault; that the one asked for by CXX is none is.
        state: Literal["wrong", "missing"] = "wrong" if os.environ.get("CXX", "").strip() else "missing"
        return Look("compiler", state, str(error), "it is needed for driver build and record alone")


def _cache() -> Look:
    from callproof.answers import Answers
    from callproof.cli.kept import answers_path

    path, told = answers_path(), list[str]()
    before = path.stat().st_size if path.exists() else None
    with Answers(path, told.append) as answers:
        usable = answers.open
    if not usable:
        return Look("cache", "wrong", told[0] if told else f"{path} cannot be used", "or set XDG_CACHE_HOME")
    if not os.access(path, os.W_OK):
        return Look("cache", "wrong", f"{path} cannot be written", "or set XDG_CACHE_HOME, or give --no-cache")
    size = "new" if before is None else f"{before:,} bytes"
    return Look("cache", "well", f"{path}, {size}")


def _specifications() -> Iterator[Look]:
    from callproof.model.loading import available

    found = available()
    for entry in found:
        if entry.problem:
            yield Look(f"specification {entry.name}", "wrong", entry.problem, "mend it, or remove its package")
        else:
            yield Look(f"specification {entry.name}", "well", entry.title)
    if not found:
        yield Look("specifications", "missing", "none is installed", "give file.py:NAME")


def _settings(root: click.Context) -> Iterator[Look]:
    from callproof.cli.inspect import rows, unknown_variables
    from callproof.cli.settings import META, read_settings

    app = root.command
    assert isinstance(app, click.Group)
    try:
        settings = read_settings(app)
    except UserError as error:
        yield Look("settings", "wrong", str(error))
        return
    root.meta[META], root.default_map = settings, settings.default_map
    count = sum(row["origin"] != "default" for row in rows(root))
    files = ", ".join(settings.files) or "none"
    yield Look("settings", "well", f"{count} set; files: {files}", "callproof settings lists them" if count else "")
    unknown = unknown_variables(app)
    if unknown:
        yield Look("environment", "wrong", f"these set nothing: {', '.join(unknown)}", "unset or mend them")
