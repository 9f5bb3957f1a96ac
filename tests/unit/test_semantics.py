import random

import pytest

from callproof.errors import SpecError, UsageError
from callproof.expr import BOOLEAN, NUMBER, SIZE, WORD_MAX, Add, And, Const, Eq, Ite, Node, Not, Or, Sub, Ule, Var
from callproof.model import Selection, System, instantiate
from callproof.model.clauses import DOCUMENTED, HARDENED
from callproof.model.system import Action, Class, Outcome, Property, Variable, primed
from callproof.semantics import Machine, Verdict
from ge_memory import SPEC
from tests.support.toys import locker

X, Y, B = Var(SIZE, "x"), Var(SIZE, "y"), Var(BOOLEAN, "b")


def system(*outcomes: Outcome, properties: tuple[Property, ...] = ()) -> System:
    action = Action("Go", False, (), (), (), (), (), outcomes)
    return System("toy", tuple(Variable(v, False) for v in (X, Y, B)), (), (action,), properties, (), (), ())


def always(*writes: tuple[str, Node]) -> Outcome:
    return Outcome("", Const(BOOLEAN, 1), writes)


def holds(formula: Node, *, over_step: bool = False) -> Property:
    return Property("p", Class.SIZE, over_step, (), formula)


def test_writes_read_the_state_before() -> None:
    machine = Machine(system(always(("x", Y), ("y", X), ("b", Not(B)))))
    state = [3, 5, 0]
    assert machine.apply(state, 0, (), ()) == ""
    assert state == [5, 3, 1]
    assert type(state[2]) is int
    assert machine.compiled[0].step(state, (), ()) == 0
    assert state == [3, 5, 0]


@pytest.mark.parametrize(
    ("node", "value"),
    [
        (Add(Const(SIZE, WORD_MAX), Const(SIZE, 2), SIZE), 1),
        (Add(X, Const(SIZE, WORD_MAX), SIZE), 2),
        (Sub(X, Y, SIZE), WORD_MAX - 1),
        (Ite(Ule(X, Y), Sub(Y, X, SIZE), X, SIZE), 2),
        (Ite(And(()), X, Y, SIZE), 3),
        (Ite(Or(()), X, Y, SIZE), 5),
        (Ite(Eq(B, Not(B)), X, Y, SIZE), 5),
    ],
)
def test_arithmetic_is_modulo_two_to_the_64(node: Node, value: int) -> None:
    state = [3, 5, 0]
    Machine(system(always(("x", node)))).apply(state, 0, (), ())
    assert state[0] == value


def test_a_run_of_constants_is_stored_at_once() -> None:
    zero = [(name, Const(SIZE, 7)) for name in "abcdef"]
    variables = tuple(Variable(Var(NUMBER, name), False) for name in "abcdef")
    action = Action("Go", False, (), (), (), (), (), (always(*zero[::-1]),))
    state = [1] * 6
    Machine(System("toy", variables, (), (action,), (), (), (), ())).apply(state, 0, (), ())
    assert state == [7] * 6


def test_the_first_possible_outcome_is_taken() -> None:
    big = Outcome("big", Ule(Const(SIZE, 4), X), (("y", Const(SIZE, 1)),))
    any_ = Outcome("any", Ule(Const(SIZE, 2), X), (("y", Const(SIZE, 2)),))
    machine = Machine(system(big, any_))
    assert machine.apply([5, 0, 0], 0, (), ()) == "big"
    assert machine.apply([3, 0, 0], 0, (), ()) == "any"
    assert machine.compiled[0].step([0, 0, 0], (), ()) == -1
    with pytest.raises(SpecError, match="none of the outcomes of Go"):
        machine.apply([0, 0, 0], 0, (), ())


def test_an_invariant_breaks_where_it_held_before() -> None:
    small = holds(Ule(X, Const(SIZE, 9)))
    grows = holds(Ule(X, Var(SIZE, primed("x"))), over_step=True)
    called = holds(Not(Var(BOOLEAN, "@Go()")), over_step=True)
    absent = holds(Not(Var(BOOLEAN, "@Stop(1)")), over_step=True)
    machine = Machine(system(always(("x", Y)), properties=(small, grows, called, absent)))
    assert machine.broken([5, 0, 0], [12, 0, 0], 0) == (small, called)
    assert machine.broken([12, 0, 0], [11, 0, 0], 0) == (grows, called)
    assert machine.violated([12, 0, 0]) == (small,)


def test_a_deep_formula_compiles() -> None:
    deep: Node = X
    flag: Node = B
    for n in range(3000):
        deep = Add(Ite(flag, deep, Y, SIZE), Const(SIZE, n % 7), SIZE)
        flag = Or((And((flag, Not(Eq(X, Const(SIZE, n))))), B))
    machine = Machine(system(always(("x", deep)), properties=(holds(flag),)))
    state = [1, 2, 1]
    machine.apply(state, 0, (), ())
    assert state[0] == 1 + sum(n % 7 for n in range(3000))
    assert machine.violated(state) == ()


def test_a_shared_formula_stays_small() -> None:
    node: Node = X
    for _ in range(200):
        node = Add(node, node, SIZE)
    flag: Node = B
    for n in range(60):
        flag = And((Or((flag, Eq(X, Const(SIZE, n)))), Or((flag, Eq(Y, Const(SIZE, n))))))
    machine = Machine(system(always(("x", node)), properties=(holds(flag),)))
    state = [1, 0, 0]
    machine.apply(state, 0, (), ())
    assert state[0] == 0
    assert machine.violated([59, 59, 0]) == ()
    assert len(machine.violated([58, 59, 0])) == 1


def test_verdicts_in_order() -> None:
    machine = Machine(instantiate(SPEC, {}))
    state = machine.initial()
    init, add = machine.action("GEInitializeV2", ()), machine.action("AddGraph", (1,))
    assert machine.judge(state, add, (), ()) is Verdict.MUST_REJECT
    assert [use.id for use in machine.failing(state, add, (), ())] == ["L1"]
    assert machine.judge(state, init, (), ()) is Verdict.MUST_ACCEPT
    machine.apply(state, init, (), ())
    assert machine.judge(state, init, (), ()) is Verdict.UNDEFINED
    machine.apply(state, add, (), ())
    compile_graph = machine.action("CompileGraph", (1,))
    summary = (0, 0, 0, 0, 4096, 0, 0)
    machine.apply(state, compile_graph, (), summary)
    assert machine.judge(state, compile_graph, (), summary) is Verdict.MAY
    assert machine.accepts(DOCUMENTED, state, compile_graph, (), summary)
    assert not machine.accepts(HARDENED, state, compile_graph, (), summary)
    fixed = machine.action("SetGraphFixedFeatureMemoryBaseWithType", (1,))
    assert machine.judge(state, fixed, (0, 0, 4096), ()) is Verdict.MAY, "Q1 and live-region fail: hardening decides"
    assert machine.judge(state, fixed, (0, 1, 4096), ()) is Verdict.UNDEFINED
    assert machine.compiled[fixed].step(state, (0, 1, 4096), ()) == 3
    assert machine.value(state, "graphs[1].fixed.bound") == 0


def test_axioms_and_existing_results() -> None:
    machine = Machine(instantiate(SPEC, {}))
    state = machine.initial()
    compile_graph = machine.compiled[machine.action("CompileGraph", (1,))]
    exists = [check is None or bool(check(state, (), (1, *[0] * 6))) for check in compile_graph.exists]
    assert exists == [True] * 7
    exists = [check is None or bool(check(state, (), (0,) * 7)) for check in compile_graph.exists]
    assert exists == [True, False, False, False, True, True, False]
    malloc = machine.action("aclrtMalloc", (1,))
    assert machine.axioms_failing(state, malloc, (4096,), (4096,)) == ()
    assert {axiom.id for axiom in machine.axioms_failing(state, malloc, (4096,), (0,))} == {"fresh"}


def test_options() -> None:
    machine = Machine(instantiate(locker(), {}))
    assert machine.initial()[-1] == 0
    assert machine.initial({"strict": "yes"})[-1] == 1
    with pytest.raises(UsageError, match="no value 'maybe'"):
        machine.initial({"strict": "maybe"})
    with pytest.raises(UsageError, match="unknown option 'other'"):
        machine.initial({"other": "yes"})
    fixed = Machine(instantiate(locker(), {}, Selection(options=(("strict", "yes"),))))
    assert fixed.initial()[-1] == 1
    with pytest.raises(UsageError, match="fixed to 'yes'"):
        fixed.initial({"strict": "no"})
    with pytest.raises(UsageError, match=r"no call Put\(2\)"):
        machine.action("Put", (2,))


def test_step_agrees_with_its_parts() -> None:
    machine = Machine(instantiate(SPEC, {"GraphId": 2}))
    rng = random.Random(7)
    state = machine.initial({"ge.featureBaseRefreshable": "1"})
    for _ in range(4000):
        compiled = machine.compiled[rng.randrange(len(machine.compiled))]
        action = compiled.action
        args = tuple(rng.choice((0, 1, 4096)) & (1 if p.var.sort.values == 2 else -1) for p in action.params)
        results = tuple(rng.choice((0, 1, 8192)) & (1 if r.var.sort.values == 2 else -1) for r in action.results)
        before, failing = list(state), compiled.explain(state, args, results)
        code = compiled.step(state, args, results)
        assert code == compiled.judge(before, args, results)
        assert (code == 0) is (not failing)
        if code:
            assert state == before
            compiled.apply(state, args, results)
        else:
            copy = list(before)
            assert compiled.apply(copy, args, results) >= 0
            assert copy == state
