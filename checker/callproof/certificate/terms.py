"""A certificate's terms as text: which symbols they mention, and nothing but terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from callproof.certificate.records import Refused

OPERATORS = frozenset({"not", "and", "or", "=", "bvult", "bvule", "ite", "bvadd", "bvsub", "bvand"})
PRIME = "'"
"""Appended to a state variable's name, it names the value after the step."""

_TOKEN = re.compile(r"\|[^|\\]+\||#b[01]{1,64}|#x[0-9a-f]{1,16}|[a-z]+|\$[0-9]+|=|[()]|[ ]")
_SYMBOL = re.compile(r"\|[^|\\]+\||\$[0-9]+n?")


def require_term(where: str, text: str) -> None:
    """`Refused` unless the text is one term: a literal, a symbol, or an operator on terms."""
    depth, position, done, after_open = 0, 0, False, False
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or done:
            raise Refused(f"{where}: no term at character {position + 1}")
        token, position = match[0], match.end()
        if token == " ":
            if after_open:
                raise Refused(f"{where}: no operator at character {position}")
            continue
        if after_open != (token in OPERATORS):
            raise Refused(f"{where}: {token[:60]} where it means nothing, at character {position}")
        after_open = token == "("
        depth += (token == "(") - (token == ")")
        if not (token in OPERATORS or token in ("true", "false") or token[0] in "()|#$"):
            raise Refused(f"{where}: unknown symbol {token[:60]}")
        if depth < 0:
            raise Refused(f"{where}: a parenthesis too many")
        done = depth == 0
    if not done:
        raise Refused(f"{where}: the term does not end")


def mentioned(text: str) -> Iterator[str]:
    """The symbols of a term: variables without their bars, and names of definitions."""
    for match in _SYMBOL.finditer(text):
        yield match[0].strip("|")


def renamed(text: str, rename: Callable[[str], str]) -> str:
    """The term with its symbols renamed."""

    def one(match: re.Match[str]) -> str:
        bare = match[0].strip("|")
        new = rename(bare)
        return match[0].replace(bare, new) if new != bare else match[0]

    return _SYMBOL.sub(one, text)


def quoted(name: str) -> str:
    """A variable as a symbol."""
    return f"|{name}|"
