"""Values that nobody has seen: what is computed with one is unknown too, and whoever decides by one is told so."""

from __future__ import annotations

from typing import Any, NoReturn


class Undecided(Exception):
    """Something depends on a value that is not known."""


class Unknown:
    """A value that is not known; the same object is the same value.

    `name` is empty for one that was computed from others, so that nothing can be learned about it.
    """

    __slots__ = ("name",)

    def __init__(self, name: str = "") -> None:
        self.name = name

    def __bool__(self) -> NoReturn:
        raise Undecided

    def _computed(self, *_: Any) -> Any:
        return Unknown()

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _computed
    __add__ = __radd__ = __sub__ = __rsub__ = __and__ = __rand__ = _computed
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return self.name or "?"


Value = int | Unknown
