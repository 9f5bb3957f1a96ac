"""The certificate of ge-memory: every obligation is answered, and one changed byte in any kind of file is refused."""

import re
import shutil
from pathlib import Path

import pytest

from callproof.cli import main

pytestmark = pytest.mark.xdist_group("certify ge-memory")

EACH = 2
"""Files of a kind that are spoilt in turn."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That of one graph, which takes seconds."""
    path = tmp_path_factory.mktemp("certificate") / "ge-memory"
    assert main(["check", "--graphs", "1", "--layer", "hardened", "--certify", str(path), "-q", "--no-cache"]) == 0
    return path


def test_every_obligation_is_answered(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", str(made), "--spec", "ge-memory"]) == 0
    out = capsys.readouterr().out
    assert "32 of 32 claims are confirmed by every solver asked" in out
    assert "each answered by cvc5 and bitwuzla" in out


def test_a_changed_byte_is_refused_in_each_kind_of_file(made: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(made, tmp_path / "ge-memory"))
    kinds: dict[str, list[Path]] = {}
    for path in sorted(p for p in copy.rglob("*") if p.is_file()):
        kinds.setdefault(re.sub(r"-[0-9]+$", "", path.stem), []).append(path)
    assert set(kinds) == {"closure", "cover", "graph", "initial", "keeps", "manifest", "system"}
    for kind, paths in kinds.items():
        for path in paths[:: max(1, len(paths) // EACH)]:
            data = path.read_bytes()
            middle = len(data) // 2
            path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
            assert main(["certify", str(copy), "--solver", "bitwuzla"]) in ((1, 2) if kind == "manifest" else (1,)), (
                path
            )
            path.write_bytes(data)


def test_the_whole_certificate(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Any number of graphs, in every layer."""
    if not request.config.getoption("--whole-certificate"):
        pytest.skip("takes minutes: pytest --whole-certificate")
    assert main(["check", "--certify", str(tmp_path / "out"), "-q"]) == 0
    assert main(["certify", str(tmp_path / "out")]) == 0
