"""What is only counted is what would have been explained: the same kind, and the same state afterwards."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callproof.monitor import Settings, monitor
from callproof.monitor.judge import Judge
from callproof.monitor.lines import Lines
from callproof.monitor.sessions import Sessions
from callproof.monitor.tally import EACH, Kind, Tally
from callproof.parametric import OpenMachine, Unknown
from callproof.semantics import VERDICTS
from ge_memory import SPEC
from tests.support.recorded import CALLS, Recording, line_of, text

MACHINE = OpenMachine(SPEC)
LINES = Lines(SPEC, MACHINE)


def wild(seed: int, count: int) -> list[dict[str, Any]]:
    """Calls of a walk, every fifth one or so whatever its arguments are, and whatever the driver said."""
    rng = random.Random(seed)
    made = Recording(rng, MACHINE)
    lines = list(made.lines(10))
    while len(lines) < count:
        call = rng.choice(CALLS)
        line = made.attempt(call) if rng.random() < 0.8 else None
        if line is None:
            shape, returned = MACHINE.shape(call), 1 if rng.random() < 0.3 else 0
            drawn = made.draw(call)
            wanted = rng.choice(VERDICTS)
            for _ in range(10):
                code = MACHINE.fast(call, drawn[0], False)(made.world, *drawn, None)
                if code < len(VERDICTS) and VERDICTS[code] is wanted:
                    break
                drawn = made.draw(call)
            line = line_of(shape, call, *drawn, returned, hide=rng.random() < 0.1)
            if returned == 0 and not MACHINE.judge(made.world, call, *drawn).against:
                MACHINE.make(made.world, call, *drawn, (0, None))
        lines.append(line)
    return lines


def shown(sessions: Sessions) -> object:
    """The states, with a question mark for what is not known."""

    def record(values: list[Any]) -> list[Any]:
        return ["?" if isinstance(value, Unknown) else value for value in values]

    def known(table: dict[Any, Any]) -> dict[Any, Any]:
        return {handle: found for handle, values in table.items() if any(found := record(values))}

    return {
        name: (record(world.session), [known(table) for table in (*world.tables, *world.pairs)])
        for name, world in sessions.worlds.items()
    }


class Everything(Tally):
    """A tally by which every breach was explained often enough."""

    def enough(self, kind: Kind) -> bool:
        return True


@pytest.mark.parametrize("seed", range(2))
def test_counting_and_explaining_agree_on_every_line(seed: int) -> None:
    explaining, counting = Judge(MACHINE, LINES.types), Judge(MACHINE, LINES.types, tally=Everything())
    one, two = (Sessions(MACHINE, {"ge.featureBaseRefreshable": "1"}, False) for _ in range(2))
    seen = Counter[str]()
    for number, document in enumerate(wild(seed, 70)):
        line = LINES.convert(msgspec.convert(document, dict[str, Any]))
        explained, counted = explaining.take(one, number, line), counting.take(two, number, line)
        kind = None
        if explained.breach is not None:
            kind = explained.breach.blame, document["call"], explained.breach.ids
        if counted.breach is not None:  # something in it was not known
            assert (counted.breach.blame, counted.breach.ids) == (kind or (None,))[0::2], document
        else:
            assert counted.repeated == kind, document
            seen[str(kind and kind[0])] += 1
        assert explained.undecided == counted.undecided
        assert shown(one) == shown(two), document
    assert min(seen["Blame.DRIVER"], seen["Blame.CALLER"]) > 5, seen


def test_the_first_of_a_kind_are_explained_and_all_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    again = {"call": "AddGraph", "args": {"graph_id": 1}, "returned": 0}
    file.write_text(text([{"call": "GEInitializeV2", "returned": 0}, *[again] * 500]), encoding="utf-8")
    result = monitor(SPEC, str(file), Settings(), machine=MACHINE)
    assert [found.line for found in result.findings] == [4, 5, 6][:EACH]
    assert [(count.call, count.clauses, count.lines) for count in result.counts] == [("AddGraph", ("L3",), 499)]
