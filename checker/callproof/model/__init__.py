"""The specification language, and the flat system that the engines read."""

from callproof.expr import (
    Address,
    Bool,
    EnumTerm,
    Number,
    Size,
    all_of,
    any_of,
    constant,
    disjoint,
    holds,
    implies,
    ite,
    no_wrap,
    truth,
)
from callproof.model.clauses import (
    ALL_LAYERS,
    LAYERS,
    Clause,
    Fact,
    Layer,
    Origin,
    Question,
    Treatment,
    clause,
)
from callproof.model.handles import Handle
from callproof.model.instantiate import Selection, instantiate
from callproof.model.native import Recorder, Reproduction, Runner
from callproof.model.published import Deviation, PublishedDriver
from callproof.model.recording import assume, axiom, harden, outcome, require, result
from callproof.model.records import Record, Region, address, boolean, enumeration, handle, number, record, size, table
from callproof.model.specification import Option, Specification, StepInfo, Twin
from callproof.model.system import System

__all__ = [
    "ALL_LAYERS", "LAYERS", "Address", "Bool", "Clause", "Deviation", "EnumTerm", "Fact", "Handle", "Layer", "Number",
    "Option", "Origin", "PublishedDriver", "Question", "Record", "Recorder", "Region", "Reproduction", "Runner",
    "Selection", "Size", "Specification", "StepInfo", "System", "Treatment", "Twin", "address", "all_of", "any_of",
    "assume", "axiom", "boolean", "clause", "constant", "disjoint", "enumeration", "handle", "harden", "holds",
    "implies", "instantiate", "ite", "no_wrap", "number", "outcome", "record", "require", "result", "size", "table",
    "truth",
]  # fmt: skip
