"""A valve whose clauses are needed in each way there is: alone, in one call only, either of two, or not at all."""

import enum

from callproof.model import (
    Bool,
    Handle,
    Origin,
    Question,
    Record,
    Size,
    Specification,
    StepInfo,
    all_of,
    boolean,
    clause,
    enumeration,
    harden,
    implies,
    require,
    size,
    table,
)


class ValveId(Handle):
    """Names a valve."""


class Phase(enum.Enum):
    """A sealed valve is never opened."""

    NEW = 0
    FITTED = 1
    SEALED = 2


class Valve(Record):
    phase = enumeration(Phase)
    open = boolean()
    flow = size()


class Plant(Record):
    valves = table(Valve, ValveId)


def valve() -> Specification[Plant]:
    """A new specification; all its invariants hold in `hardened`."""
    spec = Specification(
        "valve",
        "Valves of a plant",
        Plant,
        (
            clause("P1", Origin.DOCUMENTED, "Valve", "rules", "the valve is fitted"),
            clause("P2", Origin.DOCUMENTED, "Valve", "rules", "at most 100"),
            clause("P3", Origin.DOCUMENTED, "Valve", "rules", "the valve is new"),
            clause("H1", Origin.HARDENING, "", "", "at most 50", question="Q1"),
            clause("H2", Origin.HARDENING, "", "", "the valve is shut", question="Q1"),
            clause("H3", Origin.HARDENING, "", "", "no other valve is open", question="Q1"),
        ),
        questions=(Question("Q1", "What else?", "H1, H2 and H3."),),
    )

    @spec.call("Fit")
    def fit(s: Plant, valve: ValveId) -> None:
        """Fit a valve."""
        require("P3", s.valves[valve].phase == Phase.NEW)
        s.valves[valve].phase = Phase.FITTED

    @spec.call("Seal")
    def seal(s: Plant, valve: ValveId) -> None:
        """Seal a valve for good."""
        v = s.valves[valve]
        require("P1", v.phase == Phase.FITTED)
        harden("H2", ~v.open)
        v.phase = Phase.SEALED

    @spec.call("Open")
    def open_valve(s: Plant, valve: ValveId, flow: Size) -> None:
        """Open a valve."""
        v = s.valves[valve]
        require("P1", v.phase == Phase.FITTED)
        require("P2", flow <= 100)
        harden("H1", flow <= 50)
        harden("H2", ~v.open)
        harden("H3", all_of(*(~o.open for o in s.valves.others(valve))))
        v.open = True
        v.flow = flow

    @spec.call("Shut")
    def shut(s: Plant, valve: ValveId) -> None:
        """Shut a valve."""
        s.valves[valve].open = False
        s.valves[valve].flow = 0

    @spec.invariant("bounded", "SIZE")
    def bounded(s: Plant, valve: ValveId) -> Bool:
        """No more flows than a pipe holds."""
        return s.valves[valve].flow <= 100

    @spec.invariant("sealed-shut", "LIFECYCLE")
    def sealed_shut(s: Plant, valve: ValveId) -> Bool:
        """A sealed valve is shut."""
        v = s.valves[valve]
        return implies(v.phase == Phase.SEALED, ~v.open)

    @spec.invariant("one-open", "LIFECYCLE")
    def one_open(s: Plant, valve: ValveId, other: ValveId) -> Bool:
        """No two valves are open."""
        return ~(s.valves[valve].open & s.valves[other].open)

    @spec.step_invariant("sealed-for-good", "LIFECYCLE")
    def sealed_for_good(old: Plant, new: Plant, step: StepInfo, valve: ValveId) -> Bool:
        """A sealed valve stays sealed."""
        return implies(old.valves[valve].phase == Phase.SEALED, new.valves[valve].phase == Phase.SEALED)

    return spec
