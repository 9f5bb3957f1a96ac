"""What a log shows, as text for a person. What comes from the log was made printable before."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from callproof.monitor import Blame, Finding, MonitorResult, Problem
from callproof.report.replay_text import counted

_HEADS = {Blame.CALLER: "CALLER", Blame.DRIVER: "DRIVER", Blame.HAZARD: "hazard"}
_STATE = 40
"""The most variables of a state that are shown."""


def found_text(found: Finding | Problem) -> str:
    """One finding, or one problem, with all that explains it."""
    if isinstance(found, Problem):
        return f"{_place(found)}: cannot be read: {found.message}\n"
    return "\n".join(_finding(found)) + "\n"


def _place(found: Finding | Problem) -> str:
    source = "stdin" if found.source == "-" else found.source
    return f"{source}:{found.line}"


def _finding(found: Finding) -> Iterator[str]:
    session = f" [session {found.session}]" if found.session else ""
    yield f"{_place(found)}: {_HEADS[found.blame]}{session}: {found.call}"
    yield f"  {found.message}"
    for cited in found.cited:
        text = f"{cited.id}: {cited.text}" if cited.text else cited.id
        yield from _wrapped(f"{text} [{cited.citation}]", "  ", "    ")
    if found.window:
        yield f"  in every order with the overlapping calls of the lines {', '.join(map(str, found.window))}"
    if found.earlier:
        yield "  because of"
        for earlier in found.earlier:
            makes = f"  ({', '.join(earlier.makes)})" if earlier.makes else ""
            yield from _wrapped(f"line {earlier.line}: {earlier.call}{makes}", "    ", "      ")
    shown = [f"{name} = {value}" for name, value in found.before[:_STATE]]
    if len(found.before) > _STATE:
        shown.append("...")
    if shown:
        yield from _wrapped(f"before: {', '.join(shown)}", "  ", "    ")


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, 120, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def summary_text(result: MonitorResult, *, quiet: bool = False) -> str:
    """How much was judged and what was wrong, in a few lines; with `quiet` in one."""
    return "\n".join(_summary(result, quiet)) + "\n"


def _summary(result: MonitorResult, quiet: bool) -> Iterator[str]:
    source = ", ".join("stdin" if source == "-" else source for source in result.sources)
    if not quiet:
        for count in result.counts:
            named = f" ({', '.join(count.clauses)})" if count.clauses else ""
            yield f"{_HEADS[count.blame]}: {count.call}{named} on {counted(count.lines, 'line')}"
        for note in result.notes:
            yield f"{source}: {note}"
    extra = [f"{counted(result.sessions, 'session')}"] if result.sessions else []
    if result.still_open:
        extra.append(f"{result.still_open} of them not ended")
    if result.undecided:
        extra.append(f"{counted(result.undecided, 'line')} undecided for values that the log does not tell")
    if result.skipped:
        extra.append(f"{counted(result.skipped, 'line')} that the profile does not read")
    if result.problem_count:
        extra.append(f"{counted(result.problem_count, 'line')} that cannot be read")
    wrong = [
        f"{counted(total, 'line')} {one if total == 1 else many}"
        for blame, one, many in (
            (Blame.CALLER, "breaks the contract by the caller", "break the contract by the caller"),
            (Blame.DRIVER, "breaks the contract by the driver", "break the contract by the driver"),
            (Blame.HAZARD, "lets a hazard through", "let a hazard through"),
        )
        if (total := result.total(blame))
    ]
    verdict = "; ".join(wrong) if wrong else "nothing breaks the contract"
    yield f"{source}: {counted(result.lines, 'call')} judged{''.join(f', {text}' for text in extra)}: {verdict}"
