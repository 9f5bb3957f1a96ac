"""What checking a certificate has shown, as text."""

from __future__ import annotations

from callproof.certificate import Checked
from callproof.errors import Exit

SHOWN = 20
"""Obligations that are named before the others are counted."""


def certificate_exit(result: Checked) -> Exit:
    """The exit code: refused where some solver has a counterexample, unknown where an obligation is unanswered."""
    if result.refuted():
        return Exit.VIOLATED
    return Exit.UNKNOWN if result.open() else Exit.OK


def certificate_text(result: Checked, spec: str | None, *, quiet: bool = False, verbose: bool = False) -> str:
    """The result as a person reads it; with `quiet` its last line only."""
    lines = [] if quiet else _details(result, spec, verbose)
    return "\n".join([*lines, _verdict(result)]) + "\n"


def _details(result: Checked, spec: str | None, verbose: bool) -> list[str]:
    manifest = result.manifest
    made = ", ".join(f"{name} {version}" for name, version in manifest.made_by)
    lines = [f"{manifest.specification}: {manifest.title}", f"made by {made}"]
    lines += [f"{a} read as {b}" for a, b in manifest.readings]
    lines += [f"{a} = {b}" for a, b in manifest.options]
    empty = sum(claim.part is None for claim in manifest.claims)
    lines.append(
        f"{len(manifest.claims)} claims{f', {empty} of them on more resources than there are' * bool(empty)}; "
        f"{len(manifest.parts)} parts; {result.states:,} control states, {result.edges:,} edges"
    )
    lines.append(
        f"{result.obligations:,} obligations, {result.distinct:,} of them different but for names; "
        f"{result.evaluated:,} pairs of conjunct and move need none, for the move writes nothing that the conjunct "
        "mentions"
    )
    if verbose:
        lines += [f"  claim: {claim.words}" for claim in manifest.claims]
    lines += [f"trusted: {text}" for text in manifest.trusted]
    if spec is not None:
        lines.append(f"the systems are those of {spec}, translated anew")
    for a in result.answers:
        lacking = f", lacks what {len(a.lacking):,} need" if a.lacking else ""
        failed = f", not answered unsat {len(a.failed):,}" if a.failed else ""
        lines.append(f"{a.solver} {a.version}: {a.unsat:,} unsat{lacking}{failed}; {a.seconds:.1f} s")
    lines.append(f"{len(result.confirmed())} of {len(manifest.claims)} claims are confirmed by every solver asked")
    found = [f"refuted: {path}" for path in result.refuted()]
    found += [f"unanswered: {path} ({solver}: {why})" for path, solver, why in result.open()]
    found += [f"lacking: {path} ({a.solver}: {why})" for a in result.answers for path, why in a.lacking]
    return lines + found[:SHOWN] + ([f"and {len(found) - SHOWN:,} more"] if len(found) > SHOWN else [])


def _verdict(result: Checked) -> str:
    name = f"the certificate of {result.manifest.specification}"
    if result.refuted():
        return f"{name} is refused: a solver has a counterexample to {result.refuted()[0]}"
    if result.open():
        path, solver, why = result.open()[0]
        return f"{name} is not confirmed: {path} is unanswered ({solver}: {why})"
    return f"{name} holds ({result.obligations:,} obligations, each answered by {_names(result)})"


def _names(result: Checked) -> str:
    return " and ".join(a.solver for a in result.answers)
