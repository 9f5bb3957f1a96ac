"""How long other solvers take over a certificate, beside the check that it is of."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callproof.cli.figures import Figure
from callproof.errors import UsageError

if TYPE_CHECKING:
    from callproof.model.clauses import Layer
    from callproof.model.specification import Specification
    from callproof.run.edges import Edges

TIMES = 3.0
"""The figure to reach: a certificate checked again, by the time of the check."""
SECONDS = 60.0
"""For one obligation."""


def certificate_figures(spec: Specification[Any], pace: float, tick: Callable[[str], None]) -> list[Figure]:
    """The check of any number of resources in every layer, its certificate, and each solver's check of that.

    In processor time, that of the solvers' processes included: it depends less on what else the machine does.

    A solver that is not installed is told by `tick`, and has no figures.
    """
    from callproof.certificate import check_certificate
    from callproof.certificate.writing import write_certificate
    from callproof.run.certifying import Certificate
    from callproof.run.check import check
    from callproof.run.request import Request

    made, making = Certificate(), 0.0

    def add(layer: Layer, edges: Edges) -> None:
        nonlocal making
        tick(f"writing the certificate of {layer.name}")
        started = _spent()
        made.add(layer, edges)
        making += _spent() - started

    started = _spent()
    result = check(spec, Request(), tick, proofs=add)
    proof = _spent() - started - making
    figures = [
        Figure("check whose certificate is written", proof, "s CPU", proof * pace),
        Figure("  writing it", making, "s CPU", making * pace),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "certificate"
        write_certificate(str(path), made.files(result))
        for solver in ("bitwuzla", "cvc5"):
            started = _spent()
            try:
                checked = check_certificate(str(path), [solver], SECONDS, tick)
            except UsageError as error:
                tick(f"no figures: {error}")
                continue
            seconds = _spent() - started
            open_ = len(checked.open()) + len(checked.refuted())
            named = f", {open_:,} of {checked.obligations:,} unanswered" if open_ else ""
            figures += [
                Figure(f"certificate checked by {solver}{named}", seconds, "s CPU", seconds * pace),
                Figure("  times the check", seconds / proof, "", None, TIMES, at_least=False),
            ]
    return figures


def _spent() -> float:
    """Seconds of processor time of this process and of those it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
