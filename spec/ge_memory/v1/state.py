"""What a v1 session remembers besides what a `GeSession` does."""

import enum

from callproof.model import boolean, enumeration, table
from ge_memory.state import Graph, GraphId, Session


class Compiler(enum.Enum):
    """What compiled a graph: nothing yet or a run, `CompileGraph`, or `BuildGraph`."""

    ITSELF = 0
    COMPILE_GRAPH = 1
    BUILD_GRAPH = 2


class GraphV1(Graph):
    """A graph of a v1 session. `by_plain`, `by_type`: which of the two calls has set or switched off fixed memory."""

    compiler = enumeration(Compiler)
    by_plain = boolean()
    by_type = boolean()


class SessionV1(Session):
    """The same session with graphs of its own kind."""

    graphs = table(GraphV1, GraphId)
