"""One answer against what the specification says of the call."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from callproof.conform.observations import Signature, Sort
from callproof.conform.world import Act, World
from callproof.drivers.messages import Answer, results
from callproof.errors import InputError
from callproof.expr import Kind
from callproof.replay import SUCCESS
from callproof.semantics import VERDICTS, State, Values, Verdict, decode, results_of
from callproof.semantics.judgement import DECIDING
from callproof.trace import Value


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one answer means. `returned` are the results as the interpreter takes them."""

    accepted: bool
    returned: Values
    wrong: Signature | None = None
    message: str = ""


def judge(world: World, act: Act, before: State, args: Values, code: int, answer: Answer) -> Judgement:
    """Judge an answer to a call made in the state `before`; `code` is that of its verdict."""
    verdict = VERDICTS[code]
    call = act.action.call
    if answer.status not in SUCCESS:
        if verdict is Verdict.MUST_ACCEPT and not act.action.is_event:
            return Judgement(False, act.no_results, Signature(Sort.REFUSED, call, ()), f"it returned {answer.status!r}")
        if verdict is Verdict.MUST_REJECT and (named := statuses(act, before, args)) and answer.status not in named:
            message = f"it returned {answer.status!r}, and the pages name {', '.join(named)}"
            return Judgement(False, act.no_results, Signature(Sort.STATUS, call, failing(act, before, args)), message)
        return Judgement(False, act.no_results)
    if verdict is Verdict.MUST_REJECT or verdict is Verdict.MAY:
        sort = Sort.ACCEPTED if verdict is Verdict.MUST_REJECT else Sort.HAZARD
        return Judgement(True, act.no_results, Signature(sort, call, failing(act, before, args)))
    if not act.action.results:
        return Judgement(True, act.no_results)
    return _results(world, act, before, args, answer)


def _results(world: World, act: Act, before: State, args: Values, answer: Answer) -> Judgement:
    call = act.action.call
    try:
        returned, missing = results_of(act.compiled, before, args, results(answer.result or {}), call)
    except InputError as error:
        return Judgement(True, act.no_results, Signature(Sort.RESULT, call, ()), str(error))
    if missing is not None:
        return Judgement(True, returned, Signature(Sort.RESULT, call, ()), f"{call} returned no {missing}")
    if not act.compiled.possible(before, args, returned):
        axioms = [act.action.axioms[n].id for n in act.compiled.against(before, args, returned)]
        ids = tuple(dict.fromkeys(axioms))
        return Judgement(True, returned, Signature(Sort.RESULT, call, ids), f"it contradicts {', '.join(ids)}")
    promised = world.declared.get(act.resource)
    if not promised:
        return Judgement(True, returned)
    for position, (result, exists) in enumerate(zip(act.action.results, act.compiled.exists, strict=True)):
        known = promised.get(result.name, returned[position])
        if known != returned[position] and (exists is None or exists(before, args, returned)):
            sort = result.var.sort
            message = f"{result.name} is {decode(returned[position], sort)}; its kind has {decode(known, sort)}"
            return Judgement(True, returned, Signature(Sort.RESULT, call, ("kind",)), message)
    return Judgement(True, returned)


def failing(act: Act, before: State, args: Values) -> tuple[str, ...]:
    """The ids of the clauses that decide the verdict where it is not `must_accept`."""
    uses = [act.action.clauses[n] for n in act.compiled.explain(before, args, act.no_results)]
    for _, origins in DECIDING:
        ids = tuple(dict.fromkeys(use.id for use in uses if use.origin in origins))
        if ids:
            return ids
    return ()


def statuses(act: Act, before: State, args: Values) -> tuple[str, ...]:
    """The statuses by which the pages have the call refused; empty where any will do."""
    clauses = act.action.clauses
    if not any(use.refused_with for use in clauses):
        return ()
    failing = [clauses[n] for n in act.compiled.explain(before, args, act.no_results)]
    written = [use.refused_with for use in failing if use.origin in DECIDING[0][1]]
    return tuple(dict.fromkeys(itertools.chain(*written))) if all(written) else ()


def all_failing(act: Act, before: State, args: Values) -> tuple[str, ...]:
    """The ids of all clauses that fail, each once."""
    clauses = act.action.clauses
    return tuple(dict.fromkeys([clauses[n].id for n in act.compiled.explain(before, args, act.no_results)]))


def arguments(act: Act, args: Values) -> dict[str, Value]:
    """A call's arguments as a driver gets them: addresses and sizes as integers, the rest by name."""
    found: dict[str, Value] = {name: index for name, _, index in act.action.handles}
    for param, value in zip(act.action.params, args, strict=True):
        sort = param.var.sort
        if sort.kind is Kind.ENUMERATION:
            found[param.name] = sort.members[value]
        else:
            found[param.name] = bool(value) if sort.kind is Kind.BOOLEAN else value
    return found
