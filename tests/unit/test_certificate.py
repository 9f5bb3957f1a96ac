"""Certificates of toys: what holds is confirmed, what does not is refuted, and a solver may hang or die."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from callproof.certificate import check_certificate
from callproof.certificate import checking as checking_module
from callproof.certificate.diagram import diagram
from callproof.certificate.records import Refused, Variable
from callproof.certificate.solvers import Said, Solver
from callproof.certificate.system import Slot
from callproof.certificate.terms import require_term
from callproof.certificate.writing import write_certificate
from callproof.model.clauses import Layer
from callproof.report.certificate_text import certificate_exit, certificate_text
from callproof.run.certifying import Certificate
from callproof.run.check import check
from callproof.run.edges import Edges
from callproof.run.request import Request
from tests.support.toys import locker


def certificate(folder: Path, false: bool = False, layer: str = "hardened") -> Path:
    """The certificate of the locker; `false`: all invariants are claimed, whether they hold or not."""
    made = Certificate()

    def keep(layer: Layer, edges: Edges) -> None:
        if false:
            everything = frozenset(range(len(edges.one.model.system.properties)))
            edges.shown = tuple(replace(shown, stands=everything) for shown in edges.shown)
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
    result = check_certificate(str(certificate(tmp_path)), ["fake"], 0.05)
    assert certificate_exit(result) == 4
    assert result.answers[0].unsat == 0
    assert result.answers[0].failed[0][1].said is said
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
