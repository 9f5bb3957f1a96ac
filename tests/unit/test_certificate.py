"""Certificates of toys: what holds is confirmed, what does not is refuted, and a solver may hang or die."""

import dataclasses
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from callproof.certificate import check_certificate
from callproof.certificate import checking as checking_module
from callproof.certificate import solvers as solvers_module
from callproof.certificate.diagram import diagram
from callproof.certificate.records import (
    UNSEALED,
    Cover,
    Kept,
    Manifest,
    Refused,
    Variable,
    decode,
    encode,
    listed,
    sealed,
)
from callproof.certificate.solvers import Said, Solver
from callproof.certificate.system import Slot
from callproof.certificate.terms import require_term
from callproof.certificate.writing import write_certificate
from callproof.errors import UsageError
from callproof.model.clauses import Layer
from callproof.report.certificate_text import certificate_exit, certificate_text
from callproof.run.certifying import Certificate
from callproof.run.check import check
from callproof.run.edges import Edges
from callproof.run.request import Request
from tests.support.shelf import shelf
from tests.support.toys import locker


def certificate(folder: Path, false: bool = False, layer: str = "hardened") -> Path:
    """The certificate of the locker; `false`: all invariants are claimed, whether they hold or not."""
    made = Certificate()

    def keep(layer: Layer, edges: Edges) -> None:
        if false:
            everything = frozenset(range(len(edges.one.model.system.properties)))
            edges.shown = tuple(dataclasses.replace(shown, stands=everything) for shown in edges.shown)
        made.add(layer, edges)

    result = check(locker(), Request(layer=layer, graphs=1), proofs=keep)
    write_certificate(str(folder / "locker"), made.files(result))
    return folder / "locker"


@pytest.mark.parametrize("solver", ["cvc5", "bitwuzla", "z3"])
def test_what_is_proved_is_confirmed(tmp_path: Path, solver: str) -> None:
    result = check_certificate(str(certificate(tmp_path)), [solver], 60)
    assert certificate_exit(result) == 0
    assert result.answers[0].unsat == result.obligations > 10
    assert {claim.invariant for claim in result.manifest.claims} == {"fits", "locked"}
    assert result.evaluated > 0


@pytest.mark.parametrize("solver", ["cvc5", "bitwuzla", "z3"])
def test_an_invariant_that_does_not_hold_is_refuted(tmp_path: Path, solver: str) -> None:
    path = certificate(tmp_path, false=True, layer="documented")
    result = check_certificate(str(path), [solver], 60)
    assert certificate_exit(result) == 1
    assert "part-01/obligations/keeps-" in result.refuted()[0]
    assert "is refused: a solver has a counterexample" in certificate_text(result, None)


def fake(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """A solver that starts as it should and then runs a program."""
    text = f"""import sys, os, time
print('{{"version": "0"}}', flush=True)
{program}"""

    def made(name: str, seconds: float) -> Solver:
        return Solver(name, seconds, (sys.executable, "-c", text))

    monkeypatch.setattr(checking_module, "Solver", made)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("time.sleep(60)", Said.LATE),
        ("os.abort()", Said.DIED),
        ("print('unsat', flush=True); time.sleep(60)", Said.DIED),
        ("""print('{"answer": "unknown"}', flush=True); time.sleep(60)""", Said.UNKNOWN),
    ],
)
def test_a_solver_that_hangs_or_dies_confirms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: Said
) -> None:
    fake(monkeypatch, program)
    monkeypatch.setattr(checking_module, "GIVE_UP", 3)
    result = check_certificate(str(certificate(tmp_path)), ["fake"], 0.05)
    assert certificate_exit(result) == 4
    assert result.answers[0].unsat == 0
    assert result.answers[0].failed[0][1].said is said
    if said in (Said.LATE, Said.DIED):
        assert result.answers[0].failed[-1][1].text == "not asked, after 3 in vain"
    assert "is not confirmed: part-01/obligations/" in certificate_text(result, None, quiet=True)


def test_a_set_of_states_is_said_once() -> None:
    slots = [
        Slot(Variable("a", "control", "boolean", 2), 0, 1),
        Slot(Variable("b", "control", "enumeration", 3), 1, 2),
    ]
    assert diagram("r", slots, range(6)).root == "true"
    assert diagram("r", slots, []).root == "false"
    made = diagram("r", slots, [0, 1, 2])
    assert made.root in made.lines[-1]
    assert len(made.lines) == 3


@pytest.mark.parametrize("term", ["(and true |x|)", "$3", "#b01", "(bvult |a b| #x0000000000000001)"])
def test_a_term_is_accepted_and_half_of_it_is_not(term: str) -> None:
    require_term("here", term)
    with pytest.raises(Refused, match="here"):
        require_term("here", term + ")")


@pytest.mark.parametrize("term", ["(and true |x|))", "$", "( and true)", "(true)", "(not\ttrue)", "and", "(let true)"])
def test_what_is_no_term_is_refused(term: str) -> None:
    with pytest.raises(Refused, match="here"):
        require_term("here", term)


def test_invariants_of_two_are_shown_by_order_and_for_every_choice(tmp_path: Path) -> None:
    made = Certificate()
    result = check(shelf(), Request(layer="documented"), proofs=made.add)
    folder = tmp_path / "shelf"
    write_certificate(str(folder), made.files(result))
    checked = check_certificate(str(folder), ["cvc5", "bitwuzla", "z3"], 60)
    assert certificate_exit(checked) == 0
    assert [part.kind for part in checked.manifest.parts] == ["explored", "joined"]
    assert checked.distinct < checked.obligations
    cover = decode("cover.json", (folder / "part-02" / "cover.json").read_bytes(), Cover)
    assert all(row.by == "order" and row.every_choice for row in cover.kept)
    # Each needs what lies apart before, or what the call asks for: no more, and no less.
    assert {(len(row.assumed), len(row.guards or ())) for row in cover.kept} <= {(0, 1), (0, 2), (1, 0)}


def test_an_obligation_for_every_choice_speaks_of_every_move_and_of_no_other(tmp_path: Path) -> None:
    made = Certificate()
    result = check(shelf(), Request(layer="documented"), proofs=made.add)
    path = "part-02/cover.json"
    files = made.files(result)
    cover = decode(path, files[path], Cover)
    for spoilt in (replace(row, every_choice=False) for row in cover.kept[:1]):
        with pytest.raises(Refused, match=r"no obligation for conjunct|is not the obligation"):
            check_certificate(str(written(tmp_path, files, path, spoilt, *cover.kept[1:])), ["z3"], 60)
    for spoilt in (replace(cover.kept[0], move=1_000), replace(cover.kept[0], guards=(), assumed=())):
        with pytest.raises(Refused, match=r"there is none such|is not the obligation"):
            check_certificate(str(written(tmp_path, files, path, spoilt, *cover.kept[1:])), ["z3"], 60)


def written(folder: Path, files: dict[str, bytes], path: str, *rows: Kept) -> Path:
    """A certificate in which some rows were put into a cover."""
    cover = replace(decode(path, files[path], Cover), kept=rows)
    spoilt = {**files, path: encode(cover)}
    manifest = decode("manifest.json", spoilt.pop("manifest.json"), Manifest)
    listing = tuple(listed(name, data) for name, data in spoilt.items())
    spoilt["manifest.json"] = sealed(encode(replace(manifest, files=listing, digest=UNSEALED)))
    write_certificate(str(folder / "spoilt"), spoilt)
    return folder / "spoilt"


@pytest.mark.parametrize("program", ["raise SystemExit", "import time; time.sleep(60)", "print('hello', flush=True)"])
def test_a_solver_that_does_not_start_is_named(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(solvers_module, "START_SECONDS", 1.0)
    with pytest.raises(UsageError, match="fake does not start"):
        Solver("fake", 1, (sys.executable, "-c", program)).start()
