"""The state of one session: a record for itself, for each resource that is not as it was in the beginning, and for
each pair of such."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from callproof.errors import LimitError
from callproof.parametric.places import Place, Places
from callproof.parametric.unknown import Undecided, Unknown, Value

Record = list[Value]
Handles = tuple[int, ...]

Group = tuple[str, ...]
"""The kinds of the resources to which a record belongs."""
Trail = dict[str, tuple[Any, Record, Record]]
"""By call: what was noted of its last line that changed a record, and the record before and after."""

GONE_LIMIT = 512
"""Of so many resources that are as in the beginning again it is still known why."""
LIVE_LIMIT = 100_000
"""The most resources of one kind that are followed at a time."""
SWEEP_FROM = 16
"""So many resources of a kind are kept before those that are as in the beginning are looked for."""


class World:
    """`session`: the session's own variables, then the options. `tables`: by kind, the records by handle. `pairs`: by
    pair of kinds, the records that are not zero, by both handles.

    `unseen` are the kinds of which there may be resources that were never seen and are in any state. `trails` say which
    lines made each record what it is. `facts` is for whoever learns something about the values that are not known.
    """

    __slots__ = ("facts", "gone", "limits", "pairs", "places", "session", "tables", "trails", "unseen")

    def __init__(self, places: Places, options: Mapping[str, int]) -> None:
        self.places = places
        own = len(places.fields[()]) - len(places.options)
        self.session: Record = [*([0] * own), *(options.get(var.name, 0) for var in places.options)]
        self.tables: list[dict[int, Record]] = [{} for _ in places.kinds]
        self.pairs: list[dict[Handles, Record]] = [{} for _ in places.pairs]
        self.limits = [SWEEP_FROM] * len(self.tables)
        self.unseen: set[str] = set()
        self.trails: dict[tuple[Group, Handles], Trail] = {}
        self.gone: dict[tuple[Group, Handles], None] = {}
        self.facts: tuple[Any, ...] = ()

    def copy(self) -> World:
        """A world of its own; unknown values stay the same values."""
        made = World.__new__(World)
        made.places, made.session = self.places, self.session[:]
        made.tables = [{handle: record[:] for handle, record in table.items()} for table in self.tables]
        made.pairs = [{handles: record[:] for handles, record in pair.items()} for pair in self.pairs]
        made.limits, made.unseen = self.limits[:], set(self.unseen)
        made.trails, made.gone = {key: dict(trail) for key, trail in self.trails.items()}, dict(self.gone)
        made.facts = self.facts
        return made

    def make_unseen(self) -> None:
        """Nothing is known of the state, the options apart."""
        fields = self.places.fields[()]
        for slot in range(len(fields) - len(self.places.options)):
            self.session[slot] = Unknown(fields[slot].pattern)
        self.unseen = set(self.places.kinds)

    def blank(self, group: Group, handles: Handles) -> Record:
        """The record of a resource, or pair of resources, that nothing was said of yet."""
        fields = self.places.fields[group]
        if not self.unseen.intersection(group):
            return [0] * len(fields)
        names = tuple(map(str, handles))
        return [Unknown(self.places.shown(Place(group, handles, slot), names)) for slot in range(len(fields))]

    def record(self, group: Group, handles: Handles) -> Record:
        """The record of the session, a resource or a pair; a blank one where there is none."""
        found: Record | None
        if not group:
            return self.session
        if len(group) == 1:
            found = self.tables[self.places.numbers[group[0]]].get(handles[0])
        else:
            found = self.pairs[self.places.pairs.index(group)].get(handles)
        return self.blank(group, handles) if found is None else found

    def keep(self, group: Group, handles: Handles, record: Record) -> None:
        """Store a record. That of a pair is dropped where it is zero and could be nothing else."""
        if not group:
            self.session = record
        elif len(group) == 1:
            self.tables[self.places.numbers[group[0]]][handles[0]] = record
        elif is_zero(record) and not self.unseen.intersection(group):
            self.pairs[self.places.pairs.index(group)].pop(handles, None)
        else:
            self.pairs[self.places.pairs.index(group)][handles] = record

    def same(self, other: World) -> bool:
        """The two are in the same state, whatever the unknown values are called of which no fact speaks."""
        names = Renaming(fixed=bool(self.facts))
        return (
            self.unseen == other.unseen
            and self.facts == other.facts
            and names.matches(self.session, other.session)
            and all(_same(a, b, names) for a, b in zip(self.tables, other.tables, strict=True))
            and all(_same(a, b, names) for a, b in zip(self.pairs, other.pairs, strict=True))
        )

    def forget(self, group: Group, handles: Handles) -> None:
        """A record is as in the beginning; why it is so is known for some time yet."""
        self.gone.pop((group, handles), None)
        self.gone[group, handles] = None
        if len(self.gone) > GONE_LIMIT:
            oldest = next(iter(self.gone))
            del self.gone[oldest]
            if len(oldest[0]) != 1 or oldest[1][0] not in self.tables[self.places.numbers[oldest[0][0]]]:
                self.trails.pop(oldest, None)

    def sweep(self) -> None:
        """Forget the resources that are as in the beginning, of the kinds that have become many.

        Raises `LimitError` where more are left than are followed.
        """
        for number, kind in enumerate(self.places.kinds):
            table = self.tables[number]
            if len(table) <= self.limits[number]:
                continue
            if kind not in self.unseen:
                used = self.referenced(kind) if self.places.references(kind) else frozenset()
                gone = [handle for handle, record in table.items() if is_zero(record) and handle not in used]
                for handle in gone:
                    del table[handle]
                    self.forget((kind,), (handle,))
            if len(table) > LIVE_LIMIT:
                raise LimitError(f"more than {LIVE_LIMIT:,} of {kind} are in use at once, the most that are followed")
            self.limits[number] = max(SWEEP_FROM, min(2 * len(table), LIVE_LIMIT))

    def refers(self, kind: str, handle: int) -> bool:
        """A pair or a stored handle names the resource."""
        for both, pairs in zip(self.places.pairs, self.pairs, strict=True):
            for position, owner in enumerate(both if pairs else ()):
                if owner == kind and any(handles[position] == handle for handles in pairs):
                    return True
        stored = handle + 1
        for group, slots in self.places.storing.get(kind, ()):
            for record in self._records(group):
                if any(type(value := record[slot]) is int and value == stored for slot in slots):
                    return True
        return False

    def referenced(self, kind: str) -> frozenset[int]:
        """The handles of a kind that pairs or stored handles name."""
        used: set[int] = set()
        for both, pairs in zip(self.places.pairs, self.pairs, strict=True):
            for position in (n for n, owner in enumerate(both) if owner == kind):
                used.update(handles[position] for handles in pairs)
        for group, slots in self.places.storing.get(kind, ()):
            for record in self._records(group):
                used.update(value - 1 for slot in slots if isinstance(value := record[slot], int) and value)
        return frozenset(used)

    def _records(self, group: Group) -> list[Record]:
        if not group:
            return [self.session]
        if len(group) == 1:
            return list(self.tables[self.places.numbers[group[0]]].values())
        return list(self.pairs[self.places.pairs.index(group)].values())


def is_zero(record: Record) -> bool:
    """Every value is known to be the initial one."""
    try:
        return not any(record)
    except Undecided:
        return False


def identical(one: Record, two: Record) -> bool:
    """The same values; unknown ones are compared by what they are, not by what they may be."""
    try:
        return one == two
    except Undecided:
        return all(a is b or (type(a) is int and type(b) is int and a == b) for a, b in zip(one, two, strict=True))


class Renaming:
    """Which unknown value of one world is which of another.

    One call that is made in two worlds leaves two objects for what nobody knows; where each stands for the other at all
    places, the two worlds are in the same states. A `fixed` renaming takes each for itself.
    """

    def __init__(self, *, fixed: bool) -> None:
        self._fixed = fixed
        self._there: dict[int, Unknown] = {}
        self._back: dict[int, Unknown] = {}

    def matches(self, one: Record, two: Record) -> bool:
        """The records hold the same values under this renaming, which may grow."""
        return all(
            self._pairs(a, b) if isinstance(a, Unknown) or isinstance(b, Unknown) else a == b
            for a, b in zip(one, two, strict=True)
        )

    def _pairs(self, one: Value, two: Value) -> bool:
        if not isinstance(one, Unknown) or not isinstance(two, Unknown) or one.name != two.name:
            return False
        if self._fixed:
            return one is two
        return self._there.setdefault(id(one), two) is two and self._back.setdefault(id(two), one) is one


def _same(
    one: dict[int, Record] | dict[Handles, Record], two: dict[int, Record] | dict[Handles, Record], names: Renaming
) -> bool:
    get: Callable[..., Record | None] = two.get
    if any(key not in one and not is_zero(record) for key, record in two.items()):
        return False
    for key, record in one.items():
        other = get(key)
        if not (is_zero(record) if other is None else names.matches(record, other)):
            return False
    return True
