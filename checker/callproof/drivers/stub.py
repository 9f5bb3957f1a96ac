"""A specification as a `typing.Protocol`: the methods that a driver in Python has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from callproof.drivers.messages import identifier
from callproof.expr import Kind, Sort
from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification
from callproof.model.system import Action

_HEAD = '''"""The methods of a driver of {spec} in Python.

Each method is a call of the API, or an event around it. It returns a status, and where the call has results a pair of
status and results: 0 and "SUCCESS" (or None) accept, every other status refuses and has no results. A driver may
lack methods: what it lacks is not covered. A method may raise NotImplementedError: it does not make the call with these
arguments, which is counted. Optional attributes say what it offers: `driver` and `version` (texts),
`kinds` (a list of {{"name": ..., "result": {{...}}}}), `options` (option -> values) and `handles` (kind of handle ->
how many it serves).
"""

from typing import Literal, Protocol, TypedDict

Status = int | str | None'''


def protocol_text(spec: Specification[Any]) -> str:
    """The text of a module with the protocol and the types of its results."""
    system = instantiate(spec, {})
    name = "".join(part.capitalize() for part in re.split(r"\W+", spec.name) if part) + "Driver"
    kinds = ", ".join(f"{kind}: {what}" for kind, what in (("options", "dict[str, str]"), ("kinds", "dict[str, str]")))
    lines = [_HEAD.format(spec=spec.name)]
    for action in system.actions:
        if action.results:
            lines += ["", *_results(action)]
    lines += ["", "", f"class {name}(Protocol):", f'    """{spec.title}."""', ""]
    lines += [
        f"    def reset(self, {kinds}) -> None:",
        '        """Begin anew: nothing initialised, everything freed. `kinds`: by the number of each resource."""',
    ]
    for action in system.actions:
        summary = spec.operations[action.call].summary.replace('"', "'")
        lines += ["", f"    def {identifier(action.call)}({_parameters(action)}) -> {_returned(action)}:"]
        lines += [f'        """{summary}"""' if summary else "        ..."]
    return "\n".join(lines) + "\n"


def _results(action: Action) -> Iterator[str]:
    yield ""
    yield f"class {_result_name(action)}(TypedDict, total=False):"
    yield f'    """What {action.call} returns when it is accepted; a value that does not exist is left out."""'
    yield ""
    yield from (f"    {result.name}: {_type(result.var.sort)}" for result in action.results)


def _result_name(action: Action) -> str:
    name = identifier(action.call)
    return f"{name[:1].upper()}{name[1:]}Result"


def _parameters(action: Action) -> str:
    handles = [f"{name}: int" for name, _, _ in action.handles]
    return ", ".join(["self", *handles, *(f"{p.name}: {_type(p.var.sort)}" for p in action.params)])


def _returned(action: Action) -> str:
    return f"tuple[Status, {_result_name(action)}]" if action.results else "Status"


def _type(sort: Sort) -> str:
    if sort.kind is Kind.BOOLEAN:
        return "bool"
    if sort.kind is Kind.ENUMERATION:
        return f"Literal[{', '.join(repr(member) for member in sort.members)}]"
    return "int"
