"""The states of the sessions of one log: each its own, with what concerns the whole process done in every one."""

from __future__ import annotations

from collections.abc import Mapping

from callproof.errors import LimitError, UsageError
from callproof.parametric import OpenMachine, World

SESSION_LIMIT = 4_096
"""The most sessions that are followed at a time."""

Name = int | str | None


class Sessions:
    """Worlds by session. That of None has seen only what concerns the process; a new session begins as its copy."""

    def __init__(self, machine: OpenMachine, options: Mapping[str, str], unknown: bool) -> None:
        self._machine = machine
        base = machine.world(options)
        if unknown:
            base.make_unseen()
        self.worlds: dict[Name, World] = {None: base}
        self.count = 0

    def get(self, name: Name) -> World:
        """The world of a session, new if it was not heard of."""
        found = self.worlds.get(name)
        return self.open(name, {}) if found is None else found

    def open(self, name: Name, options: Mapping[str, str]) -> World:
        """A session begins, with options of its own. Raises `UsageError` for an option that is not there."""
        if len(self.worlds) > SESSION_LIMIT:
            self._drop_idle()
        base = self.worlds[None]
        made = base.copy()
        made.facts = ()  # they speak of values that another session need not have
        if options:
            chosen = self._machine.world(options)
            first = len(self._machine.places.fields[()]) - len(self._machine.places.options)
            for number, option in enumerate(self._machine.places.options, first):
                if option.sort.name in options:
                    made.session[number] = chosen.session[number]
        self.worlds[name] = made
        self.count += 1
        return made

    def close(self, name: Name) -> None:
        """A session is gone, with all that it had."""
        if name is None:
            raise UsageError("a line that ends a session names it")
        self.worlds.pop(name, None)

    def _drop_idle(self) -> None:
        base = self.worlds[None]
        idle = [name for name, world in self.worlds.items() if name is not None and world.same(base)]
        for name in idle:
            del self.worlds[name]
        if not idle:
            raise LimitError(f"more than {SESSION_LIMIT:,} sessions are in use at once, the most that are followed")

    def left_open(self) -> int:
        """Sessions in which something is left."""
        base = self.worlds[None]
        named = [world for name, world in self.worlds.items() if name is not None]
        return sum(not world.same(base) for world in named)

    def sweep(self) -> None:
        """Forget what is as in the beginning."""
        for world in self.worlds.values():
            world.sweep()

    def copy(self) -> Sessions:
        """Sessions of their own, in the same states."""
        made = Sessions.__new__(Sessions)
        made._machine, made.count = self._machine, self.count
        made.worlds = {name: world.copy() for name, world in self.worlds.items()}
        return made

    def same(self, other: Sessions) -> bool:
        """All sessions are in the same states."""
        return self.worlds.keys() == other.worlds.keys() and all(
            world.same(other.worlds[name]) for name, world in self.worlds.items()
        )
