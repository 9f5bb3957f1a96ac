"""Issues as GitHub's workflow commands, which annotate the lines of a change, and as the summary of a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callproof.report.issues import Issue, Issues, Kind, Level
from callproof.report.replay_text import counted, printable
from callproof.report.sarif import SOURCES, plain, portable

SHOWN = 10
"""Annotations of one kind that are shown of one step; what is beyond is left out of the page by GitHub itself."""
SUMMARY_LIMIT = 1 << 20
"""Bytes that the summary of a step may have, with what other commands of the step wrote into it."""
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def commands(issues: Issues) -> list[str]:
    """A workflow command for each issue that still counts, the worst first, and no more than are shown."""
    lines: list[str] = []
    for level, command in _COMMANDS.items():
        mine = [issue for issue in issues.issues if issue.level is level and not issue.accepted]
        told = mine if len(mine) <= SHOWN else mine[: SHOWN - 1]
        lines += [_command(command, issue) for issue in told]
        if len(mine) > len(told):
            title = f"callproof: {len(mine) - len(told)} more"
            more = ", ".join(issue.title for issue in mine[len(told) :])
            lines.append(f"::{command} title={property_text(title)}::{message_text(more)}")
    return lines


def _command(command: str, issue: Issue) -> str:
    found = None if issue.place is None else portable(issue.place.file)
    properties = {"title": f"{issue.rule.id}: {issue.title}"}
    if issue.place is not None and found is not None and found[1] == SOURCES:
        properties = {"file": found[0], "line": str(max(1, issue.place.line)), **properties}
    way = [f"{number}. {step.text}" for number, step in enumerate(issue.steps, 1)]
    given = ",".join(f"{name}={property_text(value)}" for name, value in properties.items())
    return f"::{command} {given}::{message_text(chr(10).join([issue.message, *way]))}"


def message_text(text: str) -> str:
    """Text as the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def property_text(text: str) -> str:
    """Text as a property of a workflow command."""
    return message_text(text).replace(":", "%3A").replace(",", "%2C")


def harmless(text: str) -> str:
    """Text that the runner takes for no command: it looks for `::` where a line begins, and for `##[` anywhere.

    What a driver sends is shown to people, and it must not annotate, mask or switch off anything.
    """
    lines = text.replace("##[", "# #[").split("\n")
    return "\n".join(_indented(line) if line.lstrip().startswith("::") else line for line in lines)


def _indented(line: str) -> str:
    start = len(line) - len(line.lstrip())
    return f"{line[:start]}: :{line.lstrip()[2:]}"


def summary(issues: Issues, room: int = SUMMARY_LIMIT) -> str:
    """The summary in Markdown, in at most `room` bytes: what does not fit is counted and left out.

    Nothing at all where there is not even room for the verdict.
    """
    head = f"## callproof {issues.command}: {_escaped(issues.spec)}\n\n**{_escaped(issues.verdict)}**\n\n"
    tail = "\n{} of {} are not shown: the summary of a step holds no more.\n"
    left = room - len(head.encode()) - len(tail.encode()) - 40
    if left < 0:
        return ""
    made, shown = [head], 0
    blocks = list(_blocks(issues.issues))
    for block in blocks:
        left -= len(block.encode())
        if left < 0:
            break
        made.append(block)
        shown += 1
    if shown < len(blocks):
        made.append(tail.format(len(blocks) - shown, len(blocks)))
    return "".join(made)


def _blocks(issues: Iterable[Issue]) -> Iterator[str]:
    """One block an issue, those that count first."""
    for issue in sorted(issues, key=lambda issue: (bool(issue.accepted), list(Level).index(issue.level))):
        mark = "known" if issue.accepted else issue.level.value if issue.kind is Kind.FAIL else issue.kind.value
        lines = [f"<details><summary>{mark}: {_escaped(issue.title)}</summary>", "", _escaped(issue.message), ""]
        if issue.place is not None and portable(issue.place.file) is not None:
            lines += [f"<code>{_escaped(f'{issue.place.file}:{issue.place.line}')}</code>", ""]
        if issue.steps:
            lines += ["<pre>" + _escaped("\n".join(_steps(issue))) + "</pre>", ""]
        yield "\n".join([*lines, "</details>", "", ""])


def _steps(issue: Issue) -> Iterator[str]:
    yield counted(len(issue.steps), "call")
    for number, step in enumerate(issue.steps, 1):
        yield f"{number:>3}. {printable(step.text)}"
        yield from (f"     let through: {printable(note)}" for note in step.notes)


_MARKDOWN = str.maketrans({c: f"&#{ord(c)};" for c in "&<>\"'\\`*_[]|~@#"})


def _escaped(text: str) -> str:
    """Text that is neither HTML nor Markdown, and mentions nobody."""
    return plain(text).translate(_MARKDOWN)
