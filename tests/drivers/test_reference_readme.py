"""What the reference library's README shows is what happens."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drivers import building

README = (building.REFERENCE / "README.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.xdist_group("native")


def test_the_commands_build_library_and_runner(tmp_path: Path) -> None:
    building.need_compiler()
    shutil.copytree(building.REFERENCE, tmp_path / "examples" / "ge_reference", ignore=shutil.ignore_patterns("build"))
    environment = dict(os.environ) | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    first, mutant = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for command in (*first.splitlines(), mutant.splitlines()[0]):
        done = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    said = subprocess.run(
        ["sh", "-c", mutant.splitlines()[1]],
        cwd=tmp_path,
        input='{"id": 1, "op": "call", "call": "GEInitializeV2"}\n{"id": 2, "op": "bye"}\n',
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(said.stdout.splitlines()[0])["status"] == "SUCCESS"


def test_the_dialogue_is_real() -> None:
    (dialogue,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    lines = dialogue.splitlines()
    asked = "".join(f"{line[2:]}\n" for line in lines if line.startswith("> "))
    shown = [line[2:] for line in lines if line.startswith("< ")]
    done = subprocess.run([building.runner()], input=asked, capture_output=True, text=True, check=True)
    assert [_plain(line) for line in done.stdout.splitlines()] == [_plain(line) for line in shown]


def _plain(line: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x...", line)
