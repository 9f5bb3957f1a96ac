"""A directory of failing cases, one trace file each, and what has become of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from callproof.conform.catalogue import Catalogue
from callproof.conform.lanes import Open
from callproof.conform.observations import Sighting
from callproof.conform.rerun import Rerun
from callproof.conform.results import Finding
from callproof.conform.settings import Setting
from callproof.errors import Exit, InputError, UsageError
from callproof.model.instantiate import instantiate
from callproof.model.specification import Specification
from callproof.trace import Trace, read_trace, sorts_of, write_trace

SUFFIX = ".trace.json"


def file_name(finding: Finding) -> str:
    """The name of a finding's file: the same for the same finding."""
    parts = [finding.signature.sort.value, finding.signature.call, *finding.signature.clauses]
    return "-".join(re.sub(r"[^\w.]+", "_", part) for part in parts)[:120] + SUFFIX


def write_corpus(folder: str, findings: Iterable[Finding], spec: Specification[Any]) -> list[str]:
    """Write each finding's trace; the names of the files. `UsageError` where they cannot be written."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}") from None
    sorts = sorts_of(instantiate(spec, {}))
    names = []
    for finding in findings:
        names.append(file_name(finding))
        write_trace(os.path.join(folder, names[-1]), finding.trace, sorts)
    return names


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a file's case does now: `fixed`, `failing` or `error`, and what was seen."""

    file: str
    status: str
    message: str
    sighting: Sighting | None = None

    @property
    def exit(self) -> Exit:
        if self.status == "error":
            return Exit.USAGE
        if self.sighting is None:
            return Exit.OK
        return Exit.DRIVER if self.sighting.signature.sort.is_failure else Exit.VIOLATED


def corpus_files(folder: str) -> list[str]:
    """The trace files of a directory, by name; `UsageError` where there are none."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}") from None
    if not names:
        raise UsageError(f"{folder}: there is no file *{SUFFIX} in it")
    return [os.path.join(folder, name) for name in names]


def replay_corpus(spec: Specification[Any], files: Iterable[str], open_session: Open) -> list[Replayed]:
    """Run every case again, each on a process of its own."""
    with open_session() as session:
        offer = session.offer
    worlds: dict[str, Rerun] = {}
    found = []
    for file in files:
        try:
            found.append(_replayed(spec, file, read_trace(file), offer, worlds, open_session))
        except InputError as error:
            found.append(Replayed(file, "error", str(error)))
    return found


def _replayed(
    spec: Specification[Any], file: str, trace: Trace, offer: Any, worlds: dict[str, Rerun], open_session: Open
) -> Replayed:
    if trace.spec != spec.name:
        raise InputError(f"{file}: spec: it is a trace of {trace.spec[:60]}, not of {spec.name}")
    setting = _setting(spec, file, trace)
    key = f"{setting.label} {sorted(trace.readings.items())}"
    if key not in worlds:
        catalogue = Catalogue(spec, offer, tuple(trace.readings.items()))
        worlds[key] = Rerun(catalogue.world(setting, catalogue.counts))
    with open_session() as session:
        outcome = worlds[key].run(session, trace.steps)
    if outcome.sighting is not None:
        signature = outcome.sighting.signature
        ids = f" ({', '.join(signature.clauses)})" if signature.clauses else ""
        message = f"{signature.call} {signature.sort.value}{ids}"
        return Replayed(file, "failing", message, outcome.sighting)
    if outcome.stopped:
        return Replayed(file, "error", outcome.stopped)
    return Replayed(file, "fixed", "")


def _setting(spec: Specification[Any], file: str, trace: Trace) -> Setting:
    options = {option.name: trace.options.get(option.name, option.values[0]) for option in spec.options}
    known = {option.name: option.values for option in spec.options}
    for name, value in trace.options.items():
        if name not in known or value not in known[name]:
            raise InputError(f"{file}: options: {spec.name} has no option {name[:60]} = {value[:60]}")
    if not all(index.isdigit() for index in trace.kinds):
        raise InputError(f"{file}: kinds: a resource is named by its number")
    return Setting(options, {int(index): name for index, name in trace.kinds.items()})
