"""A C program: model checkers of C choose its values; with -DREPLAY a compiler makes one that plays given values.

The choices of a replay are words: the value of each option, and then for each call the number of its way and what it
was given and returned, in the order of the action.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callproof.errors import UsageError
from callproof.export.c_expressions import comment, literal, quoted
from callproof.export.c_functions import Functions
from callproof.export.heading import heading
from callproof.export.problem import Problem
from callproof.expr import NUMBER, Sort
from callproof.semantics import Machine, bind, results_of, shapes
from callproof.trace import Trace

_SAYS = """
A model checker of C chooses calls and values; an assertion fails where CALLS calls or fewer break the invariant:
  esbmc FILE.c --unwind {unwind} --no-unwinding-assertions
  cbmc FILE.c --unwind {unwind}
and with -DSVCOMP other checkers, which know __VERIFIER_assume and assert(); -DCALLS=0 is for proofs of any length.
A compiler makes a program of it that plays given choices and says what each call did:
  cc -std=c11 -DREPLAY FILE.c -o replay && ./replay [CHOICES]
where CHOICES (- is standard input) holds numbers: a value for each option, and then for each call its number below and
its values. It exits with 1 where the invariant breaks, and with 2 where the choices mean nothing.
"""

_PRELUDE = """#include <stdint.h>
#if defined(__GNUC__)
/* Formulas of a specification may say what is so by the types alone. */
#pragma GCC diagnostic ignored "-Wtype-limits"
#pragma GCC diagnostic ignored "-Wtautological-compare"
#endif
#ifndef CALLS
#define CALLS {bound}
#endif
"""

_CHOOSING = """
#ifdef REPLAY
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
{recorded}
static FILE *choices;
static size_t taken;
/* The next number, or 0 at the end. */
static int next(uint64_t *value)
{
	char word[32], *end;
	if (!choices) {
		if (taken >= RECORDED_COUNT)
			return 0;
		*value = recorded[taken++];
		return 1;
	}
	if (fscanf(choices, "%31s", word) != 1)
		return 0;
	errno = 0;
	*value = strtoull(word, &end, 0);
	if (*end || errno || word[0] == '-') {
		fprintf(stderr, "no 64-bit number: %s\\n", word);
		exit(2);
	}
	return 1;
}
static uint64_t choose(uint64_t last)
{
	uint64_t value;
	if (!next(&value) || value > last) {
		fprintf(stderr, "a value is missing or out of range\\n");
		exit(2);
	}
	return value;
}
#else
extern unsigned long long __VERIFIER_nondet_ulonglong(void);
#if defined(__CPROVER__)
#define assume(condition) __CPROVER_assume(condition)
#define check(condition, says) __CPROVER_assert(condition, says)
#elif defined(SVCOMP)
#include <assert.h>
extern void __VERIFIER_assume(int);
#define assume(condition) __VERIFIER_assume(condition)
#define check(condition, says) assert(condition)
#else
extern void __ESBMC_assume(_Bool);
extern void __ESBMC_assert(_Bool, const char *);
#define assume(condition) __ESBMC_assume(condition)
#define check(condition, says) __ESBMC_assert(condition, says)
#endif
static uint64_t choose(uint64_t last)
{
	const uint64_t value = __VERIFIER_nondet_ulonglong();
	assume(value <= last);
	return value;
}
#endif
"""


def c_program(problem: Problem, played: Trace | None = None) -> str:
    """The program; with a trace, one that plays it where no choices are given.

    Raises `UsageError` or `InputError` where the trace is of something else than the problem.
    """
    functions = Functions(problem)
    says = _SAYS.strip().format(unwind=problem.bound + 1).splitlines()
    numbered = [f"  {way.number} {way.label}{_values(problem, way.number)}" for way in problem.ways]
    choices = [] if played is None else recorded(problem, played)
    table = f"static const uint64_t recorded[] = {{{', '.join(literal(NUMBER, c) for c in choices)}}};"
    count = f"#define RECORDED_COUNT {len(choices)}"
    parts = [
        heading(problem, "//", [comment(line) for line in (*says, "Calls:", *numbered)]),
        _PRELUDE.replace("{bound}", str(problem.bound)),
        functions.text(),
        _CHOOSING.replace("{recorded}", f"{count}\n{table if choices else 'static const uint64_t recorded[1];'}"),
        *_choices(problem, functions),
        *_steps(problem, functions),
        *_mains(problem, functions),
    ]
    return "\n".join(parts) + "\n"


def _values(problem: Problem, number: int) -> str:
    names = [
        *(p.name for p in problem.ways[number].action.params),
        *(r.name for r in problem.ways[number].action.results),
    ]
    return f" ({', '.join(names)})" if names else ""


def recorded(problem: Problem, trace: Trace) -> list[int]:
    """The choices that a trace makes, as the program takes them; refused calls among them."""
    system = problem.system
    for clause, reading in system.readings:
        if trace.readings.get(clause, reading) != reading:
            raise UsageError(f"the trace reads {clause} as {trace.readings[clause]}, the export as {reading}")
    machine, known = Machine(system), shapes(system)
    state = machine.initial(trace.options)
    choices = [machine.value(state, name) for name in problem.options]
    for position, step in enumerate(trace.steps, 1):
        place = f"step {position}"
        call = bind(known, step, place)
        number = machine.action(call.name, call.handles)
        compiled = machine.compiled[number]
        results, _ = results_of(compiled, state, call.args, step.result, place)
        behind = state.copy()
        outcome = max(0, compiled.apply(behind, call.args, results))
        ways = [way.number for way in problem.ways if way.action is compiled.action]
        choices += [ways[min(outcome, len(ways) - 1)], *call.args, *results]
        possible = compiled.possible(state, call.args, results)
        if possible and machine.accepts(problem.layer, state, number, call.args, results):
            state = behind
    return choices


# -- functions ----------------------------------------------------------------------------------------------------


def _last(sort: Sort) -> str:
    return "UINT64_MAX" if sort.is_word else str(sort.values - 1)


def _choices(problem: Problem, functions: Functions) -> Iterator[str]:
    """What a call is given, chosen in the order of its action; what is not its own stays 0."""
    yield "static void choose_own(Own *o, unsigned way)\n{\n\t(void)o;\n\tswitch (way) {"
    for way in problem.ways:
        if not way.own:
            continue
        yield f"\tcase {way.number}: /* {comment(way.label)} */"
        for var in way.own:
            yield f"\t\to->{functions.own[var.name]} = {_cast(var.sort)}choose({_last(var.sort)});"
        yield "\t\tbreak;"
    yield "\tdefault:\n\t\tbreak;\n\t}\n}"


def _cast(sort: Sort) -> str:
    return "" if sort.is_word else "(uint8_t)"


def _steps(problem: Problem, functions: Functions) -> Iterator[str]:
    """Is a call accepted, and what does it do?"""
    yield "static int accepted(const Vars *s, const Own *o, unsigned way)\n{\n\tswitch (way) {"
    for way in problem.ways:
        wanted = [f"{c.function}(s, o)" for c in functions.of(way)] + [f"possible_{way.number}(s, o)"]
        yield f"\tcase {way.number}:\n\t\treturn {' && '.join(wanted)};"
    yield "\tdefault:\n\t\treturn 0;\n\t}\n}"
    yield "static void effect(Vars *s, const Own *o, unsigned way)\n{\n\tswitch (way) {"
    for way in problem.ways:
        yield f"\tcase {way.number}:\n\t\teffect_{way.number}(s, o);\n\t\tbreak;"
    yield "\tdefault:\n\t\tbreak;\n\t}\n}"
    yield "static Vars initial(void)\n{\n\tVars s = {0};"
    for name, sort in problem.options.items():
        yield f"\ts.{functions.fields[name]} = {_cast(sort)}choose({_last(sort)});"
    yield "\treturn s;\n}"


def _mains(problem: Problem, functions: Functions) -> Iterator[str]:
    ways, properties = len(problem.ways), problem.properties
    held = [n for n, prop in enumerate(properties) if not prop.over_step]
    yield "#ifndef REPLAY\nint main(void)\n{\n\tVars s = initial();"
    yield from (f"\tassume(s.{functions.fields[name]} == {value});" for name, value in problem.fixed.items())
    yield from (f"\tcheck(holds_{n}(&s, &s, {ways}), {quoted(properties[n].id)});" for n in held)
    yield "\tfor (unsigned long call = 0; CALLS == 0 || call < CALLS; call++) {"
    yield f"\t\tconst unsigned way = (unsigned)choose({ways - 1});\n\t\tconst Vars before = s;\n\t\tOwn o = {{0}};"
    yield "\t\tchoose_own(&o, way);\n\t\tassume(accepted(&s, &o, way));\n\t\teffect(&s, &o, way);"
    yield from (f"\t\tcheck(holds_{n}(&before, &s, way), {quoted(prop.id)});" for n, prop in enumerate(properties))
    yield "\t}\n\treturn 0;\n}\n#else"
    yield from _replaying(problem, functions, held)
    yield "#endif"


def _replaying(problem: Problem, functions: Functions, held: Sequence[int]) -> Iterator[str]:
    """What the program of a compiler prints: each call, why it is refused, what changes, and what breaks."""
    yield "static const char *const labels[] = {"
    yield from (f"\t{quoted(way.label)}," for way in problem.ways)
    yield "};\nstatic void refusal(const Vars *s, const Own *o, unsigned way)\n{\n\tswitch (way) {"
    for way in problem.ways:
        yield f"\tcase {way.number}:"
        yield from (f'\t\tif (!{c.function}(s, o))\n\t\t\tprintf(" %s", {quoted(c.named)});' for c in functions.of(way))
        yield f'\t\tif (!possible_{way.number}(s, o))\n\t\t\tprintf(" outcome");\n\t\tbreak;'
    yield "\tdefault:\n\t\tbreak;\n\t}\n}"
    yield "static void changes(const Vars *b, const Vars *s)\n{"
    for name in problem.states:
        field = functions.fields[name]
        yield f"\tif (b->{field} != s->{field})"
        yield f'\t\tprintf("\\t%s=%" PRIu64 "\\n", {quoted(name)}, (uint64_t)s->{field});'
    yield "\t(void)b;\n\t(void)s;\n}"
    yield "static int breaks(const Vars *b, const Vars *s, unsigned way, int first)"
    yield "{\n\tint broken = 0;\n\t(void)first;"
    for n, prop in enumerate(problem.properties):
        shown = quoted(f"{prop.id}({', '.join(str(index) for _, index in prop.handles)})")
        guard = "" if n in held else "!first && "
        yield f'\tif ({guard}!holds_{n}(b, s, way)) {{\n\t\tprintf("\\tbreaks %s\\n", {shown});\n\t\tbroken = 1;\n\t}}'
    yield "\treturn broken;\n}"
    yield _REPLAY.replace("{ways}", str(len(problem.ways))).replace("{fixed}", _fixed(problem, functions)).strip()


def _fixed(problem: Problem, functions: Functions) -> str:
    wrong = [f"s.{functions.fields[name]} != {value}" for name, value in problem.fixed.items()]
    return " || ".join(wrong) or "0"


_REPLAY = """
int main(int argc, char **argv)
{
	Vars s;
	uint64_t way;
	int broken;
	if (argc > 1 && argv[1][0] == '-' && !argv[1][1])
		choices = stdin;
	else if (argc > 1 && !(choices = fopen(argv[1], "r"))) {
		perror(argv[1]);
		return 2;
	}
	s = initial();
	if ({fixed}) {
		fprintf(stderr, "an option has another value than this program is of\\n");
		return 2;
	}
	broken = breaks(&s, &s, {ways}, 1);
	for (unsigned long call = 1; next(&way); call++) {
		const Vars before = s;
		Own o = {0};
		if (way >= {ways}) {
			fprintf(stderr, "there is no call %" PRIu64 "\\n", way);
			return 2;
		}
		choose_own(&o, (unsigned)way);
		printf("%lu. %s", call, labels[way]);
		if (!accepted(&s, &o, (unsigned)way)) {
			printf(" refused:");
			refusal(&s, &o, (unsigned)way);
			printf("\\n");
			continue;
		}
		printf("\\n");
		effect(&s, &o, (unsigned)way);
		changes(&before, &s);
		broken |= breaks(&before, &s, (unsigned)way, 0);
	}
	return broken;
}
"""
