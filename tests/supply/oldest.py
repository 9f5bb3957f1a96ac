"""The oldest versions of every package that callproof says it works with: `python -m tests.supply.oldest`.

Printed as a constraints file for pip. The tools that only look at the source (types, style, layers) and the browser are
left out: they are no part of what a user installs.
"""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SOURCE_TOOLS = frozenset({"hatchling", "import-linter", "jsonschema", "mypy", "ruff"})
LEFT_OUT = ("browser", "docs", "zig")


def oldest(text: str) -> dict[str, str]:
    """The lower bound of each package. Raises `ValueError` for one that has none, or is bound in two ways."""
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"]
    wanted = [project["dependencies"], *(packages for name, packages in extras.items() if name not in LEFT_OUT)]
    found: dict[str, str] = {}
    for requirement in (one for group in wanted for one in group):
        match = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[\w,]+\])?>=([\w.]+)(?:\s*;.*)?", requirement)
        if match is None:
            raise ValueError(f"{requirement}: give it a lower bound, as in name>=1.2")
        name, version = match.groups()
        if found.setdefault(name, version) != version:
            raise ValueError(f"{name} is bound twice: >={found[name]} and >={version}")
    return {n: v for n, v in sorted(found.items()) if n not in SOURCE_TOOLS and not n.startswith("types-")}


def main() -> int:
    """Print the constraints."""
    for name, version in oldest(PROJECT.read_text(encoding="utf-8")).items():
        print(f"{name}=={version}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
