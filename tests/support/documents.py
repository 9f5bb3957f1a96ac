"""Documents whose commands are run, and what they show brought to what is printed now.

- A block of the kind `console` shows commands behind `$ ` with what each prints on standard output, and on standard
  error too where it ends with 2 or more. The commands of a page are run in their order in one folder, which holds a
  copy of `examples/` at first.
- A block with a title is a file of that name in this folder, written when its turn comes.
- What differs from run to run (`VARYING`: seconds, addresses that the machine hands out, versions of programs;
  and the path of the folder) is printed as `...`.
- A line `...` stands for any lines, and `...` within a line for any text in it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
SECONDS = 600
"""For one command."""
LINE = "...\n"

VARYING = (
    (re.compile(r"\b[\d,]+ solver calls(?:, [\d,]+ answers kept)?, [\d.,]+ s\b"), "... solver calls, ... s"),
    (re.compile(r"\b\d[\d,]*(?:\.\d+)? ?(s|ms|us|seconds)\b"), r"... \1"),
    (re.compile(r"\b[\d,]+ (calls|events|lines)/s\b"), r"... \1/s"),
    (re.compile(r"\b0x(?:5[56]|7[ef])[0-9a-f]{10}\b"), "0x..."),
    (re.compile(r"\b(callproof|z3|cvc5|bitwuzla|[Pp]ython|pytest)[ -]\d+(?:\.\d+)+"), r"\1 ..."),
)
"""What differs from run to run, and what stands for it."""

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'\btitle="([^"]+)"')
_COMMAND = re.compile(r"^\$ (?P<text>(?:[^\n]*\\\n)*[^\n]*)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what is shown behind it, and where in the page that stands."""

    text: str
    shown: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class File:
    """A file that a page gives."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was run."""

    command: Command
    code: int
    printed: str


def steps(page: str) -> list[Command | File]:
    """The commands and files of a page, in their order."""
    found: list[Command | File] = []
    for fence in _FENCE.finditer(page):
        title = _TITLE.search(fence["info"])
        if title:
            found.append(File(title[1], fence["body"]))
        elif fence["info"].strip() == "console":
            found += _commands(fence["body"], fence.start("body"))
    return found


def _commands(block: str, offset: int) -> list[Command]:
    heads = list(_COMMAND.finditer(block))
    if not heads or heads[0].start():
        raise ValueError(f"a console block begins with `$ `, not with {block[:60]!r}")
    ends = [head.start() for head in heads[1:]] + [len(block)]
    return [
        Command(head["text"], block[head.end() : end], offset + head.end(), offset + end)
        for head, end in zip(heads, ends, strict=True)
    ]


def prepare(folder: Path) -> dict[str, str]:
    """Make a folder to run a page in; returns the environment, in which `callproof` is this one."""
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("build", "__pycache__"))
    tools = folder.parent / f"{folder.name}-bin"
    tools.mkdir()
    for name, words in (("callproof", ("-m", "callproof")), ("python3", ()), ("pytest", ("-m", "pytest"))):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, *words])} "$@"\n', encoding="utf-8")
        tool.chmod(0o755)
    removed = {"NO_COLOR", "FORCE_COLOR", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"}
    kept = {name: value for name, value in os.environ.items() if name not in removed}
    return kept | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "CXXFLAGS": "-O0", "COLUMNS": "100"}


def run(page: str, folder: Path, environment: dict[str, str]) -> list[Done]:
    """Run a page's commands, each in a shell."""
    done = []
    for step in steps(page):
        if isinstance(step, File):
            target = folder / step.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.content, encoding="utf-8")
            continue
        made = subprocess.run(
            ["sh", "-c", step.text],
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            check=False,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
        text = made.stdout + (made.stderr if made.returncode > 1 else "")
        done.append(Done(step, made.returncode, settled(text.replace(str(folder), "/..."))))
    return done


def settled(printed: str) -> str:
    """What is printed, with `...` for what differs from run to run; it ends with a line's end."""
    for pattern, stand_in in VARYING:
        printed = pattern.sub(stand_in, printed)
    return printed if not printed or printed.endswith("\n") else printed + "\n"


def matches(shown: str, printed: str) -> bool:
    """What is shown stands for what is printed."""
    pattern = "".join(r"(?:.*\n)*?" if line == LINE else _line(line) for line in shown.splitlines(keepends=True))
    return re.fullmatch(pattern, printed) is not None


def _line(line: str) -> str:
    return re.escape(line).replace(r"\.\.\.", ".*")


def promoted(shown: str, printed: str) -> str:
    """What is shown, brought to what is printed now: lines that still fit stay, and so does what was left out."""
    if matches(shown, printed):
        return shown
    old, new = shown.splitlines(keepends=True), printed.splitlines(keepends=True)
    made: list[str] = []
    at = (0, 0)
    for a, b in [*_common(old, new), (len(old), len(new))]:
        made += _changed(old[at[0] : a], new[at[1] : b]) + old[a : a + 1]
        at = a + 1, b + 1
    text = "".join(made)
    return text if matches(text, printed) else printed


def _common(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """The longest common subsequence of what is shown and what is printed."""
    fits = [[line != LINE and re.fullmatch(_line(line), other) is not None for other in new] for line in old]
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for a in reversed(range(len(old))):
        for b in reversed(range(len(new))):
            best[a][b] = max(best[a + 1][b], best[a][b + 1], best[a + 1][b + 1] + 1 if fits[a][b] else 0)
    found, a, b = [], 0, 0
    while a < len(old) and b < len(new):
        if fits[a][b] and best[a][b] == best[a + 1][b + 1] + 1:
            found.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return found


def _changed(old: list[str], new: list[str]) -> list[str]:
    """Lines in the place of others: as many are shown before and behind what is left out as were."""
    if LINE not in old:
        return new
    before, behind = old.index(LINE), old[::-1].index(LINE)
    if before + behind > len(new):
        return new
    return [*new[:before], LINE, *new[len(new) - behind :]]


def rewritten(page: str, done: list[Done]) -> str:
    """The page with what its commands print now."""
    for one in reversed(done):
        page = page[: one.command.begin] + promoted(one.command.shown, one.printed) + page[one.command.end :]
    return page
