"""`callproof certify`: checks a certificate without any of the code that made it."""

from __future__ import annotations

import click

from callproof.errors import UsageError

SECONDS_LIMIT = 86_400


@click.command("certify")
@click.argument("directory", metavar="DIR")
@click.option(
    "--solver", "solvers", multiple=True, metavar="NAME", help="cvc5, bitwuzla or z3 (default: the first two)."
)
@click.option("--budget", type=float, default=60.0, show_default=True, metavar="S", help="Seconds an obligation.")
@click.option("--spec", metavar="SPEC", help="Also compare the certificate's systems with SPEC, translated anew.")
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
@click.option("-v", "--verbose", is_flag=True, help="Print every claim as well.")
def certify_command(
    directory: str, solvers: tuple[str, ...], budget: float, spec: str | None, quiet: bool, verbose: bool
) -> int:
    """Check the certificate in DIR that `callproof check --certify DIR` wrote.

    Every file, every obligation and every claim is checked by code that shares nothing with the prover, and each
    obligation is put to each solver. Exit codes: 0 it holds, 1 refused, 2 no certificate, 4 an obligation unanswered.
    """
    from callproof.certificate import check_certificate
    from callproof.certificate.solvers import SOLVERS
    from callproof.cli.terminal import progress, show
    from callproof.report.certificate_text import certificate_exit, certificate_text

    if not 0 < budget <= SECONDS_LIMIT:
        raise UsageError(f"--budget {budget:g}: give more than 0 and at most {SECONDS_LIMIT} seconds")
    for name in solvers:
        if name not in SOLVERS:
            raise UsageError(f"unknown solver {name!r}; the solvers: {', '.join(SOLVERS)}")
    chosen = tuple(dict.fromkeys(solvers)) or SOLVERS[:2]
    with progress(quiet=quiet) as tick:
        result = check_certificate(directory, chosen, budget, tick)
        if spec is not None:
            from callproof.model.loading import load_specification
            from callproof.run.certifying import require_same_systems

            require_same_systems(directory, result.manifest, load_specification(spec))
    show(certificate_text(result, spec, quiet=quiet, verbose=verbose))
    return int(certificate_exit(result))
