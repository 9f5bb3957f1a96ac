"""The first lines of every exported file: what it says, of what, and by which command it was made."""

from __future__ import annotations

from collections.abc import Sequence

from callproof import __version__
from callproof.export.problem import Problem


def heading(problem: Problem, mark: str, says: Sequence[str]) -> str:
    """Comment lines, each behind a mark."""
    lines = [
        f"{problem.spec}, layer {problem.layer.name}, {', '.join(problem.invariants)}",
        f"with {problem.scope}" if problem.scope else "",
        f"exported by callproof {__version__}",
        "",
        *says,
    ]
    return "".join(f"{mark} {line}".rstrip() + "\n" for line in lines)
