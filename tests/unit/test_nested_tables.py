"""Tables inside the records of a table, and inside a record: named, reset and replayed like any other."""

from callproof.model import Handle, Record, Specification, any_of, boolean, instantiate, record, table
from callproof.model.instantiate import handle_kinds
from callproof.model.system import Action


class ThingId(Handle):
    pass


class PartId(Handle):
    pass


class SpotId(Handle):
    pass


class Part(Record):
    worn = boolean()


class Thing(Record):
    good = boolean()
    parts = table(Part, PartId)


class Shelf(Record):
    spots = table(Part, SpotId)


class World(Record):
    things = table(Thing, ThingId)
    shelf = record(Shelf)


def world() -> Specification[World]:
    spec = Specification("world", "Things of parts", World, ())

    @spec.call("Wear")
    def wear(s: World, thing: ThingId, part: PartId) -> None:
        s.things[thing].parts[part].worn = True

    @spec.call("Replace")
    def replace(s: World, thing: ThingId) -> None:
        s.things[thing].reset()

    @spec.call("Clear")
    def clear(s: World) -> None:
        s.shelf.reset()

    @spec.call("Store")
    def store(s: World, thing: ThingId, spot: SpotId) -> None:
        worn = any_of(*(part.worn for part in s.things[thing].parts.every()))
        s.shelf.spots[spot].worn = worn

    return spec


def written(action: Action) -> list[str]:
    return [name for name, _ in action.outcomes[0].writes]


def test_every_kind_is_found_and_counted() -> None:
    assert handle_kinds(World) == [ThingId, PartId, SpotId]
    system = instantiate(world(), {"ThingId": 2, "PartId": 3, "SpotId": 2})
    assert system.counts == (("ThingId", 2), ("PartId", 3), ("SpotId", 2))
    names = [v.name for v in system.variables]
    assert names[:5] == ["things[1].good", *(f"things[1].parts[{n}].worn" for n in (1, 2, 3)), "things[2].good"]
    assert names[-2:] == ["shelf.spots[1].worn", "shelf.spots[2].worn"]
    assert system.owner_of("things[2].parts[1].worn") == "ThingId"
    assert system.owner_of("shelf.spots[1].worn") is None


def test_reset_reaches_the_tables_below_a_record() -> None:
    actions = {a.label: a for a in instantiate(world(), {"PartId": 2, "SpotId": 2}).actions}
    assert written(actions["Replace(thing=1)"]) == [
        "things[1].good",
        "things[1].parts[1].worn",
        "things[1].parts[2].worn",
    ]
    assert written(actions["Clear()"]) == ["shelf.spots[1].worn", "shelf.spots[2].worn"]
