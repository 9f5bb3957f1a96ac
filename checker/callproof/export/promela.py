"""A Promela model, for Spin: Promela chooses calls and values, and C, as in the C program, computes on 64-bit words.

Promela's own integers end at 32 bits, so that words are embedded C (`c_state`, `c_expr`, `c_code`). They take few
values, those of a domain: what Spin finds can happen, but what it does not find may happen with other values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from callproof.export.c_expressions import comment, literal, quoted
from callproof.export.c_functions import Functions
from callproof.export.domain import values_of
from callproof.export.heading import heading
from callproof.export.problem import Problem, Way
from callproof.expr import TRUE, Kind, Sort, variables

_SAYS = """
An UNDER-APPROXIMATION: what callers pass and drivers return are words of these domains only. So an error that Spin
finds is one, and where Spin finds none there may be one with other words.
{domains}
  spin -a FILE.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan
finds a sequence of CALLS calls or fewer that breaks the invariant (./pan -r FILE.pml.trail shows it), and with
`spin -DCALLS=0 -a` one of any length; with -DBFS for cc it is a shortest one.
"""


def promela(problem: Problem, values: Mapping[Kind, tuple[int, ...]]) -> str:
    """The model, with the words that may be passed and returned."""
    return "\n".join(_Model(problem, values).lines()) + "\n"


_BLOCK = 16_000
"""Characters of a block of C; Spin takes 64 KiB at the most."""


def _blocks(first: list[str], functions: list[str]) -> Iterator[str]:
    block, size = first, 0
    for function in functions:
        if size + len(function) > _BLOCK:
            yield "\n".join(["c_decl {", *block, "}"])
            block, size = [], 0
        block.append(function)
        size += len(function)
    yield "\n".join(["c_decl {", *block, "}"])


def _asked(conditions: Sequence[str]) -> str:
    """A condition; Spin takes a call of a function for a side effect unless the text begins with a parenthesis."""
    return f"c_expr {{ ({' && '.join(conditions)}) }}"


class _Model:
    def __init__(self, problem: Problem, values: Mapping[Kind, tuple[int, ...]]) -> None:
        self._problem, self._values = problem, values
        self._functions = Functions(problem)

    def lines(self) -> Iterator[str]:
        listed = [f"  {kind.value}: {', '.join(map(hex, values))}" for kind, values in self._values.items()]
        says = _SAYS.strip().format(domains="\n".join(listed)).splitlines()
        yield heading(self._problem, "//", [comment(line) for line in says])
        yield f"#ifndef CALLS\n#define CALLS {self._problem.bound}\n#endif"
        yield "#if CALLS > 0\n#define MORE (now.calls < CALLS)\n#define COUNT now.calls++\n#else"
        yield "#define MORE 1\n#define COUNT\n#endif"
        yield from _blocks(
            ["\\#include <stdint.h>\n\\#include <string.h>", *self._functions.types(), *self._tables()],
            ["\n".join(lines) for lines in self._functions.functions],
        )
        yield 'c_state "Vars s" "Global"\nc_state "Own o" "Global"'
        yield "short calls = 0;\nbyte pick = 0;\nbit broken = 0;"
        yield from self._choices()
        yield "init {"
        yield from self._start()
        yield "end_calls:\n\tdo"
        for way in self._problem.ways:
            yield from self._call(way)
        yield "\tod;\nrefused:"
        yield "\tatomic { c_code { memset(&now.o, 0, sizeof now.o); now.pick = 0; }; goto end_calls }\n}"

    def _sorts(self) -> dict[int, list[Sort]]:
        """The sorts that are chosen from, by how many values they have."""
        chosen = [*self._problem.own.values(), *self._problem.options.values()]
        found: dict[int, list[Sort]] = {}
        for sort in chosen:
            found.setdefault(len(values_of(sort, self._values)), []).append(sort)
        return found

    def _tables(self) -> Iterator[str]:
        for kind in dict.fromkeys(sort.kind for sorts in self._sorts().values() for sort in sorts if sort.is_word):
            listed = ", ".join(literal(Sort(kind), value) for value in self._values[kind])
            yield f"static const uint64_t some_{kind.value}[] = {{{listed}}};"

    def _choices(self) -> Iterator[str]:
        """`pick` becomes any number below one."""
        for count in sorted(self._sorts()):
            yield f"inline one_of_{count}() {{ if {' '.join(f':: pick = {n}' for n in range(count))} fi }}"

    def _chosen(self, sort: Sort, into: str) -> str:
        value = f"some_{sort.kind.value}[now.pick]" if sort.is_word else "now.pick"
        return f"one_of_{len(values_of(sort, self._values))}(); c_code {{ now.{into} = {value}; }};"

    def _start(self) -> Iterator[str]:
        """The state before any call; every byte that means nothing is 0."""
        yield "\tatomic {\n\tc_code { memset(&now.s, 0, sizeof now.s); memset(&now.o, 0, sizeof now.o); };"
        for name, sort in self._problem.options.items():
            field = f"s.{self._functions.fields[name]}"
            if name in self._problem.fixed:
                yield f"\tc_code {{ now.{field} = {self._problem.fixed[name]}; }};"
            else:
                yield f"\t{self._chosen(sort, field)}"
        held = [n for n, prop in enumerate(self._problem.properties) if not prop.over_step]
        for n in held:
            yield f"\tc_code {{ if (!holds_{n}(&now.s, &now.s, {len(self._problem.ways)})) now.broken = 1; }};"
        yield "\tpick = 0; assert(!broken)\n\t};"

    def _call(self, way: Way) -> Iterator[str]:
        """A call: each condition is asked as soon as what it is about was chosen."""
        stages = self._stages(way)
        yield f"\t/* {comment(way.label)} */"
        yield f"\t:: atomic {{ {_asked(['MORE', *stages[0]])};"
        for var, conditions in zip(way.own, stages[1:], strict=True):
            yield f"\t\t{self._chosen(var.sort, f'o.{self._functions.own[var.name]}')}"
            if conditions:
                yield f"\t\tif :: {_asked(conditions)} :: else -> goto refused fi;"
        wrong = [f"!holds_{n}(&b, &now.s, {way.number})" for n in range(len(self._problem.properties))]
        yield f"\t\tc_code {{ {{ Vars b = now.s; effect_{way.number}(&now.s, &now.o); (void)b;"
        yield f"\t\t\tnow.broken = {' || '.join(wrong) or '0'}; }}"
        yield "\t\t\tmemset(&now.o, 0, sizeof now.o); now.pick = 0; COUNT; };"
        yield f"\t\tprintf({quoted(way.label + chr(10))}); assert(!broken) }}"

    def _stages(self, way: Way) -> list[list[str]]:
        """The conditions that can be asked before anything is chosen, and behind each choice."""
        position = {var.name: n for n, var in enumerate(way.own, 1)}
        stages: list[list[str]] = [[] for _ in range(len(way.own) + 1)]
        asked = [(c.function, c.formula) for c in self._functions.of(way)]
        for function, formula in (*asked, (f"possible_{way.number}", way.outcome.when)):
            if formula != TRUE:
                last = max((position.get(name, 0) for name in variables(formula)), default=0)
                stages[last].append(f"{function}(&now.s, &now.o)")
        return stages
