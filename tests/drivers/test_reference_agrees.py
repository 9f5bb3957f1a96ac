"""The C++ library, read from the facts by hand, and the specification say the same: each judges the other."""

import random

import pytest

from callproof.model import Origin
from callproof.replay import ReplayedStep
from callproof.semantics import Verdict
from tests.drivers import building
from tests.drivers.client import Client
from tests.drivers.walks import Walk, machine, opening, propose

SEEDS = range(4)
WALKS, STEPS = 150, 60

pytestmark = pytest.mark.xdist_group("native")


@pytest.fixture(scope="module")
def client():
    with Client(building.runner()) as made:
        yield made


@pytest.fixture(scope="module")
def interpreter():
    return machine()


def disagreement(step: ReplayedStep) -> str:
    """Why the driver does not do what the hardened contract asks for; empty where it does."""
    if step.conforms is False:
        return f"{step.verdict.value}, but accepted={step.accepted}; axioms {[axiom.id for axiom in step.axioms]}"
    if step.verdict is Verdict.MAY and step.accepted:
        return "a hazard is accepted"
    return ""


@pytest.mark.parametrize("seed", SEEDS)
def test_on_random_walks(client: Client, interpreter, seed: int) -> None:
    rng = random.Random(seed)
    kinds = [kind["name"] for kind in client.hello()["kinds"]]
    refusing: set[str] = set()
    accepted: set[str] = set()
    for _ in range(WALKS):
        options, chosen = opening(rng, kinds)
        client.reset(options, chosen)
        walk = Walk(interpreter, client.step, options, chosen)
        sound = True
        for _ in range(STEPS):
            step = walk.make(*propose(rng, walk))
            why = disagreement(step)
            assert not why, (why, step.clause_ids, options, chosen, walk.steps)
            sound = sound and step.verdict is not Verdict.UNDEFINED
            assert not (sound and step.broken), (step.broken, options, chosen, walk.steps)
            if step.accepted:
                accepted.add(step.step.call)
            elif step.verdict in (Verdict.MUST_REJECT, Verdict.MAY) and len(step.clause_ids) == 1:
                refusing.add(step.clause_ids[0])
    assert accepted == {action.call for action in interpreter.system.actions}
    if seed == 0:
        seen = {name for name in _clauses() if name in refusing}
        assert len(seen) > 0.6 * len(_clauses()), sorted(_clauses() - seen)


def _clauses() -> set[str]:
    """The clauses that a driver can check."""
    from callproof.model.loading import load_specification

    table = load_specification("ge-memory").clauses.values()
    return {clause.id for clause in table if clause.origin is not Origin.CALLER}
