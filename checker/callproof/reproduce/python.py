"""A trace as a pytest file, and a specification as a Hypothesis state machine."""

from __future__ import annotations

import re
from typing import Any

from callproof.drivers.messages import identifier
from callproof.expr import Kind, Sort
from callproof.model.specification import Specification
from callproof.replay import Replay
from callproof.reproduce.plan import title
from callproof.trace import Step, Value
from callproof.trace.writing import Sorts


def test_file(named: str, replayed: Replay, sorts: Sorts, source: str, driver: str) -> str:
    """A pytest file that makes the calls of a trace on a driver and judges what it answers now."""
    return _filled("test_trace.py.jinja", named, replayed, sorts, source, driver)


def machine_file(spec: Specification[Any], named: str, replayed: Replay, sorts: Sorts, source: str, driver: str) -> str:
    """A pytest file with a rule for every call of a specification, and the trace as a test beside it."""
    operations = [
        {"method": identifier(name), "call": name, "summary": operation.summary}
        for name, operation in spec.operations.items()
    ]
    name = "".join(part.capitalize() for part in re.split(r"\W+", spec.name) if part)
    return _filled("test_machine.py.jinja", named, replayed, sorts, source, driver, name=name, operations=operations)


def _filled(template: str, named: str, replayed: Replay, sorts: Sorts, source: str, driver: str, **more: object) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("callproof.reproduce"),
        autoescape=False,  # Python, not HTML: the filters `py` and `words` keep text in its place
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"py": ascii, "words": words}
    trace = replayed.trace
    steps = [_step(step, sorts.get(step.call, {})) for step in trace.steps]
    return environment.get_template(template).render(
        trace=trace, named=named, steps=steps, title=title(replayed), source=source, driver=driver, **more
    )


def words(text: str) -> str:
    """Any text as part of a docstring or a comment: nothing in it can end either."""
    return "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "." for c in text)[:500]


def _step(step: Step, sorts: dict[str, Sort] | Any) -> str:
    parts = [ascii(step.call), _values(step.args, sorts)]
    if step.returned is not None or step.result is not None:
        parts.append(ascii(step.returned))
    if step.result is not None:
        parts.append(_values(step.result, sorts))
    return f"Step({', '.join(parts)})"


def _values(values: Any, sorts: Any) -> str:
    return f"{{{', '.join(f'{name!a}: {_value(value, sorts.get(name))}' for name, value in values.items())}}}"


def _value(value: Value, sort: Sort | None) -> str:
    is_address = sort is not None and sort.kind is Kind.ADDRESS
    return hex(value) if is_address and type(value) is int else ascii(value)
