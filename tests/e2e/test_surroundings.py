"""What lies around a command: settings of others, closed streams, files that print or raise, text that steers."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

DMA = Path(__file__).parents[2] / "examples" / "dma.py"


def run(*words: object, cwd: Path, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callproof", *map(str, words)],
        cwd=cwd, env={**os.environ, "XDG_CACHE_HOME": str(cwd / "cache")}, capture_output=True, text=True, check=False,
        **more,
    )  # type: ignore[call-overload, no-any-return]  # fmt: skip


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_settings_of_another_user_are_not_read(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    settings = tmp_path / "callproof.toml"
    settings.write_text('spec = "evil.py"\n')
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    os.chown(settings, 65534, 65534)
    done = run("spec", "lint", "-q", cwd=below)
    assert done.returncode == 0
    assert "callproof.toml: belongs to another user (number 65534), and is not read" in done.stderr
    assert not (tmp_path / "ran").exists()
    os.chown(settings, 0, 0)
    run("spec", "lint", "-q", cwd=below)
    assert (tmp_path / "ran").exists(), "the premise: settings name what is run"


def test_closed_standard_output_is_told(tmp_path: Path) -> None:
    done = run("check", DMA, "-q", cwd=tmp_path, preexec_fn=lambda: os.close(1))
    assert done.returncode == 2
    assert done.stderr == "callproof: standard output is closed; send it to a file, or to /dev/null\n"


def test_two_outputs_need_two_files(tmp_path: Path) -> None:
    done = run("check", DMA, "--json", "x", "--sarif", "./x", cwd=tmp_path)
    assert done.returncode == 2
    assert "both name" in done.stderr
    assert not (tmp_path / "x").exists()


def test_what_a_specification_prints_is_no_result(tmp_path: Path) -> None:
    text = DMA.read_text().replace("    c = device", "    print('a body')\n    c = device", 1)
    (tmp_path / "prints.py").write_text(f"print('a file')\n{text}")
    done = run("check", "prints.py", "--json", "-", "--no-cache", cwd=tmp_path)
    assert json.loads(done.stdout)["spec"] == "dma"
    assert "a file" in done.stderr
    assert "a body" in done.stderr


def test_a_body_that_raises_for_one_resource_only_is_a_fault(tmp_path: Path) -> None:
    raising = "    c = device.channels[channel]\n    if channel.index == 3:\n        {}['there is none']\n"
    text = DMA.read_text().replace("    c = device.channels[channel]\n", raising, 1)
    assert raising in text
    (tmp_path / "raises.py").write_text(text)
    done = run("check", "raises.py", "--graphs", "3", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "the body raises KeyError: 'there is none'" in done.stderr


def test_a_log_cannot_steer_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"call":"RemoveGraph","args":{"graph_id\\u001b[31m\\u202e":1}}\n')
    done = run("monitor", log, cwd=tmp_path)
    assert done.returncode == 2
    assert "graph_id\\x1b[31m" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    done = run("monitor", "no\x1b[31mfile", cwd=tmp_path)
    assert "\x1b" not in done.stderr
    assert "no\\x1b[31mfile" in done.stderr


def test_an_editor_leaves_in_peace(tmp_path: Path) -> None:
    messages = (
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    )
    bodies = [json.dumps({"jsonrpc": "2.0", **message}) for message in messages]
    done = run("lsp", cwd=tmp_path, input="".join(f"Content-Length: {len(body)}\r\n\r\n{body}" for body in bodies))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_knows_what_a_process_within_is_told_by(tmp_path: Path) -> None:
    done = run(
        "doctor", "--json", cwd=tmp_path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (8 << 30,) * 2)
    )
    assert "CALLPROOF_WITHIN" not in done.stdout
    assert json.loads(done.stdout)
