"""Seeks a short witness for mutants of the reference library, by random walks that are then shortened.

    python -m tests.drivers.find_witnesses 17 18 19     (no number: all that have none)

Writes examples/ge_reference/witnesses.jsonl. Not a test: the stored witnesses are.
"""

import random
import sys
from collections.abc import Iterator

from callproof.semantics import Machine
from tests.drivers import building, listing, witnesses
from tests.drivers.client import Client
from tests.drivers.walks import Walk, machine, opening, propose
from tests.drivers.witnesses import Answer, Witness

WALKS, STEPS = 400, 45
GOOD_ENOUGH = 4
"""Shortened walks that show the mutant, of which the shortest is taken."""


class Pair:
    """The library and a mutant of it, side by side. A mutant that fails is started again."""

    def __init__(self, mutant: int, interpreter: Machine) -> None:
        self.mutant, self.interpreter = mutant, interpreter
        self.reference = Client(building.runner())
        self.wrong = self._start()

    def _start(self) -> Client:
        return Client(building.runner(), building.library(building.ALL), self.mutant)

    def close(self) -> None:
        for client in (self.reference, self.wrong):
            client.__exit__()

    def answers(self, witness: Witness) -> tuple[list[Answer], list[Answer]]:
        wanted = witnesses.run(self.reference, self.interpreter, witness)
        try:
            got = witnesses.run(self.wrong, self.interpreter, witness)
        except (AssertionError, BrokenPipeError, EOFError):
            self.wrong.__exit__()
            self.wrong = self._start()
            got = witnesses.run(self.wrong, self.interpreter, witness)
        return got, wanted

    def shows(self, witness: Witness) -> Witness | None:
        """The witness cut behind its difference, or None where there is none."""
        found = witnesses.difference(*self.answers(witness))
        if found is None:
            return None
        number, judged = found
        return Witness(self.mutant, witness.calls[: number + 1], witness.options, witness.kinds, judged)


def walk(pair: Pair, seed: int, kinds: list[str]) -> Witness:
    """A random walk on the library without a defect."""
    rng = random.Random(seed)
    options, chosen = opening(rng, kinds)
    pair.reference.reset(options, chosen)
    made = Walk(pair.interpreter, pair.reference.step, options, chosen)
    for _ in range(STEPS):
        made.make(*propose(rng, made))
    return Witness(pair.mutant, made.steps, options, chosen)


def simpler(witness: Witness) -> Iterator[Witness]:
    """The witness without one of its parts."""
    calls, options, kinds = witness.calls, dict(witness.options), dict(witness.kinds)
    for number in range(len(calls) - 1, -1, -1):
        yield Witness(witness.mutant, calls[:number] + calls[number + 1 :], options, kinds)
    for name in options:
        yield Witness(witness.mutant, calls, {k: v for k, v in options.items() if k != name}, kinds)
    for graph in kinds:
        yield Witness(witness.mutant, calls, options, {k: v for k, v in kinds.items() if k != graph})
    for number, (name, args) in enumerate(calls):
        for graph in range(1, args.get("graph_id", 1)):
            renamed = (name, args | {"graph_id": graph})
            yield Witness(witness.mutant, [*calls[:number], renamed, *calls[number + 1 :]], options, kinds)


def shorten(pair: Pair, witness: Witness) -> Witness:
    """No part can be left out; a difference that is judged stays so."""
    again = True
    while again:
        again = False
        for candidate in simpler(witness):
            found = pair.shows(candidate)
            if found is not None and (found.judged == witness.judged or witness.judged == "open"):
                witness, again = found, True
                break
    return witness


def seek(mutant: int, interpreter: Machine) -> Witness | None:
    """The shortest of some witnesses; one that is judged `wrong` goes before all others."""
    pair = Pair(mutant, interpreter)
    try:
        kinds = [kind["name"] for kind in pair.reference.hello()["kinds"]]
        found: list[Witness] = []
        for seed in range(WALKS):
            shown = pair.shows(walk(pair, seed, kinds))
            if shown is not None and (shown.judged != "open" or not found):
                found.append(shorten(pair, shown))
            if sum(witness.judged != "open" for witness in found) >= GOOD_ENOUGH:
                break
        order = ("wrong", "hazard", "open")
        return min(found, key=lambda w: (order.index(w.judged), len(w.calls), w.line()), default=None)
    finally:
        pair.close()


def main(wanted: list[int]) -> None:
    known = {witness.mutant: witness for witness in witnesses.read()} if witnesses.FILE.exists() else {}
    interpreter = machine()
    numbers = [mutant.number for mutant in listing.mutants()]
    for mutant in wanted or [number for number in numbers if number not in known]:
        found = seek(mutant, interpreter)
        sys.stdout.write(f"{mutant}: {found.line() if found else 'none'}\n")
        sys.stdout.flush()
        if found is not None:
            known[mutant] = found
    text = "".join(known[number].line() + "\n" for number in sorted(known))
    witnesses.FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]])
