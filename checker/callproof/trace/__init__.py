"""A recorded or constructed sequence of calls: one format, versioned, with its reader and writer."""

from callproof.trace.reading import FORMAT, SIZE_LIMIT, STEP_LIMIT, VERSION, decode_trace, read_trace
from callproof.trace.steps import Step, Trace, Value
from callproof.trace.writing import Sorts, sorts_of, trace_text, write_trace

__all__ = [
    "FORMAT", "SIZE_LIMIT", "STEP_LIMIT", "VERSION", "Sorts", "Step", "Trace", "Value",
    "decode_trace", "read_trace", "sorts_of", "trace_text", "write_trace",
]  # fmt: skip
