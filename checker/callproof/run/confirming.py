"""Proofs that another solver has to confirm: each is written as a certificate, which is then checked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace

from callproof.certificate import check_certificate
from callproof.certificate.solvers import Solver
from callproof.certificate.writing import write_certificate
from callproof.run.certifying import Certificate
from callproof.verdict import CheckResult, Finding, LayerResult, Status

SECONDS = 60.0
"""For one obligation."""


def require_solver(name: str) -> None:
    """`UsageError` where the solver is not installed: asked before long work, for what it has to do at its end."""
    solver = Solver(name, SECONDS)
    solver.start()
    solver.stop()


def confirmed(result: CheckResult, made: Certificate, solver: str, tick: Callable[[str], None]) -> CheckResult:
    """The same, with every proof that the solver does not confirm as unknown.

    Counterexamples need no solver: the interpreter has made their calls. Raises `UsageError` for a solver that is not
    installed.
    """
    with tempfile.TemporaryDirectory(prefix="callproof-confirm-") as folder:
        tick(f"writing the proofs for {solver}")
        write_certificate(folder, made.files(result))
        checked = check_certificate(folder, (solver,), SECONDS, tick)
    sure = {(claim.layer, claim.invariant) for claim in checked.confirmed()}
    layers = tuple(
        replace(layer, findings=tuple(_judged(layer, f, sure, solver) for f in layer.findings))
        for layer in result.layers
    )
    (answers,) = checked.answers
    return replace(result, layers=layers, confirmed_by=f"{answers.solver} {answers.version}")


def _judged(layer: LayerResult, finding: Finding, sure: set[tuple[str, str]], solver: str) -> Finding:
    if finding.status is not Status.PROVED or (layer.layer, finding.invariant) in sure:
        return finding
    return replace(finding, status=Status.UNKNOWN, reason=f"{solver} does not confirm the proof")
