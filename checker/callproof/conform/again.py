"""A trace run again on a driver, and judged anew with what the driver returns now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callproof.conform.catalogue import Catalogue
from callproof.conform.rerun import Outcome, Rerun
from callproof.conform.settings import Setting
from callproof.drivers.session import Session
from callproof.errors import InputError
from callproof.model.specification import Specification
from callproof.semantics import bind, shapes
from callproof.trace import Trace


def run_again(spec: Specification[Any], trace: Trace, command: Sequence[str], timeout: float) -> Outcome:
    """Make the calls of a trace on a driver, on a process of its own, until one fails.

    Raises `InputError` where the trace does not fit the specification, and `UsageError` where the driver cannot be
    started.
    """
    known = shapes(spec)
    used: dict[str, int] = {}
    for number, step in enumerate(trace.steps, 1):
        call = bind(known, step, f"step {number}")
        for (_, kind), index in zip(known[step.call].handles, call.handles, strict=True):
            used[kind] = max(used.get(kind, 1), index)
    with Session(command, spec.name, timeout) as session:
        catalogue = Catalogue(spec, session.offer, tuple(trace.readings.items()))
        setting = setting_of(spec, trace.options, trace.kinds)
        return Rerun(catalogue.world(setting, used)).run(session, trace.steps)


def setting_of(spec: Specification[Any], options: Mapping[str, str], kinds: Mapping[str, str]) -> Setting:
    """The setting of a trace's options and kinds, the latter by a resource's number as text.

    Raises `InputError` for an option or a value that the specification does not have.
    """
    known = {option.name: option.values for option in spec.options}
    for name, value in options.items():
        if value not in known.get(name, ()):
            raise InputError(f"options: {spec.name} has no option {name[:60]} = {value[:60]}")
    chosen = {name: options.get(name, values[0]) for name, values in known.items()}
    return Setting(chosen, {int(index): kind for index, kind in kinds.items() if index.isdecimal()})
