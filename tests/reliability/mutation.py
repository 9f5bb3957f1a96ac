"""Inputs that are nearly right: bytes of a good one, cut, spliced and overwritten, and its JSON values exchanged."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

EDGES: tuple[Any, ...] = (
    0, -1, 1, 2**63, 2**64 - 1, 2**64, -(2**63), 10**400, 0.5, 1e308, True, False, None, "", "0x", "0xffffffffffffffff",
    "0x10000000000000000", "18446744073709551616", "-1", "\u202e\u2028\x00", "\ud800", "x" * 10_000, [], {}, [[]],
)  # fmt: skip
"""Values at the ends of what a field may hold, and past them."""
WORDS = (
    b"\x00", b"\xff", b"\n", b"\r\n", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\xef\xbb\xbf", b"\xed\xa0\x80",
    b"1e999", b"NaN", b"-0", b"9" * 400, b"[" * 5_000, b'{"a":' * 2_000, b"\\ud800", b"\x1f\x8b\x08", b"(\xb5/\xfd",
)  # fmt: skip
"""Bytes that readers trip over: brackets without end, numbers without end, the first bytes of packed files."""


def mutated(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One input made of good ones."""
    data = rng.choice(seeds)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
        data = _json(rng, data) if rng.random() < 0.5 else _bytes(rng, data, seeds)
    return data


def _bytes(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    start = rng.randint(0, len(data))
    end = min(len(data), start + rng.choice((0, 1, 1, 2, 8, 64, 4096)))
    kind = rng.randrange(6)
    if kind == 0:
        return data[:start] + data[end:]
    if kind == 1:
        return data[:end] + data[start:end] * rng.choice((1, 2, 50)) + data[end:]
    if kind == 2:
        return data[:start] + rng.choice(WORDS) + data[end:]
    if kind == 3:
        return data[:start] + rng.randbytes(end - start) + data[end:]
    if kind == 4:
        other = rng.choice(seeds)
        return data[:start] + other[rng.randint(0, len(other)) :]
    return data[:start]


def _json(rng: random.Random, data: bytes) -> bytes:
    """One value of the document, or of one of its lines, is exchanged, dropped or doubled."""
    try:
        return _dumped(_changed(rng, json.loads(data)))
    except (ValueError, RecursionError):
        pass
    lines = data.split(b"\n")
    number = rng.randrange(len(lines))
    try:
        lines[number] = _dumped(_changed(rng, json.loads(lines[number])))
    except (ValueError, RecursionError):
        rng.shuffle(lines)
    return b"\n".join(lines)


def _dumped(document: Any) -> bytes:
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _changed(rng: random.Random, document: Any) -> Any:
    places = list(_places(document))
    if not places:
        return rng.choice(EDGES)
    holder, key = rng.choice(places)
    kind = rng.randrange(5)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[rng.choice(("", "call", "args", "version", "unknown", str(key) + "x"))] = holder[key]
    elif kind == 2:
        other, of = rng.choice(places)
        holder[key] = _copied(other[of])
    elif kind == 3 and isinstance(holder, list):
        holder.extend([_copied(holder[key])] * rng.choice((1, 3, 300)))
    else:
        holder[key] = rng.choice(EDGES)
    return document


def _copied(value: Any) -> Any:
    """A value of its own: a document that holds itself has no text."""
    return json.loads(json.dumps(value))


def _places(document: Any) -> Any:
    stack = [document]
    while stack:
        holder = stack.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ():
            yield holder, key
            stack.append(holder[key])
