"""`callproof completion`: has the shell complete commands, options and the names in specifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.types import StringParamType

from callproof.cli.settings import walk
from callproof.errors import Exit, InternalError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SHELLS = ("bash", "zsh", "fish")
SPEC_NAMES = ("spec", "one", "two")
"""Parameters that name a specification."""
OFFERED = {
    **dict.fromkeys(SPEC_NAMES, "specification"),
    "layer": "layer",
    "other_layer": "layer",
    "invariants": "invariant",
    "reading": "reading",
    "against": "reading",
    "option": "option",
    "resource": "resource",
    "driver": "driver",
}
"""What the parameters of these names can be."""


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> int:
    """Print what makes SHELL complete commands, options, and the names of specifications, layers and invariants.

    bash (4.4 or newer): eval "$(callproof completion bash)" in ~/.bashrc. zsh: the same in ~/.zshrc. fish: callproof
    completion fish > ~/.config/fish/completions/callproof.fish.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise InternalError(f"click completes no {shell}")
    made = found(context.find_root().command, {}, "callproof", "_CALLPROOF_COMPLETE")
    # Not made.source(): that of bash asks a shell for its version, and there need be none.
    click.echo(found.source_template % made.source_vars())
    return int(Exit.OK)


class Offered(StringParamType):
    """A string for which the shell has suggestions. What they are is imported when the shell asks."""

    def __init__(self, what: str) -> None:
        self._what = what

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from callproof.cli.offers import offer

        return offer(self._what, ctx, param, incomplete)


def add_completion(app: click.Group) -> None:
    """Teach the options and arguments of all commands what they can be."""
    for _, command in walk(app):
        for param in command.params:
            what = OFFERED.get(str(param.name))
            if what is not None and type(param.type) is StringParamType:
                param.type = Offered(what)
