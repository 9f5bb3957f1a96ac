"""A system as the SMT-LIB terms of a certificate: formula by formula, without the prover's folding of them.

What a certificate proves it proves of this translation, so it is kept as plain as can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from callproof.certificate import records
from callproof.certificate.terms import quoted
from callproof.expr import (
    FALSE,
    TRUE,
    Add,
    And,
    BitAnd,
    Const,
    Eq,
    Ite,
    Kind,
    Node,
    Not,
    Or,
    Sort,
    Sub,
    Ule,
    Ult,
    Var,
    children,
)
from callproof.model.clauses import Layer
from callproof.model.system import Action, Property, System, call_marker

SHARED = 24
"""The fewest characters of a term that is worth a definition of its own."""

_OPERATORS: Mapping[type[Node], str] = {
    Not: "not", And: "and", Or: "or", Ite: "ite", Eq: "=", Ult: "bvult", Ule: "bvule", Add: "bvadd", Sub: "bvsub",
    BitAnd: "bvand",
}  # fmt: skip


def width(sort: Sort) -> int:
    """The bits of a value."""
    return 64 if sort.is_word else max(1, (sort.values - 1).bit_length())


def literal(sort: Sort, value: int) -> str:
    """A constant."""
    if sort.kind is Kind.BOOLEAN:
        return "true" if value else "false"
    return f"#x{value:016x}" if sort.is_word else f"#b{value:0{width(sort)}b}"


class Terms:
    """Formulas as terms; what several of them share is defined once."""

    def __init__(self, names: Mapping[str, str], fixed: Mapping[str, int], roots: Iterable[Node]) -> None:
        self._names, self._fixed = names, fixed
        self.definitions: list[records.Definition] = []
        self._texts: dict[int, str] = {}
        self._defined: dict[str, str] = {}
        self._roots = list(roots)  # kept, since nodes are told apart by where they lie in memory
        self._uses: dict[int, int] = {}
        for root in self._roots:
            self._count(root)

    def _count(self, root: Node) -> None:
        stack = [root]
        while stack:
            node = stack.pop()
            self._uses[id(node)] = self._uses.get(id(node), 0) + 1
            if self._uses[id(node)] == 1:
                stack.extend(children(node))

    def of(self, root: Node) -> str:
        """The term of one of the roots."""
        stack = [root]
        while stack:
            node = stack[-1]
            open_children = [c for c in children(node) if id(c) not in self._texts]
            if id(node) not in self._texts and open_children:
                stack.extend(open_children)
                continue
            stack.pop()
            if id(node) not in self._texts:
                self._texts[id(node)] = self._shared(node, self._text(node))
        return self._texts[id(root)]

    def _text(self, node: Node) -> str:
        if isinstance(node, Const):
            return literal(node.sort, node.value)
        if isinstance(node, Var):
            if node.name in self._fixed:
                return literal(node.sort, self._fixed[node.name])
            return quoted(self._names.get(node.name, node.name))
        parts = [self._texts[id(child)] for child in children(node)]
        if isinstance(node, And | Or) and len(parts) < 2:
            return parts[0] if parts else ("true" if isinstance(node, And) else "false")
        return f"({_OPERATORS[type(node)]} {' '.join(parts)})"

    def _shared(self, node: Node, text: str) -> str:
        if text in self._defined:
            return self._defined[text]
        if self._uses.get(id(node), 0) < 2 or len(text) < SHARED or isinstance(node, Var | Const):
            return text
        sort = "Bool" if node.sort.kind is Kind.BOOLEAN else f"(_ BitVec {width(node.sort)})"
        name = f"${len(self.definitions)}"
        self.definitions.append(records.Definition(name, sort, text))
        self._defined[text] = name
        return name


def split(formula: Node) -> list[Node]:
    """The conjuncts of a condition: of `a -> (b and c)` those of `a -> b` and of `a -> c`."""
    if isinstance(formula, And):
        return [part for arg in formula.args for part in split(arg)]
    if isinstance(formula, Or) and formula.args:
        *premises, conclusion = formula.args
        parts = split(conclusion) if isinstance(conclusion, And | Or) else [conclusion]
        if len(parts) != 1:
            return [Or((*premises, part)) for part in parts]
    return [] if formula == TRUE else [formula]


def translated(system: System, layer: Layer) -> records.System:
    """The system as a certificate holds it, with the clauses of one layer."""
    actions = [(action, clauses(action, layer)) for action in system.actions]
    properties = [(prop, split(prop.formula)) for prop in system.properties]
    roots = [formula for _, found in actions for _, formula in found]
    roots += [node for action, _ in actions for o in action.outcomes for node in (o.when, *(n for _, n in o.writes))]
    roots += [part for _, parts in properties for part in parts]
    markers = {_marker(action): f"is {_marker(action)[1:]}" for action in system.actions}
    fixed = dict(system.fixed_options)
    terms = Terms(markers, fixed, roots)
    made = tuple(_action(action, found, terms, markers) for action, found in actions)
    invariants = tuple(
        records.Invariant(prop.id, _instance(prop), prop.over_step, tuple(terms.of(part) for part in parts))
        for prop, parts in properties
    )
    state = [_variable(v.var, "control" if v.control else "data") for v in system.variables]
    given = {v.name: _variable(v, "input") for v in system.options if v.name not in fixed}
    for action in system.actions:
        given |= {var.name: _variable(var, "input") for var in inputs(action)}
    return records.System((*state, *given.values()), tuple(terms.definitions), made, invariants)


def clauses(action: Action, layer: Layer) -> list[tuple[str, Node]]:
    """What a move needs to be accepted: the clauses of the layer, axioms, and 0 for a result that does not exist.

    Conjunct by conjunct, several of one name, so that an obligation need not assume all of a clause.
    """
    found = [(f"clause {c.id}", c.formula) for c in action.clauses if c.origin in layer.origins]
    found += [(f"axiom {a.id}", a.formula) for a in action.axioms]
    for result in action.results:
        zero = Const(result.var.sort, 0)
        absent = Not(result.var) if result.var.sort.kind is Kind.BOOLEAN else Eq(result.var, zero)
        if result.when != TRUE:
            found.append((f"result {result.name}", Or((result.when, absent))))
    return [(name, part) for name, formula in found for part in split(formula)]


def _action(action: Action, found: list[tuple[str, Node]], terms: Terms, markers: Mapping[str, str]) -> records.Action:
    choices = tuple(var.name for var in inputs(action) if not var.sort.is_word)
    outcomes = tuple(
        records.Outcome(
            outcome.name,
            terms.of(outcome.when),
            tuple(records.Write(name, terms.of(node)) for name, node in outcome.writes if not _is_same(name, node)),
        )
        for outcome in action.outcomes
        if outcome.when != FALSE
    )
    written = tuple(records.Clause(name, terms.of(formula)) for name, formula in found)
    return records.Action(action.label, markers[_marker(action)], choices, written, outcomes)


def inputs(action: Action) -> list[Var]:
    """What a call is given and what it returns."""
    return [p.var for p in action.params] + [r.var for r in action.results]


def _is_same(name: str, node: Node) -> bool:
    return isinstance(node, Var) and node.name == name


def _marker(action: Action) -> str:
    return call_marker(action.call, action.indices)


def _instance(prop: Property) -> str:
    return f"{prop.id}({', '.join(str(index) for _, index in prop.handles)})"


def _variable(var: Var, role: str) -> records.Variable:
    sort = var.sort
    if sort.is_word:
        return records.Variable(var.name, role, "word")  # type: ignore[arg-type]
    if sort.kind is Kind.BOOLEAN:
        return records.Variable(var.name, role, "boolean", 2)  # type: ignore[arg-type]
    return records.Variable(var.name, role, "enumeration", sort.values)  # type: ignore[arg-type]
