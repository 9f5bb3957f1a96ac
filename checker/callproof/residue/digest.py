"""A name for a formula that does not depend on the pool that holds it, nor on the run."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from callproof.residue.pool import CONST, CONTROL, DATA, Pool


class Digests:
    """16 bytes for each formula of a pool: equal formulas of two runs have equal digests."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._found: dict[int, bytes] = {}

    def of(self, formula: int) -> bytes:
        """The digest of a formula: of its operator, its sort, and its children's digests or its name or value."""
        found = self._found.get(formula)
        if found is None:
            pool, op = self._pool, self._pool.op[formula]
            sort = pool.sort[formula]
            text = f"{op} {sort.kind.value} {sort.values} "
            if op == CONST:
                content = [str(pool.args[formula][0]).encode()]
            elif op in (CONTROL, DATA):
                content = [pool.name[formula].encode()]
            else:
                children = [self.of(a) for a in pool.args[formula]]
                # A pool orders what may be ordered by its own numbers.
                content = sorted(children) if op in pool.UNORDERED else children
            found = self._found[formula] = blake2b(text.encode() + b"|".join(content), digest_size=16).digest()
        return found

    def together(self, kind: str, formulas: Iterable[int]) -> bytes:
        """The digest of a question of a kind about a set of formulas."""
        members = b"".join(sorted(map(self.of, formulas)))
        return blake2b(kind.encode() + b"\0" + members, digest_size=20).digest()
