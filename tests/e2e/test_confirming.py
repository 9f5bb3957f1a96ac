"""`callproof check --solver`: proofs that another solver has to confirm."""

import json
import re
from pathlib import Path

import pytest

from callproof.certificate.solvers import Reply, Said, Solver
from callproof.cli import main
from callproof.model.loading import load_specification
from callproof.run.certifying import Certificate
from callproof.run.check import check
from callproof.run.confirming import confirmed
from callproof.run.request import Request
from callproof.verdict import Status

DMA = f"{Path(__file__).parents[2] / 'examples' / 'dma.py'}:SPEC"


def test_every_proof_is_confirmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "result.json"
    assert main(["check", DMA, "--solver", "cvc5", "--json", str(file)]) == 0
    assert re.search(r"^what is proved was confirmed by cvc5 \d", capsys.readouterr().out, re.MULTILINE)
    assert json.loads(file.read_text())["confirmed_by"].startswith("cvc5 ")


def test_what_is_not_confirmed_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Certificate()
    result = check(load_specification(DMA), Request(), None, None, made.add)
    monkeypatch.setattr(Solver, "ask", lambda self, script: Reply(Said.UNKNOWN))
    doubted = confirmed(result, made, "cvc5", lambda _: None)
    before = {(layer.layer, f.invariant): f.status for layer in result.layers for f in layer.findings}
    after = {(layer.layer, f.invariant): f.status for layer in doubted.layers for f in layer.findings}
    assert Status.PROVED in before.values(), "the premise"
    assert after == {key: Status.UNKNOWN if status is Status.PROVED else status for key, status in before.items()}


@pytest.mark.parametrize(
    ("args", "said"),
    [(["--solver", "foo"], "unknown solver 'foo'"), (["--solver", "cvc5", "--engine", "paths"], "--solver is for")],
)
def test_what_cannot_be_asked(args: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", DMA, *args]) == 2
    assert said in capsys.readouterr().err
