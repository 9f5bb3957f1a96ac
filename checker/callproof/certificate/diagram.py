"""A set of packed control states as a decision diagram in SMT-LIB: equal ways to go on are said once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callproof.certificate.system import Slot, literal
from callproof.certificate.terms import PRIME, quoted


@dataclass(frozen=True, slots=True)
class Diagram:
    """Definitions, and the term that says whether the control state is in the set."""

    lines: tuple[str, ...]
    root: str
    names: tuple[str, ...]
    """The variables that it mentions, as the definitions name them."""


def diagram(prefix: str, slots: Sequence[Slot], keys: Iterable[int], after: frozenset[str] = frozenset()) -> Diagram:
    """The set of `keys` over some control variables, the last of them at the leaves.

    Of the variables in `after` the value after the move is meant. Definitions are named by the prefix and a number,
    behind a dollar sign, which no variable has.
    """
    nodes = dict.fromkeys(keys, "true")
    lines: list[str] = []
    used: list[str] = []
    for slot in reversed(slots):
        name = slot.variable.name + (PRIME if slot.variable.name in after else "")
        grouped: dict[int, list[tuple[int, str]]] = {}
        for key, node in sorted(nodes.items()):
            grouped.setdefault(key & ~slot.mask, []).append(((key & slot.mask) >> slot.shift, node))
        known: dict[tuple[tuple[int, str], ...], str] = {}
        nodes = {}
        for rest, branches in grouped.items():
            shape = tuple(branches)
            if shape not in known:
                known[shape] = _node(slot, quoted(name), shape, f"${prefix}{len(lines)}", lines)
            nodes[rest] = known[shape]
        used.append(name)
    return Diagram(tuple(lines), nodes.get(0, "false"), tuple(used))


def _node(slot: Slot, symbol: str, branches: tuple[tuple[int, str], ...], new: str, lines: list[str]) -> str:
    targets: dict[str, list[int]] = {}
    for value, node in branches:
        targets.setdefault(node, []).append(value)
    if len(targets) == 1 and len(branches) == slot.values:
        return branches[0][1]  # whatever the value is
    parts = []
    for node, values in targets.items():
        tests = [f"(= {symbol} {literal(slot.variable, value)})" for value in values]
        test = tests[0] if len(tests) == 1 else f"(or {' '.join(tests)})"
        parts.append(test if node == "true" else f"(and {test} {node})")
    text = parts[0] if len(parts) == 1 else f"(or {' '.join(parts)})"
    lines.append(f"(define-fun {new} () Bool {text})")
    return new
