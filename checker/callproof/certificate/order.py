"""An obligation by order alone: sums, differences and bitwise terms are unknown, and words are a few bits wide.

Most of what is said of regions follows from how their ends compare, whatever the sums come to, and in words of 64 bits
that is what solvers find hardest. So an obligation may be shown in this form instead. It is weaker: where it has no
model, the obligation itself has none.

*Why.* Take a model of the obligation, and let V be the values of all its terms that are words, with 0. There are at
most as many as there are variables, literals and operators on words in the script; a definition has the value of its
term and an `ite` that of a branch. Replace each value by its rank in V, counted from 0, and let `$add`, `$sub` and
`$and` take the ranks of two operands to the rank of what the operation gave for them: ranks determine values, so these
are functions. Comparisons and equalities of words are as before, 0 is 0, literals stand in their order, and whatever is
no word has not changed; so every assertion is still true. The words are made wide enough for all ranks.

A width that some other sort of the script has is not taken. So the solver tells words from other values as before, and
a term of mixed sorts is an error for it in this form as well.
"""

from __future__ import annotations

import re

WORD_BITS = 64

_TOKEN = re.compile(
    r"\|[^|]*\||\(_ BitVec (?P<width>[0-9]+)\)|(?P<literal>#x[0-9a-f]+|#b[01]+)|\((?P<operator>bvadd|bvsub|bvand)\b"
)
_OPERATOR = re.compile(r"\(bv(?:add|sub|and)\b")
_VARIABLE = re.compile(rf"^\(declare-const \|[^|]*\| \(_ BitVec {WORD_BITS}\)\)$", re.MULTILINE)


def by_order(script: str) -> tuple[str, str]:
    """The logic and the commands of a script with its words abstracted; each command has a line of its own."""
    found = {(match.lastgroup, match[match.lastgroup]) for match in _TOKEN.finditer(script) if match.lastgroup}
    literals = {_number(text) for kind, text in found if kind == "literal"}
    others = {int(text) for kind, text in found if kind == "width"} | {width for width, _ in literals}
    values = {value for width, value in literals if width == WORD_BITS}
    operators = {text[2:] for kind, text in found if kind == "operator"}
    terms = 1 + len(_VARIABLE.findall(script)) + len(_OPERATOR.findall(script))
    width = max(1, (terms + len(values) - 1).bit_length())
    while width in others:
        width += 1
    sort, zero = f"(_ BitVec {width})", f"#b{0:0{width}b}"

    def one(match: re.Match[str]) -> str:
        if match["width"]:
            return sort if int(match["width"]) == WORD_BITS else match[0]
        if match["literal"]:
            bits, value = _number(match["literal"])
            return match[0] if bits != WORD_BITS else zero if value == 0 else _name(value)
        return f"(${match['operator'][2:]}" if match["operator"] else match[0]

    head = [f"(declare-fun ${name} ({sort} {sort}) {sort})" for name in sorted(operators)]
    last = zero
    for value in sorted(values - {0}):
        head += [f"(declare-const {_name(value)} {sort})", f"(assert (bvult {last} {_name(value)}))"]
        last = _name(value)
    return "QF_UFBV" if operators else "QF_BV", "\n".join([*head, _TOKEN.sub(one, script)])


def _number(literal: str) -> tuple[int, int]:
    """The width and the value of a literal."""
    digits = literal[2:]
    return (4 * len(digits), int(digits, 16)) if literal[1] == "x" else (len(digits), int(digits, 2))


def _name(value: int) -> str:
    """The unknown that stands for a literal; no variable of a certificate has a dollar sign in its name."""
    return f"$x{value:x}"
