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
from callproof.model.instantiate import handle_kinds, instantiate
from callproof.model.specification import Specification
from callproof.run.request import Request
from callproof.verdict import CheckResult, Status

SIZE_LIMIT = 1 << 26
"""Bytes of a kept result past which it is not unpacked."""


def question(spec: Specification[Any], request: Request) -> bytes | None:
    """What a result depends on, in 20 bytes; None where that cannot be told, for a body's source cannot be read.

    That is the request, the formulas of the specification with one and two resources of the first kind (or as many as
    are asked for), the source of its bodies, this program's source, and the versions of the solver and of Python.
    """
    counts = dict(request.resources)
    first = [kind.__name__ for kind in handle_kinds(spec.state)][:1]
    systems = [counts | {kind: count} for kind in first for count in sorted({1, 2, request.graphs or 1})] or [counts]
    try:
        sources = [Path(file).read_bytes() for file in _files(spec)]
    except OSError:
        return None
    parts = [
        f"{spec.name!r} {spec.title!r} {spec.version!r} {list(spec.clauses)} {request!r}".encode(),
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
