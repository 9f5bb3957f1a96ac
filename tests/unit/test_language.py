from collections.abc import Callable

import pytest

from callproof.errors import SpecError, UsageError
from callproof.expr import SIZE, TRUE, Const, Eq, Var, variables
from callproof.model import (
    Address,
    Bool,
    Record,
    Region,
    Selection,
    Size,
    Specification,
    assume,
    boolean,
    instantiate,
    outcome,
    require,
    result,
)
from callproof.model.fields import StoredHandle
from callproof.model.handles import Universe
from callproof.model.recording import StateFrame
from callproof.model.records import declared
from callproof.model.system import Action, primed
from callproof.run.check import check
from callproof.run.request import Request
from callproof.run.resources import choose
from tests.support.toys import BoxId, Store, locker


def actions(call: str, boxes: int = 1, select: Selection = Selection()) -> list[Action]:  # noqa: B008
    return [a for a in instantiate(locker(), {"BoxId": boxes}, select).actions if a.call == call]


def record_of(body: Callable[..., None], boxes: int = 2) -> Action:
    """The first action of a call with this body, added to the toy."""
    toy = locker()
    toy.call("Extra")(body)
    return next(a for a in instantiate(toy, {"BoxId": boxes}).actions if a.call == "Extra")


def test_state_is_flat_and_split_into_control_and_data() -> None:
    system = instantiate(locker(), {"BoxId": 2})
    control = {v.name for v in system.variables if v.control}
    assert control == {
        "ready", "favourite", "boxes[1].door", "boxes[1].region.bound", "boxes[2].door", "boxes[2].region.bound",
    }  # fmt: skip
    assert {"boxes[1].used", "boxes[2].region.base", "boxes[1].visits"} <= {v.name for v in system.variables}
    assert system.counts == (("BoxId", 2),)
    assert system.sort_of("boxes[1].door").members == ("OPEN", "SHUT", "LOCKED")
    assert system.sort_of("option:strict").members == ("no", "yes")


def test_one_action_for_each_handle_and_one_property_for_each() -> None:
    system = instantiate(locker(), {"BoxId": 3})
    assert [a.label for a in system.actions if a.call == "Make"] == [f"Make(box={n})" for n in (1, 2, 3)]
    assert len(system.properties) == 6
    assert {a.is_event for a in system.actions if a.call == "wind"} == {True}


def test_clauses_carry_origin_and_line() -> None:
    (put,) = actions("Put")
    assert [(c.id, c.origin.value) for c in put.clauses] == [("P1", "documented"), ("P2", "documented")]
    assert put.clauses[0].location.file.endswith("toys.py")
    assert put.clauses[0].location.line + 1 == put.clauses[1].location.line
    assert [p.name for p in put.params] == ["amount"]


def test_readings_choose_the_formula() -> None:
    default, other = actions("Put")[0], actions("Put", select=Selection(readings=(("P2", "less"),)))[0]
    assert default.clauses[1].formula != other.clauses[1].formula
    assert other.clauses[1].location.line == default.clauses[1].location.line + 1


def test_dropped_clauses_are_left_out_of_their_call() -> None:
    (put,) = actions("Put", select=Selection(dropped=frozenset({("Put", "P1"), ("Make", "P2")})))
    assert [c.id for c in put.clauses] == ["P2"]


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (Selection(readings=(("P1", "x"),)), "clause P1 has no readings; those that have: P2"),
        (Selection(readings=(("P2", "x"),)), "clause P2 has no reading 'x'; it has at-most, less"),
        (Selection(options=(("loose", "no"),)), "unknown option 'loose'; the options of locker: strict"),
        (Selection(options=(("strict", "2"),)), "option strict has no value '2'; it has no, yes"),
        (Selection(invariants=("x",)), "unknown invariant 'x'; the invariants of locker: fits, locked"),
    ],
)
def test_an_unknown_selection_is_a_usage_error(select: Selection, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        instantiate(locker(), {}, select)


def test_selected_options_and_invariants() -> None:
    system = instantiate(locker(), {}, Selection(options=(("strict", "yes"),), invariants=("fits",)))
    assert system.fixed_options == (("option:strict", 1),)
    assert [p.id for p in system.properties] == ["fits"]


def test_outcomes_share_what_is_assigned_outside_of_them() -> None:
    (put,) = actions("Put")
    assert [o.name for o in put.outcomes] == ["shut", "open"]
    shut, opened = (dict(o.writes) for o in put.outcomes)
    assert set(shut) == {"boxes[1].used", "boxes[1].door"}
    assert set(opened) == {"boxes[1].used"}


def test_a_call_without_outcomes_has_one() -> None:
    (make,) = actions("Make")
    assert [(o.name, o.when) for o in make.outcomes] == [("", TRUE)]
    assert [r.name for r in make.results] == ["capacity"]
    assert dict(make.outcomes[0].writes)["ready"] == TRUE


def test_a_step_invariant_sees_both_states_and_the_step() -> None:
    prop = next(p for p in instantiate(locker(), {}).properties if p.id == "locked")
    assert {"boxes[1].used", primed("boxes[1].used"), "@Make(1)"} <= set(variables(prop.formula))


def test_reset_clears_every_field_below() -> None:
    def body(s: Store, box: BoxId) -> None:
        """Empty."""
        s.boxes[box].reset()

    writes = dict(record_of(body).outcomes[0].writes)
    assert set(writes) == {v.name for v, _ in declared(Store, Universe({BoxId: 1})) if v.name.startswith("boxes[1]")}
    assert {node.value for node in writes.values() if isinstance(node, Const)} == {0}


def test_a_region_binds_as_one() -> None:
    def body(s: Store, box: BoxId, memory: Address, amount: Size) -> None:
        """Bind."""
        s.boxes[box].region.bind(memory, amount)

    action = record_of(body)
    writes = dict(action.outcomes[0].writes)
    assert writes["boxes[1].region.bound"] == TRUE
    assert writes["boxes[1].region.base"] == action.params[0].var


def test_stored_handles_compare_with_parameters() -> None:
    store = Store(StateFrame(Universe({BoxId: 2})))
    assert isinstance(store.favourite, StoredHandle)
    term = store.favourite == BoxId(2)
    assert term.node == Eq(store.favourite.node, Const(store.favourite.node.sort, 1))
    with pytest.raises(SpecError, match="cannot compare a BoxId with int"):
        _ = store.favourite == 2


def test_tables_give_every_record_and_every_other() -> None:
    store = Store(StateFrame(Universe({BoxId: 3})))
    assert [b._path for b in store.boxes.every()] == ["boxes[1].", "boxes[2].", "boxes[3]."]
    assert [b._path for b in store.boxes.others(BoxId(2))] == ["boxes[1].", "boxes[3]."]


def test_fields_are_inherited() -> None:
    class Named(Region):
        owner = boolean()

    assert list(Named.FIELDS) == ["bound", "base", "size", "owner"]


def _two_writes(s: Store, box: BoxId) -> None:
    s.ready = True
    s.ready = False


def _read_after_write(s: Store, box: BoxId) -> None:
    s.boxes[box].used = Size(Var(SIZE, "boxes[1].used"))
    require("P1", s.boxes[box].used == 0)


def _other_box(s: Store, box: BoxId) -> None:
    s.boxes[BoxId(2)].used = Size(Const(SIZE, 1))


def _wrong_index(s: Store, box: BoxId) -> None:
    s.boxes[1].used = 0  # type: ignore[index]


def _unknown_clause(s: Store, box: BoxId) -> None:
    require("P9", s.ready)


def _wrong_verb(s: Store, box: BoxId) -> None:
    assume("P1", s.ready)


def _no_reading(s: Store, box: BoxId) -> None:
    require("P2", s.ready)


def _unknown_reading(s: Store, box: BoxId) -> None:
    require("P2", s.ready, reading="more")


def _no_field(s: Store, box: BoxId) -> None:
    s.boxes[box].weight = 1  # type: ignore[attr-defined]


def _whole_record(s: Store, box: BoxId) -> None:
    s.boxes[box].region = s.boxes[box].region  # type: ignore[misc]


def _wrong_sort(s: Store, box: BoxId) -> None:
    s.boxes[box].door = s.ready  # type: ignore[assignment]


def _twice_a_result(s: Store, box: BoxId) -> None:
    result("r", Size)
    result("r", Size)


def _odd_result(s: Store, box: BoxId) -> None:
    result("r", int)  # type: ignore[call-overload]


def _nested_outcome(s: Store, box: BoxId) -> None:
    with outcome("a"), outcome("b"):
        pass


def _outcome_not_boolean(s: Store, box: BoxId) -> None:
    with outcome("a", when=s.boxes[box].used):  # type: ignore[arg-type]
        pass


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        (_two_writes, 2, "two writes to ready in one outcome"),
        (_read_after_write, 2, r"boxes\[1\].used is read after it was assigned"),
        (_other_box, 1, r"a call touches only the BoxId it was given: pass BoxId\(2\) as a parameter"),
        (_wrong_index, 1, "boxes is indexed by a BoxId, not by int"),
        (_unknown_clause, 1, "unknown clause id P9"),
        (_wrong_verb, 1, r"assume\(\) states a caller clause, but P1 is documented"),
        (_no_reading, 1, "clause P2 has the readings at-most, less: say which one this is"),
        (_unknown_reading, 1, "clause P2 has no reading 'more'; it has at-most, less"),
        (_no_field, 1, "Box has no field weight"),
        (_whole_record, 1, "region is a record: assign its fields one by one"),
        (_wrong_sort, 1, "cannot mix Door with boolean"),
        (_twice_a_result, 2, "two results are named r"),
        (_odd_result, 1, "a result is an Address, Size, Number, Bool or an enumeration"),
        (_nested_outcome, 1, "an outcome cannot stand inside another"),
        (_outcome_not_boolean, 1, "a boolean formula is needed here, not size"),
    ],
)
def test_a_fault_in_a_body_names_its_line(body: Callable[..., None], line: int, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        record_of(body)
    assert caught.value.location.file.endswith("test_language.py")
    assert caught.value.location.line == body.__code__.co_firstlineno + line


def test_verbs_need_a_body() -> None:
    with pytest.raises(SpecError, match=r"require\(\) can be used only in the body of a call or event"):
        require("P1", True)


def test_an_invariant_assigns_nothing() -> None:
    toy = locker()

    @toy.invariant("bad", "SIZE")
    def bad(s: Store) -> Bool:
        """Assigns."""
        s.ready = True
        return s.ready

    with pytest.raises(SpecError, match="an invariant assigns nothing, but this one writes ready"):
        instantiate(toy, {})


def test_an_annotation_is_needed() -> None:
    def body(s: Store, box: int) -> None:
        """Odd."""

    with pytest.raises(SpecError, match="parameter box of body needs a handle") as caught:
        record_of(body)
    assert caught.value.location.line == body.__code__.co_firstlineno


def test_faults_of_declarations_are_kept() -> None:
    toy = locker()
    toy.call("Put")(_two_writes)
    toy.invariant("new", "COLOUR")(lambda s: s.ready)
    assert [error.message for error in toy.faults] == [
        "Put is declared twice",
        "invariant new has the unknown class COLOUR; use SIZE, ADDRESS, LIFECYCLE",
    ]


def test_default_readings() -> None:
    assert locker().default_readings == {"P2": "at-most"}
    assert repr(locker()) == "Specification('locker')"


def test_a_specification_without_state_or_calls_is_possible() -> None:
    class Nothing(Record):
        pass

    assert instantiate(Specification("empty", "Empty", Nothing, ()), {}).actions == ()


def test_a_specification_says_how_many_resources_a_check_takes_at_the_least() -> None:
    toy = locker()
    toy.numbers[BoxId] = 3

    @toy.call("Swap")
    def swap(s: Store, box: BoxId, other: BoxId) -> None:
        """Two boxes: no argument holds for any number of them."""

    resources = choose(toy, None, {}, Selection(), 1_000_000)
    assert (resources.count, resources.any_number) == (3, False)
    assert "Swap names 2 BoxId" in resources.note
    assert choose(toy, 2, {}, Selection(), 1_000_000).count == 2


def test_a_call_on_two_boxes_is_seen_to_be_accepted() -> None:
    """It may never be on one box given twice."""
    toy = locker()

    @toy.call("Compare")
    def compare(s: Store, box: BoxId, other: BoxId) -> None:
        """Needs two boxes."""
        if box == other:
            require("P1", False)

    assert [c.call for c in check(toy, Request(graphs=2)).dead_calls] == []
    assert [c.call for c in check(toy, Request(graphs=1)).dead_calls] == ["Compare"]
