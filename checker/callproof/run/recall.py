"""Whole results of earlier checks: found again while the specification, the request and the tools are the same."""

from __future__ import annotations

import inspect
import platform
import zlib
from dataclasses import replace
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

import callproof
from callproof.answers import Answers
from callproof.model.fingerprint import fingerprint
from callproof.model.instantiate import STATE_PARAMETERS, handle_kinds, instantiate, signature
from callproof.model.specification import Specification
from callproof.run.request import Request
from callproof.verdict import CheckResult, Status

LOOKED_AT = 3
SIZE_LIMIT = 1 << 26
"""Bytes of a kept result past which it is not unpacked."""


def question(spec: Specification[Any], request: Request) -> bytes | None:
    """What a result depends on, in 20 bytes; None where that cannot be told, for a body's source cannot be read.

    That is the request, the formulas of the specification with every number of resources of the first kind that a check
    looks at, the source of its bodies, this program's source, and the versions of the solver and of Python.
    """
    kinds = handle_kinds(spec.state)
    counts = {kind.__name__: spec.numbers.get(kind, 1) for kind in kinds} | dict(request.resources)
    named = [len(signature(i.body, STATE_PARAMETERS[i.over_step]).handles) for i in spec.invariants.values()]
    systems = [counts]
    for kind in [kind.__name__ for kind in kinds][:1]:
        # The argument for any number looks at three, and an invariant may be checked with one more than it names.
        most = max([LOOKED_AT, counts[kind], request.graphs or 1, *(1 + number for number in named)])
        systems = [counts | {kind: count} for count in range(1, most + 1)]
    try:
        sources = [Path(file).read_bytes() for file in _files(spec)]
    except OSError:
        return None
    parts = [
        f"{spec.name!r} {spec.title!r} {spec.version!r} {list(spec.clauses)} {counts!r} {request!r}".encode(),
        f"z3 {version('z3-solver')} python {platform.python_version()}".encode(),
        _program(),
        *sources,
        *(fingerprint(instantiate(spec, each, request.selection)) for each in systems),
    ]
    content = b"".join(len(part).to_bytes(4) + part for part in parts)
    return blake2b(b"check\0" + content, digest_size=20).digest()


def _files(spec: Specification[Any]) -> list[str]:
    """The files in which the bodies of a specification stand."""
    bodies = [*(o.body for o in spec.operations.values()), *(i.body for i in spec.invariants.values())]
    return sorted({inspect.unwrap(body).__code__.co_filename for body in bodies})


def _program() -> bytes:
    """A digest of this program's source: whatever is changed in it might change a result."""
    folder = Path(callproof.__file__).parent
    content = blake2b(digest_size=20)
    for path in sorted(folder.rglob("*.py")):
        content.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return content.digest()


def recall(answers: Answers, asked: bytes) -> CheckResult | None:
    """The result that an earlier run has kept, with the work that it took to find it here: none."""
    kept = answers.get(asked)
    if kept is None:
        return None
    try:
        packed = zlib.decompressobj()
        result = msgspec.json.decode(packed.decompress(kept, SIZE_LIMIT), type=CheckResult)
    except (zlib.error, msgspec.DecodeError):
        return None
    work = result.work
    return replace(
        result,
        work=replace(
            work,
            solver_calls=0, kept=work.distinct,
            graph_seconds=0.0, proof_seconds=0.0, search_seconds=0.0, solver_seconds=0.0,
        ),
    )  # fmt: skip


def keep(answers: Answers, asked: bytes, result: CheckResult) -> None:
    """Keep a result for later runs; not one that says unknown, which is worth another try."""
    if all(f.status is not Status.UNKNOWN for layer in result.layers for f in layer.findings):
        answers.put(asked, zlib.compress(msgspec.json.encode(result)))
