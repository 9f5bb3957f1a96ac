"""How long other solvers take over a certificate, beside the check that it is of."""

from __future__ import annotations

import tempfile
import time
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
        started = time.perf_counter()
        made.add(layer, edges)
        making += time.perf_counter() - started

    started = time.perf_counter()
    result = check(spec, Request(), tick, proofs=add)
    proof = time.perf_counter() - started - making
    figures = [
        Figure("check whose certificate is written", proof, "s", proof * pace),
        Figure("  writing it", making, "s", making * pace),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "certificate"
        write_certificate(str(path), made.files(result))
        for solver in ("bitwuzla", "cvc5"):
            started = time.perf_counter()
            try:
                checked = check_certificate(str(path), [solver], SECONDS, tick)
            except UsageError as error:
                tick(f"no figures: {error}")
                continue
            seconds = time.perf_counter() - started
            open_ = len(checked.open()) + len(checked.refuted())
            named = f", {open_:,} of {checked.obligations:,} unanswered" if open_ else ""
            figures += [
                Figure(f"certificate checked by {solver}{named}", seconds, "s", seconds * pace),
                Figure("  times the check", seconds / proof, "", None, TIMES, at_least=False),
            ]
    return figures
