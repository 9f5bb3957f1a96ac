"""`callproof report`: the evidence, as files that can be made again."""

from __future__ import annotations

from pathlib import Path

import click

from callproof.cli.options import spec_argument
from callproof.errors import Exit, UsageError


@click.command("report")
@spec_argument
@click.option("--out", "out", metavar="DIR", required=True, help="Where to write SPEC.md and SPEC.json.")
@click.option("--needs", is_flag=True, help="Also write SPEC-needs.md and .json: which clauses each proof needs.")
def report_command(spec: str, out: str, needs: bool) -> int:
    """Write the evidence on SPEC: matrix, counterexamples, clauses with citations, and what was not covered."""
    from dataclasses import replace

    from callproof.model.loading import load_specification
    from callproof.report.check_json import check_json, needs_json
    from callproof.report.markdown import markdown
    from callproof.report.needs_markdown import needs_markdown
    from callproof.report.progress import progress
    from callproof.run.check import check
    from callproof.run.request import Request
    from callproof.trace.files import write_atomically

    loaded = load_specification(spec)
    directory = Path(out)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror}") from None
    with progress(quiet=False) as tick:
        result = check(loaded, Request(needs=needs), tick)
    # What needs what has files of its own, so that the others are the same whether it was asked or not.
    document = check_json(replace(result, needs=None), with_times=False)
    files = {f"{loaded.name}.md": markdown(result, loaded), f"{loaded.name}.json": document}
    if result.needs is not None:
        files[f"{loaded.name}-needs.md"] = needs_markdown(result.needs, loaded)
        files[f"{loaded.name}-needs.json"] = needs_json(loaded.name, result.needs)
    for name, text in files.items():
        write_atomically(str(directory / name), text)
        click.echo(f"wrote {directory / name}")
    return int(Exit.OK)
