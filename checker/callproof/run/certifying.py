"""Writing a certificate of what a check has proved; what it says is told in `callproof.certificate`."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

import callproof
from callproof.certificate import records
from callproof.certificate.obligations import Explored, Joined, initially, keeps, touched
from callproof.certificate.reading import read_file
from callproof.certificate.records import Cover, Held, Kept, Part
from callproof.certificate.system import Table
from callproof.graph import Reach
from callproof.model.clauses import ALL_LAYERS, Layer
from callproof.model.instantiate import Selection, instantiate
from callproof.model.specification import Specification
from callproof.run.edges import Edges
from callproof.run.hints import Hints
from callproof.run.layer import Shown
from callproof.run.translation import translated
from callproof.run.trimming import Trimmer
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
        for number, shown in enumerate(edges.shown):
            # The states of the first are what later ones are joined of, even where nothing is shown of it alone.
            if shown.stands or (number == 0 and any(later.stands for later in edges.shown)):
                self.parts.append(_built(len(self.parts), first, layer, shown, self.parts))

    def files(self, result: CheckResult) -> dict[str, bytes]:
        """Every file of the certificate by its path."""
        found = {f"{b.part.directory}/{path}": data for b in self.parts for path, data in b.files.items()}
        found = dict(sorted(found.items()))
        found[records.MANIFEST] = records.sealed(records.encode(self._manifest(result, found)))
        return found

    def _manifest(self, result: CheckResult, files: Mapping[str, bytes]) -> records.Manifest:
        claims = [
            self._claim(result, layer.layer, finding)
            for layer in result.layers
            for finding in layer.findings
            if finding.status is Status.PROVED
        ]
        trusted = [*TRUSTED, *([ANY_NUMBER] if result.any_number_of else [])]
        trusted += [LARGER] if any(b.part.assumes and b.part.kind == "explored" for b in self.parts) else []
        versions = (("callproof", callproof.__version__), ("z3", z3_version()), ("python", platform.python_version()))
        return records.Manifest(
            records.FORMAT,
            records.VERSION,
            records.UNSEALED,
            versions,
            result.spec,
            result.title,
            result.version,
            result.readings,
            result.options,
            tuple(claims),
            tuple(trusted),
            tuple(b.part for b in self.parts),
            tuple(records.listed(path, data) for path, data in files.items()),
        )

    def _claim(self, result: CheckResult, layer: str, finding: Finding) -> records.Claim:
        numbers = [n for n, b in enumerate(self.parts) if b.part.layer == layer and finding.invariant in b.proved]
        words = (
            f"{finding.invariant} holds in every state and step of every sequence of calls that {result.spec} accepts "
            f"in the layer {layer} ({finding.scope})"
        )
        if finding.reason:
            words += f"; {finding.reason}"
        # Where an invariant was proved twice, the later proof is of more resources.
        return records.Claim(finding.invariant, layer, finding.scope, numbers[-1] if numbers else None, words)


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
    files = {"system.json": records.encode(system)}
    states: Explored | Joined
    if isinstance(shown.states, Reach):
        graph = _graph(shown, shown.states, table)
        files["graph.json"] = records.encode(graph)
        states = Explored(where, table, graph)
    else:
        one = earlier[first].states
        assert isinstance(one, Explored)
        states = Joined(where, table, part, one)
    cover = _cover(layer, shown, table, states, files)
    files["cover.json"] = records.encode(cover)
    open_ids = {p.id for n, p in enumerate(model.system.properties) if n not in shown.stands}
    proved = frozenset(p.id for p in model.system.properties) - open_ids
    return _Built(part, table, states, files, proved)


def _numbers(shown: Shown, table: Table) -> dict[int, int]:
    """The model's moves as the certificate numbers them."""
    numbered = {(m.action.name, m.outcome.name, m.choices): m.number for m in table.moves}
    return {
        move.number: numbered[move.action.label, move.outcome.name, move.choices] for move in shown.side.model.moves
    }


def _graph(shown: Shown, reach: Reach, table: Table) -> records.Graph:
    numbers = _numbers(shown, table)
    position = {state: n for n, state in enumerate(reach.states)}
    edges = tuple((position[source], numbers[move], position[target]) for source, target, move, _ in reach.edges)
    return records.Graph(tuple(f"{state:x}" for state in reach.states), edges)


def _cover(layer: Layer, shown: Shown, table: Table, states: Explored | Joined, files: dict[str, bytes]) -> Cover:
    """Build every obligation, as the checker will."""
    numbers = _numbers(shown, table)
    hints = Hints(shown, table, {certified: move for move, certified in numbers.items()}, layer)
    trimmer = Trimmer(table, states)
    closure: list[Held] = []
    initial: list[Held] = []
    kept: list[Kept] = []

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
        for family in table.families.values():
            conjuncts = touched(table, number, family[0])
            if conjuncts:
                for row in trimmer.rows([hints.row(number, conjuncts, move) for move in family], family):
                    script = keeps(table, states, table.moves[row.move], row)
                    kept.append(replace(row, file=keep("keeps", script)))
    return Cover(tuple(initial), tuple(closure), tuple(kept))


def require_same_systems(directory: str, manifest: records.Manifest, spec: Specification[Any]) -> None:
    """`Refused` unless the system of every part is that of a specification, translated anew."""
    if manifest.specification != spec.name:
        raise records.Refused(f"{directory}: is a certificate of {manifest.specification}, not of {spec.name}")
    selection = Selection(manifest.readings, manifest.options)
    for part in manifest.parts:
        if part.layer not in ALL_LAYERS:
            raise records.Refused(f"{part.directory}: {part.layer} is no layer")
        system = instantiate(spec, dict(part.resources), selection)
        path = f"{part.directory}/system.json"
        if read_file(directory, path) != records.encode(translated(system, ALL_LAYERS[part.layer])):
            raise records.Refused(f"{path}: is not the system of {spec.name}, translated anew")
