"""A trace in the Informal Trace Format of Apalache (its ADR-015): a state after each call, for other tools to read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from callproof.expr import Kind, Sort
from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification
from callproof.replay import Replay
from callproof.trace import Value

_PART = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d+)\])?\.?")
_CALL = {
    "mbt::actionTaken": "Str",
    "mbt::nondetPicks": "Str -> Str",
    "mbt::returned": "Str",
    "mbt::results": "Str -> Str",
}
"""What Quint calls the action and its arguments, and what came back. Values are text: a map has one type."""

Path = tuple[str | int, ...]
"""Where a variable stands: field names, and the numbers of resources."""


def itf_text(spec: Specification[Any], replayed: Replay) -> str:
    """The trace with the state before it and after each step.

    A table becomes a map from the resource's number to a record, a word an unbounded integer, an enumeration a text.
    """
    sorts = {v.var.name: v.var.sort for v in instantiate(spec, {}).variables}
    named = {name: (_path(name), sorts[re.sub(r"\[\d+\]", "[1]", name)]) for name in replayed.initial}
    tops = list(dict.fromkeys(str(path[0]) for path, _ in named.values()))
    document: dict[str, object] = {
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": f"A trace of {replayed.trace.spec}, written by callproof",
            "readings": dict(replayed.readings),
            "options": dict(replayed.options),
            "varTypes": _types(named.values()) | _CALL,
        },
        "vars": [*tops, *_CALL],
    }
    head = json.dumps(document, ensure_ascii=False)
    states = ",\n  ".join(json.dumps(state, ensure_ascii=False) for state in _states(replayed, named))
    return f'{head[:-1]},\n "states": [\n  {states}\n ]}}\n'


def _states(replayed: Replay, named: Mapping[str, tuple[Path, Sort]]) -> Iterator[dict[str, object]]:
    values = dict(replayed.initial)
    yield _state(0, values, named, ("init", {}, "", {}))
    for step in replayed.steps:
        values.update({name: new for name, (_, new) in step.changed.items()})
        returned = step.step.returned
        said = ("SUCCESS" if step.accepted else "refused") if returned is None else str(returned)
        yield _state(step.number, values, named, (step.step.call, step.step.args, said, step.step.result or {}))


def _state(
    index: int,
    values: Mapping[str, Value],
    named: Mapping[str, tuple[Path, Sort]],
    call: tuple[str, Mapping[str, Value], str, Mapping[str, Value]],
) -> dict[str, object]:
    tree: dict[str | int, Any] = {}
    for name, (path, sort) in named.items():
        at = tree
        for part in path[:-1]:
            at = at.setdefault(part, {})
        at[path[-1]] = _expression(values[name], sort)
    name, args, returned, results = call
    made = (name, _texts(args), returned, _texts(results))
    return {
        "#meta": {"index": index},
        **{str(top): _closed(below) for top, below in tree.items()},
        **dict(zip(_CALL, made, strict=True)),
    }


def _closed(below: Any) -> Any:
    """A subtree as ITF has it: numbered parts are a map, named ones a record, the rest a value."""
    if not isinstance(below, dict) or "#bigint" in below:
        return below
    if all(isinstance(key, int) for key in below):
        return {"#map": [[_integer(key), _closed(value)] for key, value in below.items()]}
    return {key: _closed(value) for key, value in below.items()}


def _expression(value: Value, sort: Sort) -> object:
    if sort.kind in (Kind.BOOLEAN, Kind.ENUMERATION):
        return value
    return _integer(int(value, 0) if isinstance(value, str) else int(value))


def _integer(value: int) -> dict[str, str]:
    return {"#bigint": str(value)}


def _texts(values: Mapping[str, Value]) -> dict[str, object]:
    return {"#map": [[name, json.dumps(v) if isinstance(v, bool) else str(v)] for name, v in values.items()]}


def _path(name: str) -> Path:
    parts: list[str | int] = []
    for found in _PART.finditer(name):
        parts.append(found["name"])
        if found["index"]:
            parts.append(int(found["index"]))
    return tuple(parts)


def _types(named: Iterable[tuple[Path, Sort]]) -> dict[str, str]:
    """The types of the variables in Apalache's notation."""
    tree: dict[str | int, Any] = {}
    for path, sort in named:
        at = tree
        for part in path[:-1]:
            at = at.setdefault(part, {})
        at[path[-1]] = {Kind.BOOLEAN: "Bool", Kind.ENUMERATION: "Str"}.get(sort.kind, "Int")
    return {str(top): _type(below) for top, below in tree.items()}


def _type(below: Any) -> str:
    if isinstance(below, str):
        return below
    if all(isinstance(key, int) for key in below):
        return f"Int -> {_type(next(iter(below.values())))}"
    return f"{{ {', '.join(f'{name}: {_type(value)}' for name, value in below.items())} }}"
