from pathlib import Path

import pytest

from callproof.errors import SpecFaults
from callproof.model.lint import lint, require_clean
from callproof.model.loading import load_specification
from tests.support.toys import locker

HEADER = """
import enum
from callproof.model import *

class BoxId(Handle):
    pass

class Box(Record):
    full = boolean()
    used = size()
    place = address()

class Store(Record):
    ready = boolean()
    boxes = table(Box, BoxId)

MODE = Option("mode", ("a", "b"), "a mode")
"""

ALL_AT_ONCE = (
    HEADER
    + """
def cited(id, text):
    return clause(id, Origin.DOCUMENTED, "Put", "rules", text)

CLAUSES = (
    cited("C1", "one"),
    cited("C2", "two"),  #! no call states the clause C2
    clause("C3", Origin.HARDENING, "", "", "three"),  #! clause C3 has no citation
    clause("C4", Origin.DOCUMENTED, "Put", "", "four", readings=("x", "y")),
    clause("C5", Origin.DOCUMENTED, "Put", "", "five", readings=("x", "y")),  #! no call states the reading y of
    clause("C6", Origin.HARDENING, "", "", "six", question="Q1, Q8"),  #! clause C6 cites the unknown question Q8
)
#? fact F2 is said to be a clause, but there is none of that id
SPEC = Specification(
    "toy", "Toy", Store, CLAUSES, options=(MODE,), questions=(Question("Q1", "?", "!"),),
    facts=(Fact("C1", Treatment.CLAUSE, ""), Fact("F2", Treatment.CLAUSE, "")),
)

@SPEC.call("Mix")
def mix(s: Store, box: BoxId, amount: Size) -> None:
    \"\"\"Faults of single lines.\"\"\"
    b = s.boxes[box]
    require("C1", b.used < b.place)  #! cannot mix size with address
    require("C9", s.ready)  #! unknown clause id C9; add it to the clause table
    require(
        "C7",
        s.ready,
    )
    harden("C3", MODE.is_("c"))  #! option mode has no value 'c'; it has a, b
    b.used = amount
    b.used = amount  #! two writes to boxes[1].used in one outcome
    s.boxes[BoxId(2)].full = True  #! a call touches only the BoxId it was given: pass BoxId(2) as a parameter
    b.full = amount > 4  #! boxes[1].full is control, but it is assigned from data (in amount: size)
    s.ready = MODE.is_("a")  #! ready is control, but it is assigned from data (option:mode)

#? Assign states clause C4 as x, but not as y
@SPEC.call("Assign")
def assign(s: Store, box: BoxId, amount: Size) -> None:
    \"\"\"Assigns to what is passed.\"\"\"
    require("C4", s.ready, reading="x")
    harden("C6", s.ready)
    amount = amount + 1  #! the body assigns to its parameter amount

@SPEC.call("Other")
def other(s: Store) -> None:
    \"\"\"The other reading of C4.\"\"\"
    require("C4", s.ready, reading="y")
    require("C4", s.ready, reading="x")

#? Partial states clause C5 as x, but not as y
@SPEC.call("Partial")
def partial(s: Store) -> None:
    \"\"\"One of two readings.\"\"\"
    require("C5", s.ready, reading="x")

#? Silent has no docstring
@SPEC.event("Silent")
def silent(s: Store) -> None:
    s.ready = True

#? Other is declared twice
@SPEC.call("Other")
def other_again(s: Store) -> None:
    \"\"\"Again.\"\"\"
    require("C4", s.ready, reading="y")
    require("C4", s.ready, reading="x")
    with outcome("no", when=3):  #! a boolean formula is needed here, not int 3
        pass

#? invariant wordless has no docstring
@SPEC.invariant("wordless", "SIZE")
def wordless(s: Store) -> Bool:
    return s.ready

#? invariant number returns Size, not a boolean formula
@SPEC.invariant("number", "SIZE")
def number(s: Store, box: BoxId) -> Bool:
    \"\"\"No formula.\"\"\"
    return s.boxes[box].used

#? invariant forgotten returns NoneType, not a boolean formula
@SPEC.step_invariant("forgotten", "SIZE")
def forgotten(old: Store, new: Store, step: StepInfo) -> Bool:
    \"\"\"Returns nothing.\"\"\"
    step.is_call("Nothing")  #! unknown call Nothing

#? invariant odd answers the unknown question Q7
@SPEC.invariant("odd", "SIZE", answers=("Q7",))
def odd(s: Store, a: BoxId, b: BoxId, c: BoxId) -> Bool:
    \"\"\"Three boxes.\"\"\"
    return s.boxes[a].full and s.boxes[b].full  #! a formula has no truth value while it is built

#? invariant colour has the unknown class COLOUR
@SPEC.invariant("colour", "COLOUR")
def colour(s: Store) -> Bool:
    \"\"\"No class.\"\"\"
    return s.ready
"""
)


def expected(source: str) -> list[tuple[int, str]]:
    """`#!` expects a fault on its line; `#?` on the next."""
    lines = source.splitlines()
    marks = [(n, line.partition("#!")[2].strip()) for n, line in enumerate(lines, 1) if "#!" in line]
    marks += [(n + 1, line.partition("#?")[2].strip()) for n, line in enumerate(lines, 1) if line.startswith("#?")]
    return sorted(marks)


def write(folder: Path, source: str, name: str = "toy.py") -> Path:
    path = folder / name
    path.write_text(source, encoding="utf-8")
    return path


def test_every_fault_at_once_at_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, ALL_AT_ONCE)
    faults = lint(load_specification(f"{path}:SPEC"))
    found = [(f.location.line, f.message) for f in faults]
    extra = (ALL_AT_ONCE.splitlines().index("    require(") + 1, "unknown clause id C7")
    wanted = sorted([*expected(ALL_AT_ONCE), extra])
    assert {f.location.file for f in faults} == {str(path)}
    assert [line for line, _ in found] == [line for line, _ in wanted]
    for (line, message), (_, part) in zip(sorted(found), wanted, strict=True):
        assert message.startswith(part), f"line {line}"


def test_a_body_that_raises_does_not_hide_other_bodies(tmp_path: Path) -> None:
    source = (
        HEADER
        + """
SPEC = Specification("toy", "Toy", Store, (clause("C1", Origin.DOCUMENTED, "Put", "", "one"),))

@SPEC.call("Breaks")
def breaks(s: Store, box: BoxId) -> None:
    \"\"\"Raises.\"\"\"
    s.boxes[box].used = 1 / 0  #! the body raises ZeroDivisionError: division by zero

@SPEC.call("Inside")
def inside(s: Store, box: BoxId, amount: Size) -> None:
    \"\"\"Raises inside the language.\"\"\"
    s.boxes[box].used = 3 + amount  #! the body raises TypeError: unsupported operand

@SPEC.call("Ends")
def ends(s: Store) -> None:
    \"\"\"Ends the program.\"\"\"
    raise SystemExit(3)  #! the body raises SystemExit: 3

#? cannot read the annotations of unreadable
@SPEC.call("Unreadable")
def unreadable(s: Store, box: "Nobody") -> None:
    \"\"\"Unknown annotation.\"\"\"

#? parameter box of odd needs a handle
@SPEC.call("Odd")
def odd(s: Store, box: int) -> None:
    \"\"\"Odd annotation.\"\"\"

@SPEC.call("Nested")
def nested(s: Store) -> None:
    \"\"\"Nests outcomes.\"\"\"
    with outcome("a"):
        with outcome("b"):  #! an outcome cannot stand inside another
            pass

@SPEC.invariant("wrong", "SIZE")
def wrong(s: Store) -> Bool:
    \"\"\"Says a verb.\"\"\"
    require("C1", s.ready)  #! require() can be used only in the body of a call or event
    return s.ready
"""
    )
    found = [(f.location.line, f.message) for f in lint(load_specification(f"{write(tmp_path, source)}:SPEC"))]
    wanted = expected(source)
    # `odd` runs without its parameter, so Python adds a word of its own.
    found = [entry for entry in found if "missing 1 required positional argument" not in entry[1]]
    assert [line for line, _ in found] == [line for line, _ in wanted]
    assert all(message.startswith(part) for (_, message), (_, part) in zip(found, wanted, strict=True))


def test_a_fault_in_a_helper_of_another_file_is_located_there(tmp_path: Path) -> None:
    helper = write(tmp_path, "def bigger(a, b):\n    return a > b\n", "helper_of_toy.py")
    source = (
        HEADER
        + """
from helper_of_toy import bigger
SPEC = Specification("toy", "Toy", Store, (clause("C1", Origin.DOCUMENTED, "Put", "", "one"),))

@SPEC.call("Put")
def put(s: Store, box: BoxId) -> None:
    \"\"\"Uses a helper.\"\"\"
    require("C1", bigger(s.boxes[box].used, s.boxes[box].place))
"""
    )
    (error,) = lint(load_specification(f"{write(tmp_path, source)}:SPEC"))
    assert str(error) == f"{helper}:2: cannot mix size with address"


def test_control_may_depend_on_data_only_where_a_constant_does_not_decide(tmp_path: Path) -> None:
    source = (
        HEADER
        + """
SPEC = Specification("toy", "Toy", Store, ())

@SPEC.call("Put")
def put(s: Store, box: BoxId, amount: Size, flag: Bool) -> None:
    \"\"\"Assigns control.\"\"\"
    big = amount > 3
    s.boxes[box].full = (big & False) | flag | ite(all_of(), s.ready, big)

@SPEC.call("Take")
def take(s: Store, box: BoxId) -> None:
    \"\"\"Assigns control from a result.\"\"\"
    s.ready = result("size", Size) == 0  #! ready is control, but it is assigned from data (out size: size)
"""
    )
    found = [(f.location.line, f.message) for f in lint(load_specification(f"{write(tmp_path, source)}:SPEC"))]
    ((line, part),) = expected(source)
    assert len(found) == 1
    assert found[0][0] == line
    assert found[0][1].startswith(part)


def test_clean_specifications(tmp_path: Path) -> None:
    assert lint(locker()) == []
    require_clean(locker())


def test_the_specification_of_this_project_is_clean() -> None:
    assert lint(load_specification("ge-memory")) == []


def test_require_clean_lists_every_fault(tmp_path: Path) -> None:
    spec = load_specification(f"{write(tmp_path, ALL_AT_ONCE)}:SPEC")
    with pytest.raises(SpecFaults) as caught:
        require_clean(spec)
    assert str(caught.value).splitlines() == [str(error) for error in lint(spec)]
    assert caught.value.exit == 2
