"""`callproof new`: a specification, a driver and their tests to begin with."""

from __future__ import annotations

import keyword
from pathlib import Path

import click

from callproof.errors import Exit, UsageError

PARTS = {"spec.py.j2": "{}.py", "driver.py.j2": "{}_driver.py", "test.py.j2": "test_{}.py"}
"""The template and the file that it makes."""


@click.command("new")
@click.argument("name")
@click.option("--out", metavar="DIR", default=".", show_default=True, help="Where to write the three files.")
def new_command(name: str, out: str) -> int:
    """Write a small specification NAME.py, a driver NAME_driver.py and test_NAME.py, all working, to begin with."""
    if not (name.isidentifier() and name.isascii() and name.islower()) or keyword.iskeyword(name):
        raise UsageError(f"{name!r} is no name for a module: give lower-case letters, digits and underscores")
    folder = Path(out)
    files = {template: folder / pattern.format(name) for template, pattern in PARTS.items()}
    for path in files.values():
        if path.exists():
            raise UsageError(f"{path} is there already; choose another name, or --out DIR")

    from jinja2 import Environment, PackageLoader, StrictUndefined

    from callproof.trace.files import write_atomically

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror}") from None
    kind = "".join(part.capitalize() for part in name.split("_"))
    # What is made is Python source, in which nothing is to be escaped as HTML is.
    templates = Environment(
        loader=PackageLoader("callproof.cli", "skeleton"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    for template, path in files.items():
        write_atomically(path, templates.get_template(template).render(name=name, kind=kind))
        click.echo(f"wrote {path}")
    spec, driver = files["spec.py.j2"], files["driver.py.j2"]
    click.echo(f"try: callproof check {spec}; callproof test {driver}:{kind}Driver --spec {spec}; pytest {folder}")
    return int(Exit.OK)
