"""A tank that three sets of clauses keep from running over: one clause, two together, and one that forbids its use."""

from callproof.model import (
    Bool,
    Handle,
    Origin,
    Question,
    Record,
    Size,
    Specification,
    assume,
    boolean,
    clause,
    harden,
    require,
    size,
    table,
)


class TankId(Handle):
    """Names a tank."""


class Tank(Record):
    built = boolean()
    broken = boolean()
    level = size()


class Yard(Record):
    tanks = table(Tank, TankId)


def tank() -> Specification[Yard]:
    """A new specification, of which the documented layer breaks one invariant."""
    spec = Specification(
        "tank",
        "Tanks that must not run over",
        Yard,
        (
            clause("D1", Origin.DOCUMENTED, "Fill", "rules", "the tank is built"),
            clause("H1", Origin.HARDENING, "", "", "at most 100 is filled in", question="Q1"),
            clause("H2", Origin.HARDENING, "", "", "at most 100 is poured in", question="Q1"),
            clause("H3", Origin.HARDENING, "", "", "the tank is broken", question="Q1"),
            clause("C1", Origin.CALLER, "", "", "the caller puts in at most 50", question="Q1"),
        ),
        questions=(Question("Q1", "How much?", "H1 and H2, or C1."),),
    )

    @spec.call("Build")
    def build(s: Yard, tank: TankId) -> None:
        """Build a tank."""
        s.tanks[tank].built = True

    @spec.call("Fill")
    def fill(s: Yard, tank: TankId, amount: Size) -> None:
        """Fill a tank."""
        t = s.tanks[tank]
        require("D1", t.built)
        harden("H1", amount <= 100)
        harden("H3", t.broken)
        assume("C1", amount <= 50)
        t.level = amount

    @spec.call("Pour")
    def pour(s: Yard, tank: TankId, amount: Size) -> None:
        """Pour into a tank."""
        t = s.tanks[tank]
        require("D1", t.built)
        harden("H2", amount <= 100)
        harden("H3", t.broken)
        assume("C1", amount <= 50)
        t.level = amount

    @spec.invariant("not-over", "SIZE")
    def not_over(s: Yard, tank: TankId) -> Bool:
        """A tank holds at most 100."""
        return s.tanks[tank].level <= 100

    return spec
