from itertools import pairwise
from typing import Any

import networkx as nx
import pytest

from callproof.errors import UsageError
from callproof.graph import Stepper, explore
from callproof.graph.sequences import COUNT_LIMIT, SequenceGraph, quoted
from callproof.model import (
    ALL_LAYERS,
    Option,
    Origin,
    Record,
    Selection,
    Size,
    Specification,
    boolean,
    clause,
    instantiate,
    require,
    size,
)
from callproof.prove.exact import is_exact
from callproof.prove.goals import Goals
from callproof.prove.induction import Induction
from callproof.prove.paths import Paths
from callproof.prove.sequences import shortest_violations
from callproof.prove.states import Projections
from callproof.residue import Model
from callproof.symbolic import Answer, Solver
from ge_memory import SPEC
from tests.support.toys import locker


class Tank(Record):
    full = boolean()
    level = size()


class Subject:
    """A specification explored in one layer."""

    def __init__(self, spec: Specification[Any], layer: str = "documented", select: Selection | None = None) -> None:
        self.model = Model(instantiate(spec, {}, select or Selection()))
        self.solver = Solver(self.model.pool)
        chosen = ALL_LAYERS[layer]
        stepper = Stepper(self.model, chosen, lambda f: self.solver.check([f]) is not Answer.UNSAT)
        self.reach = explore(stepper, chosen, len(self.model.moves))
        self.graph = SequenceGraph(self.model, self.reach)
        self.goals = Goals(self.model)

    def exact(self, bound: int | None = None, *, invariants: bool = True) -> bool:
        proof = Induction(self.goals, self.reach.layer, self.solver, Projections(self.reach)).run(
            range(len(self.model.system.properties))
        )
        stands = proof.stands if invariants else ()
        return is_exact(self.model, self.reach, stands, self.goals, self.solver, bound)


def tank(option: Option | None = None) -> Specification[Tank]:
    names = [clause(f"T{n}", Origin.DOCUMENTED, "Tank", "rules", "a rule") for n in range(1, 4)]
    return Specification("tank", "A tank", Tank, tuple(names), options=(option,) if option else ())


# -- counting and walking -----------------------------------------------------------------------------------------


def test_states_edges_and_counts_of_a_toy() -> None:
    """Open boxes accept three calls, shut ones two, locked ones one; each with or without `ready`."""
    graph = Subject(locker()).graph
    assert (len(graph.reach.states), len(graph.reach.edges)) == (6, 12)
    assert graph.counts_by_length(4) == (3, 8, 19, 42)
    assert [graph.count(bound) for bound in range(5)] == [0, 3, 11, 30, 72]


def test_walks_are_those_that_are_counted_and_each_is_one() -> None:
    graph = Subject(locker()).graph
    walks = list(graph.walks(4))
    assert len(walks) == len(set(walks)) == graph.count(4)
    assert [len(w) for w in walks] == sorted(len(w) for w in walks)
    for walk in walks:
        assert walk[0][0] == 0
        assert all(a[1] == b[0] for a, b in pairwise(walk))
    assert walks == list(Subject(locker()).graph.walks(4))


@pytest.mark.parametrize("layer", ALL_LAYERS)
def test_counts_are_those_of_the_adjacency_matrix(layer: str) -> None:
    graph = Subject(SPEC, layer).graph
    made = graph.networkx()
    reached = {0: 1}
    for length in range(1, 5):
        behind: dict[int, int] = {}
        for state, number in reached.items():
            for _, target in made.out_edges(state):
                behind[target] = behind.get(target, 0) + number
        reached = behind
        assert sum(reached.values()) == graph.counts_by_length(length)[-1]
    assert sum(1 for _ in graph.walks(3)) == graph.count(3)


def test_a_graph_without_cycle_has_no_more_sequences_beyond_its_longest() -> None:
    spec = tank()

    @spec.call("Fill")
    def fill(s: Tank) -> None:
        require("T1", ~s.full)
        s.full = True

    graph = Subject(spec).graph
    assert graph.counts_by_length(3) == (1, 0, 0)
    assert graph.count(COUNT_LIMIT) == len(list(graph.walks(10**9))) == 1


def test_bounds_that_make_no_sense() -> None:
    graph = Subject(locker()).graph
    with pytest.raises(UsageError, match="not -1"):
        graph.count(-1)
    with pytest.raises(UsageError, match="not -1"):
        list(graph.walks(-1))
    with pytest.raises(UsageError, match="10,000 calls, not 1,000,000"):
        graph.count(10**6)
    assert graph.count(0) == 0
    assert list(graph.walks(0)) == []


# -- the graph ------------------------------------------------------------------------------------------------------


def test_the_networkx_graph() -> None:
    graph = Subject(locker()).graph
    made = graph.networkx()
    assert isinstance(made, nx.MultiDiGraph)
    assert list(made) == list(graph.reach.states)
    assert made.nodes[0]["control"] == graph.model.decode(0)
    assert {(u, v, k) for u, v, k in made.edges(keys=True)} == {(u, v, k) for u, v, k, _ in graph.reach.edges}
    labels = {data["label"] for *_, data in made.edges(data=True)}
    assert labels == {
        "Make(box=1)", "Put(box=1) [outcome=open]", "Put(box=1) [outcome=shut]", "wind(box=1)",
    }  # fmt: skip


def test_labels_name_what_was_chosen_and_only_what_exists() -> None:
    graph = Subject(SPEC).graph
    labels = {graph.label(source, move) for source, _, move, _ in graph.reach.edges}
    assert "CompileGraph(graph_id=1) [is_static=true, is_refreshable=true]" in labels
    assert "LoadGraph(graph_id=1, stream=1)" in labels, "a compiled graph returns no summary when it is loaded"
    assert any(label.startswith("LoadGraph(graph_id=1, stream=1) [is_static=") for label in labels)
    assert any("type=MEMORY_TYPE_P2P" in label for label in labels)


def test_dot() -> None:
    graph = Subject(locker()).graph
    drawn = graph.dot()
    lines = drawn.splitlines()
    assert lines[0] == 'digraph "locker, documented" {'
    assert lines[2] == '  n0 [label="initial"];'
    assert '  n1 [label="ready"];' in lines
    assert any('"ready\\nboxes[1].door=SHUT"' in line for line in lines)
    assert sum(" -> " in line for line in lines) == len(graph.reach.edges)
    assert drawn == Subject(locker()).graph.dot()


def test_dot_escapes_what_graphviz_would_read() -> None:
    assert quoted('a "b" \\N\nc\r') == r'"a \"b\" \\N\nc"'


# -- exactness --------------------------------------------------------------------------------------------------------


def test_exact_where_every_call_has_an_argument_that_is_accepted() -> None:
    assert Subject(locker()).exact(), "no amount is too small"


def test_not_exact_where_data_may_refuse() -> None:
    assert not Subject(locker(), select=Selection(readings=(("P2", "less"),))).exact(), "nothing is less than nothing"
    assert not Subject(locker(), "hardened").exact(), "a box is not made anew while something is in it"


def test_exact_up_to_a_bound_looks_at_the_edges_within_it() -> None:
    spec = tank()

    @spec.call("Fill")
    def fill(s: Tank, amount: Size) -> None:
        s.full = True
        s.level = amount

    @spec.call("Use")
    def use(s: Tank) -> None:
        require("T1", s.full)
        require("T2", s.level != 0)

    subject = Subject(spec)
    assert subject.exact(1)
    assert not subject.exact(2)


def test_exact_by_an_invariant_that_stands() -> None:
    spec = tank()

    @spec.call("Fill")
    def fill(s: Tank, amount: Size) -> None:
        require("T1", amount <= 10)
        s.level = amount

    @spec.call("Use")
    def use(s: Tank) -> None:
        require("T2", s.level <= 10)

    @spec.invariant("low", "SIZE")
    def low(s: Tank):  # type: ignore[no-untyped-def]
        return s.level <= 10

    subject = Subject(spec)
    assert subject.exact()
    assert not subject.exact(invariants=False)


def test_exact_for_one_value_of_an_option() -> None:
    option = Option("lax", ("no", "yes"), "whether a level is asked for")
    spec = tank(option)

    @spec.call("Fill")
    def fill(s: Tank, amount: Size) -> None:
        s.level = amount

    @spec.call("Use")
    def use(s: Tank) -> None:
        require("T1", option.is_("yes") | (s.level != 0))

    assert Subject(spec).exact()
    assert not Subject(spec, select=Selection(options=(("lax", "no"),))).exact()


def test_not_exact_where_two_edges_need_different_options() -> None:
    option = Option("lax", ("no", "yes"), "which of two calls there is")
    spec = tank(option)

    @spec.call("Fill")
    def fill(s: Tank) -> None:
        require("T1", option.is_("yes"))

    @spec.call("Use")
    def use(s: Tank) -> None:
        require("T2", option.is_("no"))

    assert not Subject(spec).exact()
    assert Subject(spec, select=Selection(options=(("lax", "no"),))).exact()


@pytest.mark.parametrize(("limit", "exact"), [(2**64 - 1, True), (2**63, False)])
def test_exact_only_if_there_is_an_argument_for_all_data(limit: int, exact: bool) -> None:
    spec = tank()

    @spec.call("Fill")
    def fill(s: Tank, amount: Size) -> None:
        s.level = amount

    @spec.call("Use")
    def use(s: Tank, amount: Size) -> None:
        require("T1", s.level + amount >= s.level)
        require("T2", s.level + amount <= limit)

    assert Subject(spec).exact() is exact


def test_ge_memory_is_said_to_be_no_more_than_a_bound() -> None:
    assert not Subject(SPEC, "hardened").exact()


# -- the literal engine -----------------------------------------------------------------------------------------------


def test_shortest_violations_of_a_toy() -> None:
    subject = Subject(locker())
    paths = Paths(subject.model, subject.solver)
    found = shortest_violations(subject.model, subject.reach, paths, 4, (0, 1))
    assert found == {0: 3, 1: None}, "made, filled, made anew with less room"
    assert shortest_violations(subject.model, subject.reach, paths, 2, (0, 1)) == {0: None, 1: None}
    hardened = Subject(locker(), "hardened")
    paths = Paths(hardened.model, hardened.solver)
    assert shortest_violations(hardened.model, hardened.reach, paths, 4, (0, 1)) == {0: None, 1: None}


def test_an_invariant_that_fails_before_any_call() -> None:
    spec = tank()

    @spec.call("Fill")
    def fill(s: Tank) -> None:
        s.full = True

    @spec.invariant("full", "SIZE")
    def full(s: Tank):  # type: ignore[no-untyped-def]
        return s.full

    subject = Subject(spec)
    paths = Paths(subject.model, subject.solver)
    assert shortest_violations(subject.model, subject.reach, paths, 2, (0,)) == {0: 0}
