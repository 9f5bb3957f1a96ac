"""How many resources a check takes, which invariants it proves of how many, and how far each verdict goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from callproof.answers import Answers
from callproof.errors import UsageError
from callproof.limits import RESOURCE_LIMIT
from callproof.model.instantiate import STATE_PARAMETERS, Selection, handle_kinds, signature
from callproof.model.specification import Specification
from callproof.prove.parametric import Argument, Wide, argue


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources of one check.

    Without an `argument` all are there literally. With one the first kind is there in any number, and `counts` gives
    the number in the system that is explored; unless `note` says why the argument does not hold.
    """

    counts: Mapping[str, int]
    kind: str
    """The first kind of handle; empty where there is none."""
    named: Mapping[str, int]
    """How many resources of the first kind each invariant names."""
    argument: Argument | None = None
    note: str = ""

    @property
    def count(self) -> int:
        """The resources of the first kind in the explored system."""
        return self.counts.get(self.kind, 1)

    @property
    def any_number(self) -> bool:
        """What is proved holds for any number of the first kind."""
        return self.argument is not None and not self.note

    def needed(self, id: str) -> int:
        """The fewest resources of the first kind of which an invariant says something."""
        if self.argument is not None and id in self.argument.wide:
            return self.argument.wide[id].count
        return 2 if self.argument is not None and id in self.argument.pairs else max(1, self.named[id])

    def literally(self, id: str) -> int:
        """With how many of the first kind an engine checks an invariant that knows no argument for any number."""
        return self.count if self.argument is None else max(self.count, self.needed(id))

    def alone(self) -> list[str]:
        """The invariants that are proved in the explored system."""
        if self.argument is None:
            return list(self.named)
        if self.note:
            return [id for id in self.named if self.needed(id) <= self.count]
        return [id for id in self.named if id in self.argument.single]

    def pairs(self) -> list[str]:
        """The invariants that are proved between each two resources."""
        if self.argument is None or self.note:
            return []
        return [id for id in self.named if id in self.argument.pairs]

    def wide(self) -> dict[str, Wide]:
        """The invariants that are checked by themselves, with more resources, and why."""
        if self.argument is None or self.note:
            return {}
        return {id: self.argument.wide[id] for id in self.named if id in self.argument.wide}

    def fallen_back(self, count: int, note: str) -> Resources:
        """The same with a number of the first kind, and why it is no more than that."""
        return replace(self, counts={**self.counts, self.kind: count}, note=note)

    def scope(self, id: str, count: int | None = None, reach: str = "any length") -> str:
        """How far a verdict goes. `count`: with so many of the first kind, where it was checked by itself."""
        parts = [reach]
        for name, number in self.counts.items():
            if name == self.kind and self.any_number and count is None:
                parts.append(f"any number of {name}")
            else:
                parts.append(f"{count if name == self.kind and count is not None else number} {name}")
        if self.trivial(id, count):
            parts.append(f"trivially: it names {self.named[id]}")
        return ", ".join(parts)

    def trivial(self, id: str, count: int | None = None) -> bool:
        """An invariant that names more resources than there are says nothing."""
        return not self.any_number and self.named[id] > (self.count if count is None else count)


def choose(
    spec: Specification[Any],
    graphs: int | None,
    asked: Mapping[str, int],
    select: Selection,
    budget: int,
    answers: Answers | None = None,
) -> Resources:
    """The resources that a request asks for. `graphs` is the number of the first kind, None for any number.

    Raises `UsageError` for a kind that the specification does not have, or a number out of range.
    """
    kinds = handle_kinds(spec.state)
    names = [kind.__name__ for kind in kinds]
    wanted = dict(asked)
    if graphs is not None:
        if not kinds:
            raise UsageError(f"{spec.name} has no handles, so --graphs means nothing")
        if wanted.setdefault(names[0], graphs) != graphs:
            raise UsageError(f"--graphs {graphs} and --resource {names[0]}={wanted[names[0]]} contradict each other")
    for name, count in wanted.items():
        if name not in names:
            raise UsageError(f"{spec.name} has no resources {name!r}; it has {', '.join(names) or 'none'}")
        if not 1 <= count <= RESOURCE_LIMIT:
            raise UsageError(f"{name} is a number from 1 to {RESOURCE_LIMIT}, not {count}")
    least = {kind.__name__: spec.numbers.get(kind, 1) for kind in kinds}
    counts = {name: wanted.get(name, 1 if name == names[0] else least[name]) for name in names}
    kind = names[0] if names else ""
    named = {
        id: sum(k.__name__ == kind for _, k in signature(i.body, STATE_PARAMETERS[i.over_step]).handles)
        for id, i in spec.invariants.items()
    }
    if not kinds or kind in wanted:
        return Resources(counts, kind, named)
    others = {name: count for name, count in counts.items() if name != kind}
    argument = argue(spec, kinds[0], others, select, budget, answers)
    made = Resources(counts, kind, named, argument)
    if argument.reason:
        return made.fallen_back(max(2, argument.widest, least[kind]), argument.reason)
    return made
