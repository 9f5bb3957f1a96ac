"""A trace as a C++ program that makes its calls on a real library, by the template that the specification names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callproof.errors import UsageError
from callproof.model.specification import Specification
from callproof.replay import Replay
from callproof.report.replay_text import printable
from callproof.reproduce.plan import Address, Argument, Expect, Made, plan
from callproof.trace import Value
from callproof.trace.writing import Sorts

_EXPECT = {Expect.ACCEPT: "kAccept", Expect.REFUSE: "kRefuse", Expect.HAZARD: "kHazard", Expect.ANY: "kAny"}
_PLAIN = frozenset(b" !#$%&'()*+,-./:;<=>@[]^_`{|}~") | frozenset(range(0x30, 0x3A)) | frozenset(
    byte for letter in range(26) for byte in (0x41 + letter, 0x61 + letter)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """One step with its parts as C++ has them."""

    made: Made
    text: str
    expect: str
    clauses: str
    args: Mapping[str, str]
    results: str
    against: str
    unseen: str


def program(spec: Specification[Any], replayed: Replay, sorts: Sorts, source: str) -> str:
    """The text of `main.cpp`; `UsageError` where the specification does not say how its calls are written."""
    import jinja2

    known = spec.reproduction
    if known is None:
        raise UsageError(f"the specification {spec.name} does not say how its calls are written in C++")
    folder, name = os.path.split(known.template)
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PrefixLoader({"callproof": jinja2.PackageLoader("callproof.reproduce")}),
             jinja2.FileSystemLoader(folder)]
        ),
        autoescape=False,  # C++, not HTML: the filters `cpp` and `comment` keep text in its place
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"cpp": literal, "comment": comment}
    environment.tests["number_text"] = lambda text: text.isascii() and text.isdecimal()
    made = plan(spec, replayed, sorts, known.returning)
    try:
        return environment.get_template(name).render(
            spec=spec, source=source, plan=made, steps=[_written(step) for step in made.steps]
        )
    except jinja2.TemplateError as error:
        raise UsageError(f"the template {known.template} cannot be filled: {error}") from None
    except KeyError as error:
        raise UsageError(f"the template {known.template} does not say how {error} is written") from None


def _written(step: Made) -> Written:
    args = {name: _expression(value) for name, value in step.args.items()}
    shown = ", ".join(f"{name}={_shown(value)}" for name, value in step.args.items())
    unseen = f"what came back in the trace contradicts {', '.join(step.unseen)}, which is about addresses"
    return Written(
        step,
        f"{step.number}. {step.call}({shown})",
        _EXPECT[step.expect],
        ", ".join(step.clauses),
        args,
        _table(step.results),
        ", ".join(step.axioms),
        unseen if step.unseen else "",
    )


def _table(results: Mapping[str, Value]) -> str:
    """Results by name; nothing where there are none."""
    known = [(name, int(value)) for name, value in results.items() if not isinstance(value, str)]
    entries = ", ".join(f"{{{literal(name)}, {_number(value)}}}" for name, value in known)
    return f"{{{entries}}}" if known else ""


def _expression(value: Argument) -> str:
    match value:
        case Address():
            return str(value)
        case bool():
            return "true" if value else "false"
        case int():
            return _number(value)
        case str():
            return value  # the name of an enumeration's member, which the replay has looked up


def _shown(value: Argument) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return printable(value).lower() if isinstance(value, bool) else printable(value)
    return hex(value) if value >= 1 << 16 else str(value)


def _number(value: int) -> str:
    return f"UINT64_C({hex(value)})" if value >= 1 << 16 else str(value)


def literal(text: str) -> str:
    """Any text as a C++ string literal: every byte that is not a plain letter, digit or sign is written as octal."""
    return '"' + "".join(chr(b) if b in _PLAIN else f"\\{b:03o}" for b in text.encode(errors="surrogatepass")) + '"'


def comment(text: str) -> str:
    """Any text as part of a comment that ends with its line: a backslash there would take the next line in."""
    clean = "".join(c if c.isascii() and c.isprintable() else "." for c in str(text))
    return clean.replace("\\", "/").replace("??", "?.")[:500]
