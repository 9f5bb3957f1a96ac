"""A trace as JSON Lines: a log of steps, or the requests that make its calls on a driver process."""

from __future__ import annotations

import json
from collections.abc import Iterator

from callproof.drivers.messages import bye_line, call_line, hello_line, reset_line
from callproof.monitor.lines import FORMAT, VERSION
from callproof.replay import Replay
from callproof.trace.writing import Sorts, step_document


def log_text(replayed: Replay, sorts: Sorts) -> str:
    """The steps, one a line, behind a line that names the specification, its readings and options."""
    trace = replayed.trace
    head: dict[str, object] = {"format": FORMAT, "version": VERSION, "spec": trace.spec}
    head |= {name: dict(value) for name in ("readings", "options", "kinds") if (value := getattr(trace, name))}
    documents = [head, *(step_document(step, sorts.get(step.call, {})) for step in trace.steps)]
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


def requests_text(replayed: Replay) -> str:
    """What a driver process is to read: hello, reset, the calls, bye. Addresses are those of the trace."""
    return b"".join(_requests(replayed)).decode()


def _requests(replayed: Replay) -> Iterator[bytes]:
    trace = replayed.trace
    yield hello_line(1, trace.spec)
    yield reset_line(2, replayed.options, trace.kinds)
    for id, step in enumerate(trace.steps, 3):
        yield call_line(id, step.call, step.args)
    yield bye_line(len(trace.steps) + 3)
