"""Writing a certificate's directory whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from callproof.certificate.reading import read_manifest
from callproof.errors import UsageError, UserError


def require_replaceable(directory: str) -> None:
    """`UsageError` where a certificate could not be written: asked before long work, for what stands at its end."""
    target = os.path.realpath(directory)
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise UsageError(f"--certify {directory}: there is no directory {folder}")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"--certify {directory}: {folder} cannot be written: permission denied")
    if not os.path.lexists(target):
        return
    if not os.path.isdir(target):
        raise UsageError(f"--certify {directory}: is no directory")
    try:
        if not os.listdir(target):
            return
        read_manifest(target)
    except (UserError, OSError):
        raise UsageError(f"--certify {directory}: is there already, and is no certificate; name another") from None


def write_certificate(directory: str, files: Mapping[str, bytes]) -> None:
    """Write every file beside the directory, which then takes its name; an earlier certificate there is replaced."""
    require_replaceable(directory)
    target = os.path.realpath(directory)
    beside, old = f"{target}.{os.getpid()}.tmp", f"{target}.{os.getpid()}.old"
    try:
        os.mkdir(beside)
        for path, data in files.items():
            whole = Path(beside) / path
            whole.parent.mkdir(parents=True, exist_ok=True)
            whole.write_bytes(data)
        if os.path.isdir(target):
            os.rename(target, old)
        os.rename(beside, target)
    except OSError as error:
        if os.path.isdir(old) and not os.path.isdir(target):
            os.rename(old, target)
        raise UsageError(f"--certify {directory}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


__all__ = ["require_replaceable", "write_certificate"]
