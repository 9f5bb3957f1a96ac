"""The compiled interpreter: judges a call in a state, makes the step, and says which clause or invariant fails."""

from callproof.semantics.compiled import CompiledAction, CompiledProperty, State, Values
from callproof.semantics.judgement import VERDICTS, Verdict, verdict_of
from callproof.semantics.machine import Machine
from callproof.semantics.passing import HANDLE_LIMIT, Call, bind, decode, encode, results_of, shapes

__all__ = [
    "HANDLE_LIMIT", "VERDICTS", "Call", "CompiledAction", "CompiledProperty", "Machine", "State", "Values", "Verdict",
    "bind", "decode", "encode", "results_of", "shapes", "verdict_of",
]  # fmt: skip
