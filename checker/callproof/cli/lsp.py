"""`callproof lsp`: what an editor asks about a specification."""

from __future__ import annotations

import importlib.util

import click

from callproof.errors import Exit, UsageError


@click.command("lsp")
def lsp_command() -> int:
    """Speak the Language Server Protocol on stdin and stdout, for an editor of specification files.

    Faults stand at their lines when a file is opened or saved, hovering over a clause shows its source and what needs
    it, and a lens above each call and invariant checks it. A specification is run to be read, in a process of its own.
    """
    if importlib.util.find_spec("pygls") is None:
        raise UsageError("lsp needs pygls: pip install 'callproof[lsp]'")

    from callproof.cli.kept import answers_path
    from callproof.editor.server import serve

    serve(str(answers_path()))
    return Exit.OK
