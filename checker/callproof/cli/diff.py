"""`callproof diff`: what one contract accepts and another does not."""

from __future__ import annotations

import click

from callproof.cli import asked
from callproof.cli.options import DEFAULT_SPEC, graph_count, known_layer, pairs, resource_counts
from callproof.errors import UsageError


@click.command("diff")
@click.argument("one", metavar="SPEC", default=DEFAULT_SPEC)
@click.argument("two", metavar="[OTHER]", required=False)
@click.option("--layer", default="hardened", show_default=True, help="The layer of the contract, of SPEC and OTHER.")
@click.option("--other-layer", metavar="LAYER", help="The layer of OTHER, if it is another.")
@click.option("--reading", multiple=True, metavar="ID=NAME", help="Read a clause of SPEC in that way.")
@click.option("--against", multiple=True, metavar="ID=NAME", help="Read a clause of OTHER in that way.")
@click.option("--option", multiple=True, metavar="K=V", help="Fix an option of the runs.")
@click.option("--graphs", metavar="N", help="How many graphs (the first kind of handle) there are.")
@click.option("--resource", multiple=True, metavar="KIND=N", help="How many of another kind of handle.")
@click.option("--bound", type=int, default=12, show_default=True, help="The longest sequences that are sought.")
@click.option("--budget", type=int, default=None, help="Z3 resource units a query; past them a way is undecided.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep solvers' answers between runs.")
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': stdout, and nothing else).")
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict line only.")
@click.option("-v", "--verbose", count=True, help="Print the shortest sequence for each call, not for each clause.")
def diff_command(
    one: str,
    two: str | None,
    layer: str,
    other_layer: str | None,
    reading: tuple[str, ...],
    against: tuple[str, ...],
    option: tuple[str, ...],
    graphs: str | None,
    resource: tuple[str, ...],
    bound: int,
    budget: int | None,
    no_cache: bool,
    json_file: str | None,
    quiet: bool,
    verbose: int,
) -> int:
    """Show the shortest sequences that SPEC accepts and OTHER does not, and the other way, by the clause that differs.

    Without OTHER, two readings or layers of SPEC are compared. Calls are matched by their names, or as a specification
    says. Exit code 0: both accept the same sequences of any length; 1: they differ; 4: some way was not decided.
    """
    limits = asked.limits(bound, budget)
    layers = known_layer(layer), known_layer(other_layer or layer)
    chosen = [tuple(pairs(values, flag)) for values, flag in ((reading, "--reading"), (against, "--against"))]
    options = pairs(option, "--option")
    counts = dict(resource_counts(resource))

    from callproof.cli.kept import kept_answers
    from callproof.cli.terminal import progress
    from callproof.model.clauses import ALL_LAYERS
    from callproof.model.instantiate import Selection, handle_kinds
    from callproof.model.loading import load_specification
    from callproof.report.diff_text import diff_json, diff_text, verdict
    from callproof.run.diff import Contract, diff
    from callproof.symbolic import z3_version

    asked.require_file(json_file)
    first = load_specification(one)
    second = first if two in (None, one) else load_specification(str(two))
    kinds = handle_kinds(first.state)
    if graphs is not None:
        if not kinds:
            raise UsageError(f"--graphs {graphs}: {first.name} has no kind of resource")
        counts[kinds[0].__name__] = graph_count(graphs, proof=False) or 1
    contracts = [
        Contract(spec, ALL_LAYERS[name], Selection(readings, options))
        for spec, name, readings in zip((first, second), layers, chosen, strict=True)
    ]
    with kept_answers(not no_cache) as answers, progress(quiet=quiet) as tick:
        result = diff((contracts[0], contracts[1]), counts, *limits, tick, answers)
    document = "" if json_file is None else diff_json(result, z3_version())
    asked.write_document(json_file, document)

    def text(width: int) -> str:
        return verdict(result) + "\n" if quiet else diff_text(result, verbose=verbose, width=width)

    asked.show(json_file, document, text)
    return int(result.exit)
