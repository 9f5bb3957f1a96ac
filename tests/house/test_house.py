"""Rules of the house that no linter knows: what is frozen, how long a file is, and who may import what."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "checker").rglob("*.py"), *(ROOT / "spec").rglob("*.py")])
LINES = 300

MUTABLE = {
    "checker/callproof/conform/observations.py:Seen": "counters that fill while cases are played",
    "checker/callproof/conform/plan.py:Plan": "gathers what each suite plans",
    "checker/callproof/conform/play.py:Sent": "one for each call on its way: made for speed, and compared by nobody",
    "checker/callproof/editor/documents.py:Document": "an open file, which changes under the editor",
    "checker/callproof/editor/documents.py:Known": "fills as the answers about a specification come",
    "checker/callproof/run/certifying.py:Certificate": "gathers the parts of a certificate layer by layer",
    "checker/callproof/graph/stepper.py:Row": "a table that fills while the graph is explored",
    "checker/callproof/model/lint.py:_Run": "gathers what running the bodies shows",
    "checker/callproof/run/layer.py:LayerRun": "gathers what a layer's check finds",
    "checker/callproof/run/layer.py:Side": "holds engines with caches, and is compared by nobody",
    "checker/callproof/run/layer.py:Times": "sums of seconds",
    "checker/callproof/symbolic/solver.py:Statistics": "counters",
}
"""Dataclasses that are not frozen, and why."""

LONG = {
    "checker/callproof/model/records.py": "records and their fields are one mechanism of Python's descriptors",
    "checker/callproof/prove/induction.py": "one class: the proof of a layer",
}
"""Files over the limit, and why."""

ONLY_UNDER = {
    "z3": ("checker/callproof/symbolic/", "checker/callproof/certificate/child.py"),
    "networkx": ("checker/callproof/graph/",),
}
"""Modules that are imported in few places only."""

RUNS_CODE = {"checker/callproof/model/loading.py": "a specification is a Python module that its user names"}
"""Files outside `semantics` that call `exec`, and why."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def dataclasses(path: Path) -> Iterator[tuple[str, dict[str, bool]]]:
    """Name and flags of every dataclass of a file."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(call).rpartition(".")[2] != "dataclass":
                continue
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            yield (
                f"{name(path)}:{node.name}",
                {k.arg or "": isinstance(k.value, ast.Constant) and k.value.value is True for k in keywords},
            )


def imported(path: Path) -> Iterator[str]:
    """The top-level names of all modules that a file imports, wherever in the file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def calls(path: Path) -> set[str]:
    """The plain names that a file calls."""
    return {
        node.func.id for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_there_is_something_to_look_at() -> None:
    assert {"checker/callproof/run/check.py", "spec/ge_memory/memory.py"} <= {name(path) for path in SOURCES}
    assert sum(1 for path in SOURCES for _ in dataclasses(path)) > 20


def test_every_dataclass_has_slots() -> None:
    assert [id for path in SOURCES for id, flags in dataclasses(path) if not flags.get("slots")] == []


def test_a_dataclass_is_frozen_or_listed_with_a_reason() -> None:
    mutable = {id for path in SOURCES for id, flags in dataclasses(path) if not flags.get("frozen")}
    assert mutable - set(MUTABLE) == set(), "not frozen"
    assert set(MUTABLE) - mutable == set(), "listed for nothing"


def test_a_file_is_short_or_listed_with_a_reason() -> None:
    long = {name(p) for p in SOURCES if len(p.read_text(encoding="utf-8").splitlines()) > LINES}
    assert long - set(LONG) == set(), f"over {LINES} lines"


def test_every_module_has_a_docstring() -> None:
    assert [name(path) for path in SOURCES if not ast.get_docstring(tree(path))] == []


@pytest.mark.parametrize("module", ONLY_UNDER)
def test_a_module_is_imported_in_its_folder_only(module: str) -> None:
    users = [name(path) for path in SOURCES if module in set(imported(path))]
    assert users
    assert [user for user in users if not user.startswith(ONLY_UNDER[module])] == []


def test_nothing_read_is_run_as_code() -> None:
    checker = [path for path in SOURCES if name(path).startswith("checker/")]
    assert [name(path) for path in checker if "eval" in calls(path)] == []
    assert [name(path) for path in checker if {"pickle", "marshal", "shelve", "dill"} & set(imported(path))] == []
    running = {name(path) for path in checker if "exec" in calls(path)}
    assert {user for user in running if not user.startswith("checker/callproof/semantics/")} == set(RUNS_CODE)


def test_every_path_that_the_readme_names_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    quoted = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
    tops = {path.name for path in ROOT.iterdir()}
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    missing += [
        token
        for token in quoted
        if re.fullmatch(r"[\w.][\w./-]*", token)
        and ("/" in token and token.partition("/")[0] in tops)
        and not (ROOT / token).exists()
    ]
    assert missing == []
