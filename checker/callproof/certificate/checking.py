"""Checking a certificate: every obligation that its claims need is there, is the right one, and is answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from callproof.certificate.alike import distinct
from callproof.certificate.obligations import Explored, Joined, initially, keeps, touched
from callproof.certificate.reading import read_files, read_manifest
from callproof.certificate.records import Claim, Cover, Graph, Kept, Manifest, Part, Refused, System, decode
from callproof.certificate.solvers import Reply, Said, Solver
from callproof.certificate.system import Move, Table

Tick = Callable[[str], None]

GIVE_UP = 10
"""Questions in a row that a solver may leave without an answer before it is asked no more."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What one solver answered to the obligations; for those that differ in names alone it is asked once."""

    solver: str
    version: str
    unsat: int
    lacking: tuple[tuple[str, str], ...]
    """Obligations that it could not read or has no theory for, with what it said."""
    failed: tuple[tuple[str, Reply], ...]
    """Obligations that it answered otherwise."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Checked:
    """A certificate whose files are in order, and what the solvers say."""

    manifest: Manifest
    obligations: int
    distinct: int
    """Obligations but for those that differ from an earlier one in names alone: as many questions to each solver."""
    evaluated: int
    """Conjuncts and moves that need no obligation, since the move writes nothing that the conjunct mentions."""
    states: int
    edges: int
    size: int
    """Bytes of all files but the manifest."""
    answers: tuple[Answers, ...]

    def refuted(self) -> list[str]:
        """Obligations that some solver has a counterexample to."""
        return sorted({path for a in self.answers for path, reply in a.failed if reply.said is Said.SAT})

    def open(self) -> list[tuple[str, str, str]]:
        """(obligation, solver, why): not answered, or by no solver at all."""
        found = [
            (path, a.solver, reply.text or reply.said.value)
            for a in self.answers
            for path, reply in a.failed
            if reply.said is not Said.SAT
        ]
        if self.answers:
            missing = set.intersection(*({path for path, _ in a.lacking} for a in self.answers))
            found += [(path, a.solver, text) for a in self.answers for path, text in a.lacking if path in missing]
        return sorted(found)

    def confirmed(self) -> list[Claim]:
        """The claims whose parts, and the parts that these rest on, have no obligation that is refuted or open."""
        failing = {path.partition("/")[0] for path in [*self.refuted(), *(path for path, _, _ in self.open())]}
        sound: list[bool] = []
        for part in self.manifest.parts:
            rests_on = [n for n in (part.of, part.base) if n is not None]
            sound.append(part.directory not in failing and all(sound[n] for n in rests_on))
        return [claim for claim in self.manifest.claims if claim.part is None or sound[claim.part]]


@dataclass(frozen=True, slots=True)
class Read:
    """One part, read and looked through."""

    part: Part
    table: Table
    states: Explored | Joined
    cover: Cover

    def proved(self) -> set[str]:
        """The ids of which the part proves every invariant."""
        all_of: dict[str, set[int]] = {}
        for n, invariant in enumerate(self.table.system.invariants):
            all_of.setdefault(invariant.id, set()).add(n)
        return {id for id, numbers in all_of.items() if numbers <= set(self.part.proves)}


def check_certificate(directory: str, solvers: Sequence[str], seconds: float, tick: Tick | None = None) -> Checked:
    """Check a certificate; each obligation is given `seconds` with each solver.

    Raises `InputError` for what is no certificate, `Refused` for one that does not hold, and `UsageError` for a solver
    that is not installed. What solvers answer is in the result.
    """
    manifest = read_manifest(directory)
    contents = read_files(directory, manifest)
    parts: list[Read] = []
    used: set[str] = set()
    scripts: list[tuple[str, str]] = []
    evaluated = 0
    for part in manifest.parts:
        one = _read(manifest, contents, part, parts, used)
        parts.append(one)
        for path, script in _needed(one):
            if path is None:
                evaluated += 1
            else:
                scripts.append((_matching(one.part, path, script, contents, used), script))
    _check_claims(manifest, parts)
    for path in sorted(set(contents) - used):
        raise Refused(f"{path}: belongs to nothing in the manifest")
    groups = distinct(script for _, script in scripts)
    questions = [([scripts[n][0] for n in group], scripts[group[0]][1]) for group in groups]
    with ThreadPoolExecutor(max_workers=max(1, len(solvers))) as pool:
        asked = [pool.submit(_answers, name, seconds, questions, tick or (lambda _: None)) for name in solvers]
        answers = tuple(one.result() for one in asked)
    explored = [p.states for p in parts if isinstance(p.states, Explored)]
    return Checked(
        manifest,
        len(scripts),
        len(questions),
        evaluated,
        sum(len(e.states) for e in explored),
        sum(len(t) for e in explored for t in e.targets),
        sum(map(len, contents.values())),
        answers,
    )


# -- what is there ---------------------------------------------------------------------------------------------------


def _read(
    manifest: Manifest, contents: Mapping[str, bytes], part: Part, earlier: Sequence[Read], used: set[str]
) -> Read:
    where = part.directory
    if any(other.part.directory == where for other in earlier):
        raise Refused(f"{where}: two parts of one name")
    names = [f"{where}/system.json", f"{where}/cover.json"]
    names += [f"{where}/graph.json"] if part.kind == "explored" else []
    for name in names:
        if name not in contents:
            raise Refused(f"{name}: is needed and not in the manifest")
        used.add(name)
    table = Table(names[0], decode(names[0], contents[names[0]], System))
    cover = decode(names[1], contents[names[1]], Cover)
    states: Explored | Joined
    if part.kind == "explored":
        states = Explored(names[2], table, decode(names[2], contents[names[2]], Graph))
    else:
        one = earlier[part.of].states if part.of is not None and part.of < len(earlier) else None
        if not isinstance(one, Explored) or len(part.joins) != 2:
            raise Refused(f"{where}: is joined of no earlier part")
        states = Joined(where, table, part, one)
    _check_assumptions(part, table, earlier)
    return Read(part, table, states, cover)


def _check_assumptions(part: Part, table: Table, earlier: Sequence[Read]) -> None:
    """What is assumed is proved in an earlier part of the same layer."""
    invariants = table.system.invariants
    if any(n >= len(invariants) for n in (*part.proves, *part.assumes)):
        raise Refused(f"{part.directory}: speaks of an invariant that its system has not")
    if part.assumes:
        base = earlier[part.base] if part.base is not None and part.base < len(earlier) else None
        known = set() if base is None or base.part.layer != part.layer else base.proved()
        for n in part.assumes:
            if invariants[n].over_step or invariants[n].id not in known:
                raise Refused(f"{part.directory}: assumes {invariants[n].name}, which part {part.base} does not prove")
    if part.of is not None and (part.of >= len(earlier) or earlier[part.of].part.layer != part.layer):
        raise Refused(f"{part.directory}: is joined of a part of another layer")


def _needed(one: Read) -> Iterator[tuple[str | None, str]]:
    """Every obligation that a part needs, as (path, script); no path for what a move leaves alone."""
    table, where = one.table, one.part.directory
    invariants = table.system.invariants
    standing = {*one.part.proves, *one.part.assumes}
    initial = {held.subject: held.file for held in one.cover.initial}
    closure = {held.subject: held.file for held in one.cover.closure}
    kept: dict[tuple[int, int], list[Kept]] = {}
    for row in one.cover.kept:
        if row.move >= len(table.moves):
            raise Refused(f"{where}/cover.json: an obligation for move {row.move}, and there is none such")
        family = table.families[table.moves[row.move].family] if row.every_choice else [table.moves[row.move]]
        for move in family:
            kept.setdefault((row.invariant, move.number), []).append(row)
    if isinstance(one.states, Explored):
        for move in table.moves:
            if move.number not in closure:
                raise Refused(f"{where}/cover.json: no obligation for where move {move.number} leads ({move.label})")
            yield closure[move.number], one.states.closure(move)
    for number in sorted(set(one.part.proves)):
        invariant = invariants[number]
        if not invariant.over_step:
            if number not in initial:
                raise Refused(f"{where}/cover.json: no obligation that {invariant.name} holds at first")
            yield initial[number], initially(table, number)
        for move in table.moves:
            yield from _kept(one, number, move, kept.get((number, move.number), []), standing)


def _kept(
    one: Read, number: int, move: Move, rows: Sequence[Kept], standing: set[int]
) -> Iterator[tuple[str | None, str]]:
    """The obligations for what a move does to one invariant; no path for each conjunct that it leaves alone."""
    where, invariant = f"{one.part.directory}/cover.json", one.table.system.invariants[number]
    asked = touched(one.table, number, move)
    covered = {n for row in rows for n in row.conjuncts}
    if set(asked) != covered:
        raise Refused(
            f"{where}: no obligation for conjunct {min(set(asked) ^ covered)} of {invariant.name} and move "
            f"{move.number} ({move.label}), or one for nothing"
        )
    for row in rows:
        if not {n for n, _ in row.assumed} <= standing:
            raise Refused(f"{where}: {invariant.name} is shown with what is not claimed")
        if row.move == move.number:
            yield row.file, keeps(one.table, one.states, move, row)
    for _ in range(len(invariant.conjuncts) - len(asked)):
        yield None, ""


def _matching(part: Part, path: str, script: str, contents: Mapping[str, bytes], used: set[str]) -> str:
    """The path of an obligation, whose file must hold the script that was built for it."""
    full = f"{part.directory}/{path}"
    if full not in contents:
        raise Refused(f"{full}: is needed and not in the manifest")
    if contents[full] != script.encode():
        raise Refused(
            f"{full}: is not the obligation that the certificate's system asks for: {script[2:200].splitlines()[0]}"
        )
    used.add(full)
    return full


def _check_claims(manifest: Manifest, parts: Sequence[Read]) -> None:
    seen = set()
    for claim in manifest.claims:
        seen.add((claim.layer, claim.invariant))
        if claim.part is None:
            if any(p.table.instances(claim.invariant) for p in parts if p.part.layer == claim.layer):
                raise Refused(f"the claim on {claim.invariant} in {claim.layer} says something and rests on no part")
            continue
        if claim.part >= len(parts):
            raise Refused(f"the claim on {claim.invariant} in {claim.layer} rests on no part")
        part = parts[claim.part]
        if claim.invariant not in part.proved() or claim.layer != part.part.layer:
            raise Refused(f"the claim on {claim.invariant} in {claim.layer} rests on a part that does not prove it")
    if len(seen) < len(manifest.claims):
        raise Refused("two claims on one invariant in one layer")


# -- what solvers say ------------------------------------------------------------------------------------------------


def _answers(name: str, seconds: float, questions: Sequence[tuple[list[str], str]], tick: Tick) -> Answers:
    """What a solver says to each question, which stands for the obligations that are named with it."""
    solver = Solver(name, seconds)
    solver.start()
    started = time.perf_counter()
    unsat = silent = 0
    lacking: list[tuple[str, str]] = []
    failed: list[tuple[str, Reply]] = []
    try:
        for number, (paths, script) in enumerate(questions, 1):
            if number % 50 == 0:
                tick(f"{name}: {number:,} of {len(questions):,} distinct obligations")
            reply = solver.ask(script) if silent < GIVE_UP else Reply(Said.LATE, f"not asked, after {GIVE_UP} in vain")
            silent = silent + 1 if reply.said in (Said.LATE, Said.DIED) else 0
            if reply.said is Said.UNSAT:
                unsat += len(paths)
            elif reply.said is Said.LACKS:
                lacking += [(path, reply.text) for path in paths]
            else:
                failed += [(path, reply) for path in paths]
    finally:
        solver.stop()
    return Answers(name, solver.version, unsat, tuple(lacking), tuple(failed), time.perf_counter() - started)
