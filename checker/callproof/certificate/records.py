"""The files of a certificate as strict, bounded records; version 2."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal, TypeVar

import msgspec

from callproof.errors import Exit, InputError, UserError

FORMAT = "callproof-certificate"
VERSION = 2

MANIFEST = "manifest.json"
FILE_LIMIT = 64 << 20
"""The most bytes of one file."""
TOTAL_LIMIT = 1 << 30
"""The most bytes of all files."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[^|\\$\x00-\x1f\x7f]{1,300}$")]
Text = Annotated[str, msgspec.Meta(max_length=4_000)]
Term = Annotated[str, msgspec.Meta(max_length=4 << 20)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
Path = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,60}(/[a-z0-9-]{1,60}){0,2}\.(json|smt2)$")]
State = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{1,256}$")]
Few = msgspec.Meta(max_length=10_000)
Many = msgspec.Meta(max_length=200_000)
Most = msgspec.Meta(max_length=5_000_000)


class Refused(UserError):
    """A certificate that can be read and does not hold."""

    exit = Exit.VIOLATED


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that refuses unknown keys."""


class Variable(Strict, frozen=True):
    """A variable; an enumeration has `values` of them, in as few bits as hold them."""

    name: Name
    role: Literal["control", "data", "input"]
    sort: Literal["boolean", "enumeration", "word"]
    values: Annotated[int, msgspec.Meta(ge=0, le=65_536)] = 0


class Definition(Strict, frozen=True):
    """A term with a name, `$0` and so on, that later terms may mention."""

    name: Annotated[str, msgspec.Meta(pattern=r"^\$[0-9]{1,9}$")]
    sort: Annotated[str, msgspec.Meta(pattern=r"^(Bool|\(_ BitVec [1-9][0-9]?\))$")]
    term: Term


class Clause(Strict, frozen=True):
    """A condition of an action: a clause of the contract, or an axiom."""

    name: Name
    term: Term


class Write(Strict, frozen=True):
    """What a variable is after a move."""

    name: Name
    term: Term


class Outcome(Strict, frozen=True):
    """One way in which an accepted action can end; the only one may have no name."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[^|\\$\x00-\x1f\x7f]{0,300}$")]
    when: Term
    writes: Annotated[tuple[Write, ...], Few]


class Action(Strict, frozen=True):
    """A call on particular handles; `choices` are the inputs that are enumerated, each value a move of its own."""

    name: Name
    marker: Name
    """The truth value `this step is that call`, as invariants over a step name it."""
    choices: Annotated[tuple[Name, ...], msgspec.Meta(max_length=20)]
    clauses: Annotated[tuple[Clause, ...], Few]
    outcomes: Annotated[tuple[Outcome, ...], Few]


class Invariant(Strict, frozen=True):
    """An invariant on particular handles: the conjunction of its conjuncts."""

    id: Name
    name: Name
    over_step: bool
    conjuncts: Annotated[tuple[Term, ...], Few]


class System(Strict, frozen=True):
    """A transition system: all state variables are zero (false, the first member) at first."""

    variables: Annotated[tuple[Variable, ...], Few]
    definitions: Annotated[tuple[Definition, ...], Many]
    actions: Annotated[tuple[Action, ...], Few]
    invariants: Annotated[tuple[Invariant, ...], Few]


class Graph(Strict, frozen=True):
    """Control states, packed in the order of the control variables from the lowest bit, and edges between them.

    An edge is the position of its source among the states, the number of its move, and the position of its target.
    """

    states: Annotated[tuple[State, ...], Most]
    edges: Annotated[tuple[tuple[Count, Count, Count], ...], Most]


class Kept(Strict, frozen=True):
    """The obligation that a move keeps conjuncts of an invariant, from whichever control state accepts the move."""

    invariant: Count
    conjuncts: Annotated[tuple[Count, ...], Few]
    move: Count
    file: Path
    assumed: Annotated[tuple[tuple[Count, Count], ...], Few] = ()
    """What it assumes of the invariants that are claimed: (invariant, conjunct)."""
    guards: Annotated[tuple[Count, ...], Few] | None = None
    """The conditions of the move that it assumes, by position, the outcome's last; all where nothing is said."""
    reached: bool = True
    """It also assumes that the control state is a listed one."""
    every_choice: bool = False
    """It leaves open what the move chooses, and so speaks of every move of the same action and outcome."""
    by: Literal["bits", "order"] = "bits"
    """As it stands, or in the weaker form in which words are told apart by their order alone."""


class Held(Strict, frozen=True):
    """The obligation that an invariant holds at first, or that a move leads from listed states to listed states."""

    subject: Count
    file: Path


class Cover(Strict, frozen=True):
    """Which obligation covers what."""

    initial: Annotated[tuple[Held, ...], Many]
    closure: Annotated[tuple[Held, ...], Many]
    kept: Annotated[tuple[Kept, ...], Most]


class Part(Strict, frozen=True):
    """One inductive invariant. `kind`: over a graph of its own, or over joins of the states of part `of`."""

    directory: Annotated[str, msgspec.Meta(pattern=r"^part-[0-9]{2,4}$")]
    layer: Name
    resources: Annotated[tuple[tuple[Name, Count], ...], Few]
    kind: Literal["explored", "joined"]
    of: Count | None
    joins: Annotated[tuple[tuple[tuple[Name, Name], ...], ...], msgspec.Meta(max_length=2)]
    """For each of the two resources: the control variables of part `of`, and those of this part in their place."""
    proves: Annotated[tuple[Count, ...], Few]
    """The positions of invariants in the part's system."""
    assumes: Annotated[tuple[Count, ...], Few]
    """Invariants that are taken to hold here, since part `base` proves all of the same id."""
    base: Count | None


class Claim(Strict, frozen=True):
    """What is said of one invariant in one layer."""

    invariant: Name
    layer: Name
    scope: Text
    part: Count | None
    """None where the invariant speaks of more resources than there are, and so says nothing."""
    words: Text


class File(Strict, frozen=True):
    """One file of the certificate but the manifest."""

    path: Path
    bytes: Count
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]


class Header(msgspec.Struct, frozen=True):
    """What is read of a manifest first."""

    format: str
    version: int


class Manifest(Strict, frozen=True):
    """The certificate's table of contents."""

    format: str
    version: int
    digest: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of this very file with zeros in this place: it tells damage, not forgery."""
    made_by: Annotated[tuple[tuple[Name, Text], ...], Few]
    specification: Name
    title: Text
    specification_version: Text
    readings: Annotated[tuple[tuple[Name, Name], ...], Few]
    options: Annotated[tuple[tuple[Name, Name], ...], Few]
    claims: Annotated[tuple[Claim, ...], Few]
    trusted: Annotated[tuple[Text, ...], Few]
    """What the claims rest on besides the obligations."""
    parts: Annotated[tuple[Part, ...], msgspec.Meta(max_length=1_000)]
    files: Annotated[tuple[File, ...], Many]


UNSEALED = "0" * 64

T = TypeVar("T", bound=Strict)


def decode_manifest(data: bytes) -> Manifest:
    """The manifest; `InputError` where it is none, or of another version."""
    try:
        header = msgspec.json.decode(data, type=Header)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"{MANIFEST}: no manifest of a certificate: {error}") from None
    if header.format != FORMAT or header.version != VERSION:
        raise InputError(
            f"{MANIFEST}: format {header.format[:60]!r} version {header.version}; this program reads {FORMAT!r} "
            f"version {VERSION}"
        )
    manifest = decode(MANIFEST, data, Manifest)
    if sealed(data.replace(manifest.digest.encode(), UNSEALED.encode(), 1)) != data:
        raise Refused(f"{MANIFEST}: is not as it was written (its digest differs)")
    return manifest


def sealed(data: bytes) -> bytes:
    """A manifest's file with its digest in the place of the zeros."""
    return data.replace(UNSEALED.encode(), hashlib.sha256(data).hexdigest().encode(), 1)


def decode(path: str, data: bytes, type: type[T]) -> T:
    """A file of the certificate; `InputError` where it is not what it should be."""
    try:
        return msgspec.json.decode(data, type=type)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}") from None


def encode(record: Strict) -> bytes:
    """A record as JSON that a person can read."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def listed(path: str, data: bytes) -> File:
    """The manifest's entry of a file."""
    return File(path, len(data), hashlib.sha256(data).hexdigest())
