"""The command line: streams in, exit code out."""

from callproof.cli.main import app, main

__all__ = ["app", "main"]
