"""`callproof harden`: the clauses that would restore what a layer breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from callproof.cli import asked
from callproof.cli.options import layer_option, selection_options, spec_argument
from callproof.cli.outlets import Outlets, outlet_options, outlets
from callproof.errors import UsageError

if TYPE_CHECKING:
    from callproof.model.specification import Specification
    from callproof.report.events import Event
    from callproof.report.issues import Issues
    from callproof.run.repairs import HardenResult

MAX_SIZE = 8


@click.command("harden")
@spec_argument
@layer_option("documented")
@click.option("--size", type=int, default=2, show_default=True, metavar="N", help="The most clauses of a set.")
@click.option("--bound", type=int, default=12, show_default=True, help="Longest counterexamples that are sought.")
@selection_options
@click.option(
    "--invariant", "invariants", multiple=True, metavar="ID", help="Restore this invariant only (repeatable)."
)
@click.option("--propose", is_flag=True, help="Also guess clauses that nobody wrote; takes long, so name invariants.")
@click.option("--budget", type=int, default=None, help="Z3 resource units a query; past them a set is unknown.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep solvers' answers between runs.")
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': stdout, and nothing else).")
@outlet_options(junit=False)
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
@click.option("-v", "--verbose", count=True, help="Print the counterexamples as well.")
def harden_command(
    spec: str,
    size: int,
    propose: bool,
    no_cache: bool,
    json_file: str | None,
    quiet: bool,
    verbose: int,
    **chosen: Any,
) -> int:
    """Find the minimal sets of hardening and caller clauses that restore what a layer of SPEC breaks.

    Exit code 0: every violated invariant has such a set; 1: some has none of this size; 4: a budget hides one.
    """
    wanted = {name: chosen.pop(name) for name in ("sarif", "github", "events")}
    with outlets("harden", spec, wanted, json_file) as out:
        return _hardened(spec, size, propose, no_cache, json_file, quiet, verbose, chosen, out)


def _hardened(
    spec: str,
    size: int,
    propose: bool,
    no_cache: bool,
    json_file: str | None,
    quiet: bool,
    verbose: int,
    chosen: dict[str, Any],
    out: Outlets,
) -> int:
    if not 1 <= size <= MAX_SIZE:
        raise UsageError(f"--size {size}: give 1 to {MAX_SIZE}")
    request = asked.request(**chosen)

    from callproof.cli.kept import kept_answers
    from callproof.cli.terminal import progress
    from callproof.model.loading import load_specification
    from callproof.report.harden_text import harden_json, harden_text, verdict
    from callproof.run.harden import harden
    from callproof.run.propose import propose as proposed
    from callproof.symbolic import z3_version

    loaded = load_specification(spec)
    asked.require_file(json_file)
    with kept_answers(not no_cache) as answers, progress(quiet=quiet, also=out.progress) as tick:
        result = harden(loaded, request, size, tick, answers)
        proposals = proposed(loaded, request, tick, answers) if propose else None
    document = harden_json(result, z3_version(), proposals)
    asked.write_document(json_file, document)
    _hand_out(out, result, loaded)

    def text(width: int) -> str:
        if quiet:
            return verdict(result) + "\n"
        return harden_text(result, loaded.clauses, proposals, verbose=verbose, width=width)

    asked.show(json_file, document, text, out=out)
    return int(result.exit)


def _hand_out(out: Outlets, result: HardenResult, spec: Specification[Any]) -> None:
    def issues() -> Issues:
        from callproof.report.harden_issues import harden_issues

        return harden_issues(result, spec)

    def details() -> Iterator[Event]:
        from callproof.report.events import repairs

        return repairs(result)

    out.write(issues, details=details)
