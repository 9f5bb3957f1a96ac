"""`callproof settings`: what is set, and by whom."""

from __future__ import annotations

import json
import os
from typing import Any

import click
from click.core import ParameterSource

from callproof.cli.guarded import INNER
from callproof.cli.settings import META, PREFIX, Settings, key, params, walk
from callproof.cli.terminal import show
from callproof.errors import Exit, UsageError


@click.command("settings")
@click.argument("command", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("-q", "--quiet", is_flag=True, help="The last line only.")
@click.option("-v", "--verbose", is_flag=True, help="Also what nobody has set.")
@click.pass_context
def settings_command(
    context: click.Context, command: tuple[str, ...], as_json: bool, verbose: bool, quiet: bool
) -> int:
    """Show the settings in force of every COMMAND, or of one, and where each comes from.

    The command line is stronger than the environment (CALLPROOF_COMMAND_OPTION, or CALLPROOF_OPTION for all), that than
    callproof.toml, that than [tool.callproof] in pyproject.toml, that than the default.
    """
    root = context.find_root()
    found = rows(root, command)
    if command and not found:
        raise UsageError(f"there is no command {' '.join(command)}")
    chosen = [row for row in found if verbose or row["origin"] != "default"]
    files = list(root.meta.get(META, Settings()).files)
    if as_json:
        document = {"format": "callproof-settings", "version": 1, "files": files, "settings": chosen}
        click.echo(json.dumps(document, indent=1, default=str))
        return int(Exit.OK)
    for row in () if quiet else chosen:
        show(f"{row['command']}.{row['key']} = {json.dumps(row['value'], default=str)}  ({row['origin']})\n")
    count = sum(row["origin"] != "default" for row in found)
    show(f"{count} set; files: {', '.join(files) or 'none'}\n")
    return int(Exit.OK)


def rows(root: click.Context, wanted: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Every setting of the commands below a name: command, key, value, origin."""
    app = root.command
    assert isinstance(app, click.Group)
    settings: Settings = root.meta.get(META, Settings())
    found = []
    for path, command in walk(app):
        if path[: len(wanted)] != wanted:
            continue
        context = root
        for name in path:
            assert isinstance(context.command, click.Group)
            context = click.Context(context.command.commands[name], parent=context, info_name=name)
        for param in params(command).values():
            value, source = param.consume_value(context, {})
            value = None if type(value).__name__ == "Sentinel" or repr(value).startswith("Sentinel") else value
            origin = "default"
            if source is ParameterSource.ENVIRONMENT:
                origin = next(name for name in param.envvar or () if _is_set(name))
            elif source is ParameterSource.DEFAULT_MAP:
                origin = settings.origin(path, str(param.name))
            found.append({"command": ".".join(path), "key": key(param), "value": value, "origin": origin})
    return found


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name))


def unknown_variables(app: click.Group) -> list[str]:
    """Variables of the environment that look like settings and are none."""
    known = {name for _, command in walk(app) for param in command.params for name in param.envvar or ()}
    others = {"CALLPROOF_DRIVER", "CALLPROOF_RECORD_OUT", "CALLPROOF_RECORD_LIMIT", "CALLPROOF_CHILD", INNER}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known | others)
