"""A specification by its name, and by a digest of what it means, so that another process can be sure of having it."""

from __future__ import annotations

import inspect
import os
import socket
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from callproof.errors import UsageError
from callproof.model.fingerprint import fingerprint
from callproof.model.instantiate import instantiate
from callproof.model.lint import require_clean
from callproof.model.loading import load_specification
from callproof.model.specification import Specification


@dataclass(frozen=True, slots=True)
class Named:
    """How a task names its specification."""

    name: str
    """As `load_specification` takes it."""
    identity: str

    @classmethod
    def of(cls, name: str, spec: Specification[Any]) -> Named:
        """The name of a specification that was loaded by it; a file by its whole path."""
        if is_file(name):
            path, colon, wanted = (name, "", "") if name.endswith(".py") else name.rpartition(":")
            name = f"{os.path.abspath(os.path.expanduser(path))}{colon}{wanted}"
        return cls(name, identity(spec))

    def load(self) -> Specification[Any]:
        """The specification. Raises `UsageError` where it is another here than where it was named."""
        spec = load_specification(self.name)
        require_clean(spec)
        if identity(spec) != self.identity:
            where = socket.gethostname()
            raise UsageError(f"the specification {self.name} on {where} is another; install the same there and here")
        return spec


def is_file(name: str) -> bool:
    """A specification is named by its file, and not by an entry point."""
    return ":" in name or name.endswith(".py") or os.sep in name


def identity(spec: Specification[Any]) -> str:
    """A digest of a specification's formulas and of the files in which its bodies stand."""
    parts = [
        repr((spec.name, spec.title, spec.version, list(spec.clauses))).encode(),
        fingerprint(instantiate(spec, {})),
    ]
    bodies = [*(o.body for o in spec.operations.values()), *(i.body for i in spec.invariants.values())]
    for file in sorted({inspect.unwrap(body).__code__.co_filename for body in bodies}):
        try:
            parts.append(Path(file).read_bytes())
        except OSError:
            parts.append(b"")
    return blake2b(b"".join(len(part).to_bytes(8) + part for part in parts), digest_size=20).hexdigest()
