"""What the shell offers behind Tab, asked as the shells' scripts ask it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from callproof.cli import main
from ge_memory import SPEC

ROOT = Path(__file__).parents[2]


def offered(line: str, cwd: Path = ROOT) -> list[str]:
    """The completions of the last word of a line."""
    words = line.split(" ")
    env = {
        **os.environ,
        "_CALLPROOF_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "from callproof.cli import main; raise SystemExit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, env=env, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [found.partition(",")[2] for found in done.stdout.splitlines() if found]


def test_commands() -> None:
    assert {"check", "test", "doctor", "settings"} <= set(offered("callproof "))
    assert offered("callproof che") == ["check"]


def test_options() -> None:
    assert {"--sarif", "--seed", "--spec", "--suite"} <= set(offered("callproof test --s"))


@pytest.mark.parametrize("line", ["callproof check ge", "callproof test --spec ge", "callproof diff ge-memory ge"])
def test_specifications(line: str) -> None:
    assert offered(line) == ["ge-memory", "ge-memory-v1"]


def test_layers() -> None:
    assert offered("callproof check --layer ") == ["documented", "+caller", "hardened", "driver", "all"]
    assert offered("callproof harden --layer h") == ["hardened"]


def test_invariants() -> None:
    assert offered("callproof check --invariant ") == list(SPEC.invariants)
    assert offered("callproof check posix-memory --invariant no") != []


def test_names_in_a_file_are_read_and_the_file_is_not_run(tmp_path: Path) -> None:
    assert offered("callproof check examples/dma.py --invariant ") == ["buffer-stable"]
    (tmp_path / "bad.py").write_text('open("run", "w")\n@SPEC.invariant("mine", cls="SIZE")\ndef f(): ...\n')
    assert offered("callproof check bad.py:SPEC --invariant ", tmp_path) == ["mine"]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("content", [b"\xff\x00", b"def (", b"(" * 100_000])
def test_a_file_that_is_no_python_offers_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_bytes(content)
    assert offered("callproof check bad.py --invariant ", tmp_path) == []


def test_readings_options_resources_and_drivers() -> None:
    assert offered("callproof check --reading R2") == ["R2=at-least", "R2=exactly"]
    assert offered("callproof check --option ge.feature") == [
        "ge.featureBaseRefreshable=0",
        "ge.featureBaseRefreshable=1",
    ]
    assert "StreamId=" in offered("callproof check --resource ")
    assert offered("callproof test posix-memory:") == ["posix-memory:kernel"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_parse(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_CALLPROOF_COMPLETE={shell}_complete" in script
    found = shutil.which(shell)
    if found is not None:
        done = subprocess.run([found, "-n"], input=script, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_with_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The script's own function, as bash calls it."""
    main(["completion", "bash"])
    callproof = tmp_path / "callproof"
    callproof.write_text(
        f"#!{sys.executable}\nimport sys\nfrom callproof.cli import main\nsys.exit(main())\n", encoding="utf-8"
    )
    callproof.chmod(0o755)
    script = capsys.readouterr().out.replace("complete -o", ": complete -o")
    asked = 'COMP_WORDS=(callproof spec li); COMP_CWORD=2; _callproof_completion callproof; echo "${COMPREPLY[@]}"'
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{asked}"],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert sorted(done.stdout.split()) == ["lint", "list"], done.stderr
