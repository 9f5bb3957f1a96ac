"""`callproof report`: the evidence, as files that can be made again."""

from __future__ import annotations

from pathlib import Path

import click

from callproof.cli.options import spec_argument
from callproof.errors import Exit, UsageError


@click.command("report")
@spec_argument
@click.option("--out", "out", metavar="DIR", required=True, help="Where to write SPEC.md and SPEC.json.")
def report_command(spec: str, out: str) -> int:
    """Write the evidence on SPEC: matrix, counterexamples, clauses with citations, and what was not covered."""
    from callproof.model.loading import load_specification
    from callproof.report.check_json import check_json
    from callproof.report.markdown import markdown
    from callproof.report.progress import progress
    from callproof.run import Request, check
    from callproof.symbolic import z3_version
    from callproof.trace.files import write_atomically

    loaded = load_specification(spec)
    directory = Path(out)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror}") from None
    with progress(quiet=False) as tick:
        result = check(loaded, Request(), tick)
    page, document = markdown(result, loaded), check_json(result, z3_version(), with_times=False)
    for name, text in ((f"{loaded.name}.md", page), (f"{loaded.name}.json", document)):
        write_atomically(str(directory / name), text)
        click.echo(f"wrote {directory / name}")
    return int(Exit.OK)
