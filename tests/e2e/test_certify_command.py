"""`callproof check --certify` and `callproof certify` on the example: what holds, and every way to spoil it."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callproof.certificate import records
from callproof.certificate.obligations import Explored
from callproof.certificate.system import Table
from callproof.cli import main

DMA = f"{Path(__file__).parents[2] / 'examples' / 'dma.py'}:SPEC"
PART = "part-01"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificate") / "dma"
    assert main(["check", DMA, "--layer", "hardened", "--certify", str(path), "-q"]) == 0
    return path


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "dma"))


def certify(path: Path, *arguments: str) -> int:
    return main(["certify", str(path), *(arguments or ("--solver", "bitwuzla"))])


def change(path: Path, edit: Callable[[Any], None]) -> None:
    document = json.loads(path.read_bytes())
    edit(document)
    if path.name == "manifest.json":
        document["digest"] = records.UNSEALED
    data = json.dumps(document).encode()
    path.write_bytes(records.sealed(data) if path.name == "manifest.json" else data)


def rehash(folder: Path) -> None:
    """Make the manifest list what is there, as a forger would."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json")
    rows = [
        {
            "path": p.relative_to(folder).as_posix(),
            "bytes": p.stat().st_size,
            "sha256": hashlib.sha256(p.read_bytes()).hexdigest(),
        }
        for p in files
    ]
    change(folder / "manifest.json", lambda m: m.update(files=rows))


def obligations(folder: Path, kind: str = "") -> list[Path]:
    return sorted((folder / PART / "obligations").glob(f"{kind}*.smt2"))


def test_a_certificate_is_confirmed_by_both_solvers(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert certify(made, "--solver", "cvc5", "--solver", "bitwuzla", "--spec", DMA) == 0
    out = capsys.readouterr().out
    assert "cvc5 1." in out
    assert "bitwuzla 0." in out
    assert out.splitlines()[-1] == "the certificate of dma holds (6 obligations, each answered by cvc5 and bitwuzla)"
    assert "trusted: system.json of each part" in out
    assert "the argument of callproof.prove.parametric" in out


def test_z3_can_be_asked_and_claims_are_printed(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert certify(made, "--solver", "z3", "-v") == 0
    assert "claim: buffer-stable holds in every state and step" in capsys.readouterr().out


def test_the_same_check_writes_the_same_bytes_over_the_old_ones(made: Path, copy: Path) -> None:
    assert main(["check", DMA, "--layer", "hardened", "--certify", str(copy), "-q"]) == 0
    names = sorted(p.relative_to(made) for p in made.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(copy) for p in copy.rglob("*") if p.is_file())
    assert [(made / n).read_bytes() for n in names] == [(copy / n).read_bytes() for n in names]
    assert os.listdir(copy.parent) == ["dma"]


def test_obligations_are_scripts_of_their_own(made: Path) -> None:
    text = obligations(made, "keeps")[0].read_text(encoding="utf-8")
    assert "(set-logic QF_BV)" in text
    assert "(set-info :status unsat)" in text
    assert ":named |clause H1|" in text
    assert text.endswith("(check-sat)\n")


def test_a_changed_byte_is_refused_in_every_file(copy: Path) -> None:
    for path in sorted(p for p in copy.rglob("*") if p.is_file()):
        data = path.read_bytes()
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        assert certify(copy) in ((1, 2) if path.name == "manifest.json" else (1,)), path
        path.write_bytes(data)
    assert certify(copy) == 0


def test_a_changed_byte_is_refused_anywhere_in_the_manifest(copy: Path) -> None:
    path = copy / "manifest.json"
    data = path.read_bytes()
    for place in (*range(0, len(data), len(data) // 60), len(data) - 1):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert certify(copy) in (1, 2), place
    path.write_bytes(data.replace(b" ", b"\n", 1))
    assert certify(copy) == 1


def test_a_missing_obligation_is_named(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = obligations(copy)[2]
    gone.unlink()
    assert certify(copy) == 1
    assert f"{gone.name}: is in the manifest and not there" in capsys.readouterr().err
    rehash(copy)
    assert certify(copy) == 1
    assert f"{gone.name}: is needed and not in the manifest" in capsys.readouterr().err


def test_exchanged_obligations_are_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = obligations(copy, "keeps")[:2]
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    rehash(copy)
    assert certify(copy) == 1
    assert f"{one.name}: is not the obligation that the certificate's system asks for" in capsys.readouterr().err


def test_an_obligation_made_trivial_is_refused(copy: Path) -> None:
    path = obligations(copy, "keeps")[0]
    path.write_text(path.read_text().replace("(check-sat)", "(assert false)\n(check-sat)"))
    rehash(copy)
    assert certify(copy) == 1


def test_a_row_that_is_left_out_is_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(copy / PART / "cover.json", lambda c: c["kept"].pop(0))
    rehash(copy)
    assert certify(copy) == 1
    assert "no obligation for conjunct 0 of buffer-stable(1) and move 0" in capsys.readouterr().err
    change(copy / PART / "cover.json", lambda c: c["closure"].pop(0))
    rehash(copy)
    assert certify(copy) == 1
    assert "no obligation for where move 0 leads" in capsys.readouterr().err


@pytest.mark.parametrize("solver", ["cvc5", "bitwuzla", "z3"])
def test_an_edge_that_is_left_out_is_refuted(copy: Path, solver: str, capsys: pytest.CaptureFixture[str]) -> None:
    change(copy / PART / "graph.json", lambda g: g["edges"].pop())
    rehash(copy)
    assert certify(copy) == 1
    capsys.readouterr()
    # A thorough forger writes the obligations that go with it as well, and a solver finds what was left out.
    system = msgspec.json.decode((copy / PART / "system.json").read_bytes(), type=records.System)
    graph = msgspec.json.decode((copy / PART / "graph.json").read_bytes(), type=records.Graph)
    cover = msgspec.json.decode((copy / PART / "cover.json").read_bytes(), type=records.Cover)
    table = Table("forged", system)
    states = Explored("forged", table, graph)
    for held in cover.closure:
        try:
            (copy / PART / held.file).write_text(states.closure(table.moves[held.subject]), encoding="utf-8")
        except records.Refused:
            continue
    rehash(copy)
    assert certify(copy, "--solver", solver) == 1


def test_a_claim_that_nothing_proves_is_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(copy / "manifest.json", lambda m: m["claims"][0].update(invariant="never-null"))
    assert certify(copy) == 1
    assert "rests on a part that does not prove it" in capsys.readouterr().err
    change(copy / "manifest.json", lambda m: m["claims"][0].update(invariant="buffer-stable", part=None))
    assert certify(copy) == 1
    change(copy / "manifest.json", lambda m: m["claims"][0].update(part=7))
    assert certify(copy) == 1


def test_another_system_is_refused_where_the_specification_is_given(copy: Path) -> None:
    change(copy / PART / "system.json", lambda s: s["invariants"][0].update(name="buffer(1)"))
    rehash(copy)
    assert certify(copy, "--solver", "bitwuzla", "--spec", DMA) == 1
    assert certify(copy, "--solver", "bitwuzla", "--spec", "ge-memory") == 1


@pytest.mark.parametrize("term", ["true) (assert false", "(foo true)", "|nowhere|", "(not true", "", "()", "true true"])
def test_a_term_that_is_none_is_refused(copy: Path, term: str) -> None:
    change(copy / PART / "system.json", lambda s: s["actions"][0]["clauses"][0].update(term=term))
    rehash(copy)
    assert certify(copy) == 1


def test_an_ill_sorted_term_leaves_its_obligation_unanswered(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil = "(bvult true true)"
    change(copy / PART / "system.json", lambda s: s["actions"][0]["clauses"][0].update(term=spoil))
    for path in obligations(copy):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("(! (not |channels[1].running|) :named |clause H1|)", f"(! {spoil} :named |clause H1|)")
        )
    rehash(copy)
    assert certify(copy) in (1, 4)
    assert "Traceback" not in capsys.readouterr().err


def test_a_link_a_pipe_and_an_extra_file_are_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "more.json").write_text("{}")
    assert certify(copy) == 1
    assert "more.json: is there and not in the manifest" in capsys.readouterr().err
    (copy / "more.json").unlink()
    path = obligations(copy)[0]
    outside = copy.parent / "outside.smt2"
    shutil.move(path, outside)
    path.symlink_to(outside)
    assert certify(copy) == 1
    assert "is a symbolic link" in capsys.readouterr().err
    path.unlink()
    os.mkfifo(path)
    assert certify(copy) == 2
    assert "no regular file" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["../outside.json", "/etc/passwd", "part-01/../../x.json", "a\u0000.json", ""])
def test_a_path_out_of_the_directory_is_no_manifest(copy: Path, path: str) -> None:
    change(copy / "manifest.json", lambda m: m["files"][0].update(path=path))
    assert certify(copy) == 2


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"format": "callproof-trace", "version": 1}', "[" * 100_000, "\xff", "1" * 10_000]
)
def test_what_is_no_manifest_is_refused(copy: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "manifest.json").write_bytes(text.encode("latin-1"))
    assert certify(copy) == 2
    assert "manifest.json" in capsys.readouterr().err


def test_another_version_and_unknown_keys_are_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(copy / "manifest.json", lambda m: m.update(version=1))
    assert certify(copy) == 2
    assert "version 1; this program reads 'callproof-certificate' version 2" in capsys.readouterr().err
    change(copy / "manifest.json", lambda m: m.update(version=2, more=1))
    assert certify(copy) == 2


def test_a_manifest_of_a_million_files_is_refused(copy: Path) -> None:
    row = {"path": "part-01/cover.json", "bytes": 1, "sha256": "0" * 64}
    change(copy / "manifest.json", lambda m: m.update(files=[row] * 1_000_000))
    assert certify(copy) == 2
    change(copy / "manifest.json", lambda m: m.update(files=[{**row, "bytes": 1 << 30}, {**row, "bytes": 1 << 30}]))
    assert certify(copy) == 2


def test_bad_usage(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert certify(copy, "--solver", "yices") == 2
    assert certify(copy, "--budget", "0") == 2
    assert certify(copy, "--budget", "nan") == 2
    assert certify(tmp_path / "nowhere") == 2
    assert certify(tmp_path) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_directory_of_somebody_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    assert main(["check", DMA, "--certify", str(mine), "-q"]) == 2
    assert "is there already, and is no certificate" in capsys.readouterr().err
    assert [p.name for p in mine.iterdir()] == ["letter.txt"]
    assert main(["check", DMA, "--certify", str(tmp_path / "no" / "where"), "-q"]) == 2
    assert main(["check", DMA, "--certify", str(mine / "letter.txt"), "-q"]) == 2
    assert main(["check", DMA, "--engine", "chc", "--certify", str(tmp_path / "new"), "-q"]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
