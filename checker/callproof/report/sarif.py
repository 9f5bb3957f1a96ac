"""Issues as SARIF 2.1.0, which code scanning services and editors read.

One result for each issue, with one code flow that has a location for each call. The same issues give the same bytes:
there are no times, no absolute paths and no random identifiers.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePath
from urllib.parse import quote

import msgspec

from callproof import __version__
from callproof.errors import Exit, Location
from callproof.report.issues import Issue, Issues, IssueStep, Kind, Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SOURCES, PACKAGES = "%SRCROOT%", "PACKAGES"
"""The two folders that paths are relative to: where the command was run, and where Python packages are installed."""
_KINDS = {Kind.FAIL: "fail", Kind.OPEN: "open", Kind.VACUOUS: "notApplicable"}


class _Sarif(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What all parts of the document share: names in camel case, and nothing where there is nothing to say."""


class _Message(_Sarif, frozen=True):
    text: str


class _ArtifactLocation(_Sarif, frozen=True):
    uri: str | None = None
    uri_base_id: str | None = None
    description: _Message | None = None


class _Region(_Sarif, frozen=True):
    start_line: int


class _PhysicalLocation(_Sarif, frozen=True):
    artifact_location: _ArtifactLocation
    region: _Region


class _LogicalLocation(_Sarif, frozen=True):
    name: str
    fully_qualified_name: str
    kind: str | None = None


class _Location(_Sarif, frozen=True):
    id: int | None = None
    physical_location: _PhysicalLocation | None = None
    logical_locations: list[_LogicalLocation] = []
    message: _Message | None = None


class _ThreadFlowLocation(_Sarif, frozen=True):
    location: _Location
    execution_order: int
    importance: str
    state: dict[str, _Message] = {}


class _ThreadFlow(_Sarif, frozen=True):
    locations: list[_ThreadFlowLocation]


class _CodeFlow(_Sarif, frozen=True):
    thread_flows: list[_ThreadFlow]


class _Suppression(_Sarif, frozen=True):
    kind: str
    justification: str


class _Result(_Sarif, frozen=True):
    rule_id: str
    rule_index: int
    kind: str = msgspec.field(default="")
    level: str = msgspec.field(default="")
    message: _Message = _Message("")
    locations: list[_Location] = []
    related_locations: list[_Location] = []
    code_flows: list[_CodeFlow] = []
    partial_fingerprints: dict[str, str] = {}
    suppressions: list[_Suppression] = []


class _Configuration(_Sarif, frozen=True):
    level: str = ""


class _ReportingDescriptor(_Sarif, frozen=True):
    id: str
    short_description: _Message
    help: _Message
    default_configuration: _Configuration
    properties: dict[str, str | list[str]] = {}


class _Driver(_Sarif, frozen=True):
    name: str
    version: str
    rules: list[_ReportingDescriptor]


class _Tool(_Sarif, frozen=True):
    driver: _Driver


class _Invocation(_Sarif, frozen=True):
    execution_successful: bool
    exit_code: int
    exit_code_description: str


class _AutomationDetails(_Sarif, frozen=True):
    id: str


class _Run(_Sarif, frozen=True):
    tool: _Tool
    automation_details: _AutomationDetails
    invocations: list[_Invocation]
    original_uri_base_ids: dict[str, _ArtifactLocation]
    results: list[_Result] | None
    properties: dict[str, str]
    column_kind: str = ""


class _Log(_Sarif, frozen=True):
    schema: str = msgspec.field(name="$schema", default="")
    version: str = ""
    runs: list[_Run] = []


def sarif(issues: Issues) -> str:
    """The document."""
    rules = list(issues.rules)
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    run = _Run(
        tool=_Tool(_Driver("callproof", __version__, [_rule(rule, issues) for rule in rules])),
        automation_details=_AutomationDetails(category(issues)),
        invocations=[_Invocation(issues.exit is not Exit.INTERNAL, int(issues.exit), plain(issues.verdict))],
        original_uri_base_ids={
            SOURCES: _ArtifactLocation(description=_Message("The directory in which callproof was run.")),
            PACKAGES: _ArtifactLocation(description=_Message("A directory of installed Python packages.")),
        },
        results=[_result(issue, numbers[issue.rule.id], mark) for issue, mark in _marked(issues)],
        properties={"command": issues.command, "specification": issues.spec, "specificationVersion": issues.version},
        column_kind="unicodeCodePoints",
    )
    return msgspec.json.format(msgspec.json.encode(_Log(SCHEMA, "2.1.0", [run])), indent=1).decode() + "\n"


def category(issues: Issues) -> str:
    """What keeps the results of several runs on one commit apart: command, specification and driver, ended by `/`."""
    parts = ("callproof", issues.command, issues.spec, issues.subject)
    return "".join(f"{plain(part).replace('/', '-')}/" for part in parts if part)


def fingerprint(issue: Issue) -> str:
    """What tells one issue from another in every run: its rule and what it is about, no lines and no values."""
    return sha256("\0".join((issue.rule.id, *issue.identity)).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _marked(issues: Issues) -> Iterator[tuple[Issue, str]]:
    """Each issue with its fingerprint, and a number behind it where several of a run have the same."""
    seen: Counter[str] = Counter()
    for issue in issues.issues:
        mark = fingerprint(issue)
        seen[mark] += 1
        yield issue, mark if seen[mark] == 1 else f"{mark}:{seen[mark]}"


def portable(file: str) -> tuple[str, str] | None:
    """The path of a file relative to where we are, or to where packages are installed, and which; None for any other.

    A path is given as it was when the specification was read.
    """
    if not os.path.isabs(file):
        return (PurePath(file).as_posix(), SOURCES) if ".." not in PurePath(file).parts else None
    for base, name in ((Path.cwd(), SOURCES), *((Path(entry), PACKAGES) for entry in _search_path())):
        if Path(file).is_relative_to(base):
            return Path(file).relative_to(base).as_posix(), name
    return None


def _search_path() -> list[str]:
    """Where Python looks for packages, the deepest folder first."""
    return sorted({os.path.abspath(entry) for entry in sys.path if entry}, key=lambda entry: (-len(entry), entry))


def _rule(rule: Rule, issues: Issues) -> _ReportingDescriptor:
    level = next(_level(issue) for issue in issues.issues if issue.rule.id == rule.id)
    more: dict[str, str | list[str]] = {"tags": [plain(rule.tag)]} if rule.tag else {}
    if rule.citation:
        more["citation"] = plain(rule.citation)
    return _ReportingDescriptor(
        rule.id, _Message(plain(rule.text)), _Message(plain(rule.help)), _Configuration(level), more
    )


def _level(issue: Issue) -> str:
    """SARIF has a level for failures alone."""
    return issue.level.value if issue.kind is Kind.FAIL else "none"


def _result(issue: Issue, index: int, mark: str) -> _Result:
    flows = [_CodeFlow([_ThreadFlow([_flow(n, step, issue) for n, step in enumerate(issue.steps, 1)])])]
    return _Result(
        issue.rule.id,
        index,
        _KINDS[issue.kind],
        _level(issue),
        _Message(plain(issue.message)),
        [_location(issue.place, issue.scope)],
        [
            _location(rule.place, rule.id, plain(f"{rule.id}: {rule.text} ({rule.citation})"), number)
            for number, rule in enumerate(issue.related, 1)
        ],
        flows if issue.steps else [],
        {"callproof/v1": mark},
        [_Suppression("external", plain(issue.accepted))] if issue.accepted else [],
    )


def _flow(number: int, step: IssueStep, issue: Issue) -> _ThreadFlowLocation:
    text = step.text + "".join(f"; let through: {note}" for note in step.notes)
    # The last call is where it breaks; before it, those count that a clause would have refused.
    important = number == len(issue.steps) or bool(step.notes)
    scope = f"{issue.scope.partition('/')[0]}/{step.call}"
    return _ThreadFlowLocation(
        _location(step.place, scope, plain(text), kind="function"),
        number,
        "essential" if important else "important",
        {plain(name): _Message(plain(value)) for name, value in step.state.items()},
    )


def _location(
    place: Location | None, scope: str, text: str = "", id: int | None = None, kind: str | None = None
) -> _Location:
    """A line of a file where there is one, and always a name."""
    found = None if place is None else portable(place.file)
    physical = None
    if found is not None and place is not None:
        path, base = found
        physical = _PhysicalLocation(_ArtifactLocation(quote(path), base), _Region(max(1, place.line)))
    name = plain(scope)
    logical = _LogicalLocation(name.rpartition("/")[2], name, kind)
    return _Location(id, physical, [logical], _Message(text) if text else None)


def plain(text: str) -> str:
    """Text that is Unicode throughout: what a driver sent may hold half a character."""
    return text.encode("utf-8", "backslashreplace").decode()
