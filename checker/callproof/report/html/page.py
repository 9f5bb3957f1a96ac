"""The document as one HTML file: a page that reads without scripts, data as JSON, and the scripts that play it."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

import msgspec

from callproof import __version__
from callproof.model.specification import Specification
from callproof.report.html.document import Document, Evidence
from callproof.report.replay_text import printable

SCRIPTS = ("base", "memory", "copy", "diagram", "player", "graph_data", "graph_map", "graph_view", "tables", "main")
STYLES = ("base", "matrix", "player", "graph")

_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def page(made: Document, evidence: Evidence, spec: Specification[Any]) -> str:
    """The file as text. Nothing in it is fetched from elsewhere; its policy forbids any script but its own."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("callproof.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_seen,
    )
    script = "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
    style = "\n".join(_asset(f"{name}.css") for name in STYLES)
    return environment.get_template("report.html.jinja").render(
        doc=made,
        spec=spec,
        graph=evidence.graph,
        no_graph=evidence.no_graph,
        results=evidence.results,
        script=_raw(script),
        style=_raw(style),
        script_hash=_hash(script),
        style_hash=_hash(style),
        data=_raw(embedded(_player_data(made))),
        graph_data=_raw(embedded(evidence.graph)),
        tool=__version__,
    )


def embedded(value: object) -> str:
    """JSON that no HTML parser can mistake for anything else inside a script element."""
    return msgspec.json.encode(value).decode().translate(_ESCAPES)


def _player_data(made: Document) -> dict[str, object]:
    return {
        "spec": made.spec,
        "clauses": {row.id: [row.origin, row.text, row.citation] for row in made.clauses},
        "invariants": {row.id: row.summary for _, rows in made.classes for row in rows},
        "events": made.events,
        "memory": made.memory,
        "traces": made.traces,
    }


def _asset(name: str) -> str:
    return resources.files("callproof.report").joinpath("assets", name).read_text(encoding="utf-8")


def _raw(text: str) -> Any:
    import markupsafe

    return markupsafe.Markup(text)  # our own files, and JSON by `embedded`


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _seen(value: object) -> object:
    """Text without characters that are not seen or that steer others; what is marked as HTML stays."""
    return printable(value) if type(value) is str else value
