"""Issues as workflow commands, summaries and SARIF, with words that are hostile."""

from __future__ import annotations

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from callproof.errors import Exit, Location
from callproof.report.github import SHOWN, commands, harmless, message_text, property_text, summary
from callproof.report.issues import Issue, Issues, IssueStep, Kind, Level, Rule
from callproof.report.sarif import PACKAGES, SOURCES, fingerprint, portable, sarif
from tests.support.pages import HOSTILE

NASTY = f"100%\r\n::error::x ##[add-mask]y {HOSTILE} a|b `c` [d](e) @team #1 \ud800"


def issue(number: int = 0, level: Level = Level.ERROR, text: str = "text", accepted: str = "") -> Issue:
    steps = (IssueStep(text, "call", Location("a,b:c.py", 3), {text: text}, (text,)),)
    rule = Rule(f"R{number}", text, text, Location("a,b:c.py", 1))
    return Issue(
        rule, Kind.FAIL, level, text, text, f"spec/{text}", (str(number), text), Location("a,b:c.py", 2), steps,
        (rule,), accepted,
    )  # fmt: skip


def issues(*found: Issue, verdict: str = "verdict") -> Issues:
    return Issues("test", "spec", "1", verdict, Exit.VIOLATED, found)


def parsed(command: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it."""
    match = re.fullmatch(r"::(\w+) ([^\n]*?)::([^\n\r]*)", command)
    assert match is not None, command

    def plain(text: str) -> str:
        for code, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
            text = text.replace(code, character)
        return text

    properties = dict(part.split("=", 1) for part in match[2].split(","))
    return match[1], {name: plain(value) for name, value in properties.items()}, plain(match[3])


@pytest.mark.parametrize("text", ["plain", "50%", "a,b:c", "one\ntwo\r\n", "%0A is no line", NASTY])
def test_a_command_says_what_it_was_given(text: str) -> None:
    (command,) = commands(issues(issue(text=text)))
    kind, properties, message = parsed(command)
    assert kind == "error"
    assert properties == {"file": "a,b:c.py", "line": "2", "title": f"R0: {text}"}
    assert message == f"{text}\n1. {text}"


def test_escapes_are_those_of_the_runner() -> None:
    assert message_text("%\r\n:,") == "%25%0D%0A:,"
    assert property_text("%\r\n:,") == "%25%0D%0A%3A%2C"


def test_no_more_commands_than_are_shown() -> None:
    many = [issue(n, level) for level in Level for n in range(SHOWN + 5)]
    lines = commands(issues(*many))
    for kind in ("error", "warning", "notice"):
        mine = [line for line in lines if line.startswith(f"::{kind} ")]
        assert len(mine) == SHOWN
        assert "title=callproof%3A 6 more" in mine[-1]
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10


def test_what_is_accepted_annotates_nothing() -> None:
    assert commands(issues(issue(accepted="it was looked into"))) == []
    assert "known: text" in summary(issues(issue(accepted="it was looked into")))


@pytest.mark.parametrize("line", ["::error::x", "  ::stop-commands::t", "\t::add-mask::x", "a ##[error]x", "##[group]"])
def test_text_is_never_a_command(line: str) -> None:
    text = harmless(f"first\n{line}\nlast")
    assert not any(part.strip().startswith("::") for part in text.splitlines())
    assert "##[" not in text
    assert len(text.splitlines()) == 3


def test_other_text_is_left_alone() -> None:
    text = "ge::GeSession: 1 :: 2\n  std::string\n# heading\n"
    assert harmless(text) == text


class Tags(HTMLParser):
    """The tags of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def test_the_summary_takes_no_orders() -> None:
    made = summary(issues(issue(text=NASTY), verdict=NASTY))
    assert set(Tags(made).tags) == {"details", "summary", "code", "pre"}
    assert "](" not in made
    assert "@team" not in made
    assert "`" not in made


@pytest.mark.parametrize("room", [1 << 20, 4_000, 700, 100, 0])
def test_the_summary_keeps_to_its_room(room: int) -> None:
    made = summary(issues(*(issue(n, text=f"issue {n} " + "ä" * 50) for n in range(40))), room)
    assert len(made.encode()) <= room
    shown = made.count("<details>")
    if room == 4_000:
        assert 0 < shown < 40
        assert f"{40 - shown} of 40 are not shown" in made
    assert (shown == 40) == (room == 1 << 20)


def test_sarif_holds_any_text() -> None:
    text = sarif(issues(issue(text=NASTY, accepted=NASTY)))
    text.encode()
    (run,) = json.loads(text)["runs"]
    (result,) = run["results"]
    assert result["suppressions"][0]["kind"] == "external"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%2Cb%3Ac.py"
    assert result["message"]["text"].endswith("\\ud800")


def test_a_fingerprint_is_of_the_rule_and_the_identity() -> None:
    one = issue(1, text="x")
    assert fingerprint(one) == fingerprint(one)
    assert len({fingerprint(issue(n, text=text)) for n in range(3) for text in "ab"}) == 6
    longer = Issue(one.rule, one.kind, one.level, "other", "other", "other", one.identity)
    assert fingerprint(one) == fingerprint(longer)


def test_equal_issues_of_a_run_are_numbered() -> None:
    (run,) = json.loads(sarif(issues(issue(), issue(), issue(1), issue())))["runs"]
    marks = [result["partialFingerprints"]["callproof/v1"] for result in run["results"]]
    assert marks == [fingerprint(issue()), f"{marks[0]}:2", fingerprint(issue(1)), f"{marks[0]}:3"]


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert portable("a/b.py") == ("a/b.py", SOURCES)
    assert portable(str(tmp_path / "a/b.py")) == ("a/b.py", SOURCES)
    assert portable("../b.py") is None
    packages = next(entry for entry in sys.path if entry.endswith("site-packages"))
    assert portable(f"{packages}/some/spec.py") == ("some/spec.py", PACKAGES)
    assert portable("/nowhere/at/all.py") is None
