"""`callproof report --html` as a command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "callproof", "report", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def test_one_file_with_a_driver_test_and_a_trace(tmp_path: Path) -> None:
    check = [sys.executable, "-m", "callproof", "check", "examples/dma.py:SPEC", "-q", "--traces", str(tmp_path)]
    subprocess.run(check, check=True, cwd=ROOT, capture_output=True)
    (trace,) = tmp_path.glob("*.trace.json")
    page = tmp_path / "report.html"
    done = run("examples/dma.py:SPEC", "--html", str(page), "--trace", str(trace))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"wrote {page}\n"
    text = page.read_text(encoding="utf-8")
    data = json.loads(text.partition('id="report-data">')[2].partition("</script>")[0])
    assert [made["key"] for made in data["traces"]] == ["example-1", "trace-1"]
    again = run("examples/dma.py:SPEC", "--html", str(page), "--trace", str(trace))
    assert again.returncode == 0
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say where the report goes"),
        (["--out", "{}", "--results", "x.json"], "--results and --trace are for --html"),
        (["--html", "{}/none/report.html"], "there is no directory"),
        (["--html", "{}/report.html", "--results", "{}/none.json"], "cannot be read"),
        (["--html", "{}/report.html", "--trace", "{}/none.json"], "cannot be read"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = run("examples/dma.py:SPEC", *(a.replace("{}", str(tmp_path)) for a in arguments))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
