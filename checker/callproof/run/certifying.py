"""Writing a certificate of what a check has proved; what it says is told in `callproof.certificate`."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field

import callproof
from callproof.certificate import format
from callproof.certificate.format import Cover, Held, Kept, Part
from callproof.certificate.obligations import Explored, Joined, initially, keeps
from callproof.certificate.system import Table
from callproof.graph import Reach
from callproof.model.clauses import Layer
from callproof.run.edges import Edges
from callproof.run.layer import Shown
from callproof.run.translation import translated
from callproof.symbolic import z3_version
from callproof.verdict import CheckResult, Finding, Status

TRUSTED = (
    "system.json of each part is what the specification means: its Python bodies were run on symbolic state, and their "
    "formulas translated by callproof.run.translation",
    "the solvers that answer the obligations, and callproof.certificate, which builds and compares them",
)
ANY_NUMBER = (
    "the argument of callproof.prove.parametric: invariants that are proved of one resource, and of each two, hold of "
    "any number; every state of two is a join of two states of one; invariants over a step hold on calls on other "
    "resources"
)
LARGER = "invariants that a part assumes, since an earlier one proves them, hold in the larger system as well"


@dataclass(frozen=True, slots=True)
class _Built:
    """One part with its system and its files."""

    part: Part
    table: Table
    states: Explored | Joined
    files: Mapping[str, bytes]
    proved: frozenset[str]


@dataclass(slots=True)
class Certificate:
    """The parts of a certificate that is being made, layer by layer."""

    parts: list[_Built] = field(default_factory=list)

    def add(self, layer: Layer, edges: Edges) -> None:
        """What the engine has proved in the layer that it has just judged."""
        first = len(self.parts)
        for shown in edges.shown:
            if shown.stands:
                self.parts.append(_built(len(self.parts), first, layer, shown, self.parts))

    def files(self, result: CheckResult) -> dict[str, bytes]:
        """Every file of the certificate by its path."""
        found = {f"{b.part.directory}/{path}": data for b in self.parts for path, data in b.files.items()}
        found = dict(sorted(found.items()))
        found[format.MANIFEST] = format.encode(self._manifest(result, found))
        return found

    def _manifest(self, result: CheckResult, files: Mapping[str, bytes]) -> format.Manifest:
        claims = [
            self._claim(result, layer.layer, finding)
            for layer in result.layers
            for finding in layer.findings
            if finding.status is Status.PROVED
        ]
        trusted = [*TRUSTED, *([ANY_NUMBER] if result.any_number_of else [])]
        trusted += [LARGER] if any(b.part.assumes and b.part.kind == "explored" for b in self.parts) else []
        versions = (("callproof", callproof.__version__), ("z3", z3_version()), ("python", platform.python_version()))
        return format.Manifest(
            format.FORMAT,
            format.VERSION,
            versions,
            result.spec,
            result.title,
            result.version,
            result.readings,
            result.options,
            tuple(claims),
            tuple(trusted),
            tuple(b.part for b in self.parts),
            tuple(format.listed(path, data) for path, data in files.items()),
        )

    def _claim(self, result: CheckResult, layer: str, finding: Finding) -> format.Claim:
        numbers = [n for n, b in enumerate(self.parts) if b.part.layer == layer and finding.invariant in b.proved]
        words = (
            f"{finding.invariant} holds in every state and step of every sequence of calls that {result.spec} accepts in "
            f"the layer {layer} ({finding.scope})"
        )
        if finding.reason:
            words += f"; {finding.reason}"
        # Where an invariant was proved twice, the later proof is of more resources.
        return format.Claim(finding.invariant, layer, finding.scope, numbers[-1] if numbers else None, words)


def _built(number: int, first: int, layer: Layer, shown: Shown, earlier: list[_Built]) -> _Built:
    where = f"part-{number + 1:02}"
    model = shown.side.model
    system = translated(model.system, layer)
    table = Table(where, system)
    is_joined = not isinstance(shown.states, Reach)
    joins = () if isinstance(shown.states, Reach) else tuple(tuple(p.items()) for p in shown.states.places)
    part = Part(
        where,
        layer.name,
        model.system.counts,
        "joined" if is_joined else "explored",
        first if is_joined else None,
        joins,
        tuple(sorted(shown.stands)),
        shown.given,
        first if shown.given else None,
    )
    files = {"system.json": format.encode(system)}
    states: Explored | Joined
    if isinstance(shown.states, Reach):
        graph = _graph(shown, shown.states, table)
        files["graph.json"] = format.encode(graph)
        states = Explored(where, table, graph)
    else:
        one = earlier[first].states
        assert isinstance(one, Explored)
        states = Joined(where, table, part, one)
    cover = _cover(shown, table, states, files)
    files["cover.json"] = format.encode(cover)
    open_ids = {p.id for n, p in enumerate(model.system.properties) if n not in shown.stands}
    proved = frozenset(p.id for p in model.system.properties) - open_ids
    return _Built(part, table, states, files, proved)


def _numbers(shown: Shown, table: Table) -> dict[int, int]:
    """The model's moves as the certificate numbers them."""
    numbered = {(m.action.name, m.outcome.name, m.choices): m.number for m in table.moves}
    return {
        move.number: numbered[move.action.label, move.outcome.name, move.choices] for move in shown.side.model.moves
    }


def _graph(shown: Shown, reach: Reach, table: Table) -> format.Graph:
    numbers = _numbers(shown, table)
    position = {state: n for n, state in enumerate(reach.states)}
    edges = tuple((position[source], numbers[move], position[target]) for source, target, move, _ in reach.edges)
    return format.Graph(tuple(f"{state:x}" for state in reach.states), edges)


def _cover(shown: Shown, table: Table, states: Explored | Joined, files: dict[str, bytes]) -> Cover:
    """Build every obligation, as the checker will."""
    hints = _hints(shown, table)
    closure, initial, kept = [], [], []

    def keep(kind: str, script: str) -> str:
        path = f"obligations/{kind}-{len(files):05}.smt2"
        files[path] = script.encode()
        return path

    if isinstance(states, Explored):
        closure = [Held(move.number, keep("closure", states.closure(move))) for move in table.moves]
    for number in sorted(shown.stands):
        invariant = table.system.invariants[number]
        if not invariant.over_step:
            initial.append(Held(number, keep("initial", initially(table, number))))
        for conjunct in range(len(invariant.conjuncts)):
            for move in table.moves:
                assumed = hints[number, move.number]
                script = keeps(table, states, number, conjunct, move, assumed)
                if script is None:
                    kept.append(Kept(number, conjunct, move.number))
                else:
                    kept.append(Kept(number, conjunct, move.number, keep("keeps", script), assumed))
    return Cover(tuple(initial), tuple(closure), tuple(kept))


def _hints(shown: Shown, table: Table) -> dict[tuple[int, int], tuple[int, ...]]:
    """(invariant, move) -> the invariants to assume: those of the proof.

    Of two resources only moves on the first are looked at, since those on the second mirror them. What they need is
    what the proof of the same invariant on any resources took from whichever invariants.
    """
    numbers = _numbers(shown, table)
    back = {certified: move for move, certified in numbers.items()}
    looked = None if isinstance(shown.states, Reach) else set(shown.states.moves)
    invariants = table.system.invariants
    known = shown.stands | set(shown.given)
    wide: dict[str, set[str]] = {}
    for (prop, _), used in shown.used.items():
        wide.setdefault(invariants[prop].id, set()).update(invariants[n].id for n in used)
    found = {}
    for prop in shown.stands:
        ids = wide.get(invariants[prop].id, set())
        mirrored = {n for n in known if invariants[n].id in ids}
        for move in table.moves:
            model_move = back.get(move.number)
            seen = model_move is not None and (looked is None or model_move in looked)
            used = set(shown.used.get((prop, model_move), ())) if seen and model_move is not None else mirrored
            found[prop, move.number] = tuple(sorted(used - {prop}))
    return found
