"""A recorded log as a trace: one session of it, with small numbers for its handles, up to a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from callproof.errors import InputError
from callproof.expr import Kind
from callproof.model.specification import Specification
from callproof.monitor.files import LINE_LIMIT, blocks
from callproof.monitor.lines import FORMAT, VERSION
from callproof.replay import SUCCESS, Replayer, system_of
from callproof.semantics import HANDLE_LIMIT, Call, Machine, bind, decode, results_of, shapes
from callproof.semantics.passing import Shape
from callproof.trace import Step, Trace, Value
from callproof.trace.reading import parsed, quoted

STEPS = 20_000
"""The most lines of a log that become a trace."""
NOWHERE, APART = 1 << 52, 1 << 40
"""Where memory is taken to lie of which the log does not say where, and how far apart: past what programs are given."""

Text = str | int


class _Line(msgspec.Struct):
    """What a line may say; other keys are for other readers."""

    call: str = ""
    args: dict[str, int | bool | str] = {}
    returned: str | int | None = None
    result: dict[str, int | bool | str] | None = None
    session: Text | None = None
    begin: int | None = None
    end: int | None = None
    kind: str | None = None
    format: str = ""
    version: int = VERSION
    spec: str = ""
    options: dict[str, str] = {}
    readings: dict[str, str] = {}
    kinds: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: where it stands, when its call took effect at the latest, and what it says."""

    number: int
    said: _Line


def is_log(path: str) -> bool:
    """By its name: standard input and other files are taken for traces."""
    return path.removesuffix(".gz").removesuffix(".zst").endswith(".jsonl")


def read_log(path: str, until: int | None = None) -> tuple[_Line, list[Entry]]:
    """The head of a log (empty where it has none) and its lines up to one. A last line that is cut off is left out."""
    decode = msgspec.json.Decoder(_Line).decode
    head, entries = _Line(), list[Entry]()
    for number, text, whole in _texts(path):
        if until is not None and number > until:
            break
        try:
            said = decode(text)
        except (ValueError, RecursionError) as error:
            if not whole:
                break
            raise InputError(f"{path}:{number}: no line of a log: {error}") from None
        if said.format and not entries:
            if (said.format, said.version) != (FORMAT, VERSION):
                raise InputError(f"{path}: format: {quoted(said.format)}, version {said.version} is unknown")
            head = said
        elif len(entries) == STEPS:
            raise InputError(f"{path}: more than {STEPS:,} lines: give --until LINE")
        else:
            entries.append(Entry(number, said))
    return head, entries


def _texts(path: str) -> Iterator[tuple[int, bytes, bool]]:
    """The lines that are not empty, with their numbers, and whether a line has its end."""
    for block in blocks(path):
        if block.long:
            raise InputError(
                f"{path}:{block.long[0]}: longer than {LINE_LIMIT >> 20} MiB, the most that is read of a line"
            )
        for number, raw in enumerate(block.data.split(b"\n") if block.lines else (), block.first):
            if text := raw.strip():
                yield number, text, True
        if block.rest.strip():
            yield block.first, block.rest, False


def trace_of_log(spec: Specification[Any], path: str, session: str | None = None, until: int | None = None) -> Trace:
    """One session of a log (the first, if nobody says which) and what belongs to no session, up to a line.

    Results that the log does not tell are chosen: memory lies where nothing else does. Raises `InputError`.
    """
    head, entries = read_log(path, until)
    named = list(dict.fromkeys(str(e.said.session) for e in entries if e.said.session is not None))
    chosen = session if session is not None else next(iter(named), None)
    if session is not None and session not in named:
        raise InputError(f"{path}: there is no session {session[:40]}; there are {', '.join(named[:10]) or 'none'}")
    own = [e for e in entries if e.said.session is None or str(e.said.session) == chosen]
    known = {option.name: option.values for option in spec.options}
    options = {**head.options, **{k: str(v) for e in own if e.said.call == "@open" for k, v in e.said.args.items()}}
    made = [e for e in _in_order(spec, own) if not e.said.call.startswith("@")]
    steps, kinds = _steps(spec, made, path)
    trace = Trace(
        spec.name,
        tuple(steps),
        head.readings,
        {name: value for name, value in options.items() if value in known.get(name, ())},
        f"a log, up to line {entries[-1].number}" if entries else "a log",
        {**head.kinds, **kinds},
    )
    return _completed(spec, trace, path)


def _in_order(spec: Specification[Any], entries: list[Entry]) -> list[Entry]:
    """By the ends of calls; but a call comes before an event about the same that happened while it was on its way."""
    ends = [entry.said.end for entry in entries]
    if None in ends:
        return entries
    moments: list[tuple[int, int]] = [(entry.said.end or 0, 1) for entry in entries]
    for event in entries:
        at = event.said.end or 0
        if event.said.begin != at or event.said.call not in spec.operations:
            continue
        for position, entry in enumerate(entries):
            said = entry.said
            same = said.session == event.said.session and event.said.args.items() <= said.args.items()
            if entry is not event and same and (said.begin or 0) <= at <= moments[position][0]:
                moments[position] = (at, 0)
    return [entry for _, entry in sorted(zip(moments, entries, strict=True), key=lambda pair: pair[0])]


def _steps(spec: Specification[Any], entries: list[Entry], path: str) -> tuple[list[Step], dict[str, str]]:
    known = shapes(spec)
    numbers: dict[str, dict[Value, int]] = {}
    steps, kinds = list[Step](), dict[str, str]()
    for entry in entries:
        said, place = entry.said, f"{path}:{entry.number}"
        shape = known.get(said.call)
        if shape is None:
            raise InputError(f"{place}: unknown call {quoted(said.call)}")
        args = {name: parsed(v) if isinstance(v, str) else v for name, v in said.args.items()}
        small = {name: _number(numbers.setdefault(kind, {}), args[name], kind, place)
                 for name, kind in shape.handles if name in args}  # fmt: skip
        result = {name: parsed(v) if isinstance(v, str) else v for name, v in (said.result or {}).items()}
        returned = "SUCCESS" if said.returned in SUCCESS else said.returned
        steps.append(Step(said.call, {**args, **small}, returned, result or None))
        if said.kind is not None and small:
            kinds[str(next(iter(small.values())))] = said.kind
    return steps, kinds


def _number(numbers: dict[Value, int], value: Value, kind: str, place: str) -> int:
    if value not in numbers and len(numbers) == HANDLE_LIMIT:
        raise InputError(f"{place}: more than {HANDLE_LIMIT} of {kind}: give --until LINE for less of the log")
    return numbers.setdefault(value, len(numbers) + 1)


def _completed(spec: Specification[Any], trace: Trace, path: str) -> Trace:
    """The trace with the results that are missing, each as good as any that the contract allows."""
    known: Mapping[str, Shape] = shapes(spec)
    calls = [bind(known, step, f"{path}: call {n}") for n, step in enumerate(trace.steps, 1)]
    replayer = Replayer(Machine(system_of(spec, trace, calls)), trace.options)
    steps, cursor = list[Step](), NOWHERE
    for number, (step, call) in enumerate(zip(trace.steps, calls, strict=True), 1):
        place = f"{path}: call {number}"
        accepted = step.returned is None or step.returned in SUCCESS
        while accepted and (missing := _missing(replayer, call, step, place)) is not None:
            name, is_address = missing
            step = replace(
                step, result={**(step.result or {}), name: cursor if is_address else _plain(replayer, call, name)}
            )
            cursor += APART if is_address else 0
        replayer.take(step, call, place)
        steps.append(step)
    return replace(trace, steps=tuple(steps))


def _plain(replayer: Replayer, call: Call, name: str) -> Value:
    """A value of a result that is no address: the first of its sort."""
    action = replayer.machine.system.actions[replayer.machine.action(call.name, call.handles)]
    return decode(0, next(r.var.sort for r in action.results if r.name == name))


def _missing(replayer: Replayer, call: Call, step: Step, place: str) -> tuple[str, bool] | None:
    """A result that exists and is not given, and whether it is an address."""
    compiled = replayer.machine.compiled[replayer.machine.action(call.name, call.handles)]
    _, missing = results_of(compiled, replayer.state, call.args, step.result, place)
    if missing is None:
        return None
    sort = next(r.var.sort for r in compiled.action.results if r.name == missing)
    return missing, sort.kind is Kind.ADDRESS
