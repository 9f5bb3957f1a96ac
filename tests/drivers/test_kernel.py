"""The running kernel is what the specification of its memory calls says, but for what is known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from callproof.conform.campaign import Request, conformance
from callproof.conform.catalogue import Catalogue
from callproof.conform.lanes import Unit, run_units
from callproof.drivers.locate import deviations_of, driver_command, publisher
from callproof.drivers.session import Session
from callproof.errors import Exit, UsageError
from posix_memory import SPEC
from posix_memory.state import PAGE
from tests.support.mapped_pages import page_walks

NAME = ("posix-memory:kernel",)

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux" or os.sysconf("SC_PAGESIZE") != PAGE, reason="Linux with 4 KiB pages"),
    pytest.mark.xdist_group("kernel"),
]


def session() -> Session:
    return Session(driver_command(NAME), SPEC.name)


def test_the_kernel_conforms_but_for_known_deviations() -> None:
    request = Request(driver_command(NAME), ("clauses", "edges", "refusals", "boundaries"), known=deviations_of(NAME))
    result = conformance(SPEC, request)
    assert result.exit is Exit.OK, [(f.signature, f.message) for f in result.failures]
    assert all(row.status in ("covered", "impossible", "caller", "beyond") for row in result.clauses)
    assert [row.clause for row in result.clauses if row.status == "beyond"] == ["Q1", "Q1"]
    assert result.edges is not None
    assert result.edges.taken == result.edges.takeable > 50


def test_pages_that_meet() -> None:
    """Two regions in few pages, where holes, cuts and growth are common: the kernel agrees on all of them."""
    with session() as live:
        catalogue = Catalogue(SPEC, live.offer)
        catalogue.learn(live)
    world = catalogue.world(next(iter(catalogue.mixed())), catalogue.counts)
    cases = list(page_walks(world, 1, 60, 60))
    marksman = catalogue.place(next(iter(catalogue.first.values()))).space.marksman
    (done,) = run_units([Unit("pages", cases, marksman)], session, 1, lambda _: False, lambda _: None)
    known = {(d.sort, d.call, d.clauses) for d in deviations_of(NAME)}
    found = {(s.signature.sort.value, s.signature.call, s.signature.clauses): s for s in done.seen.sightings}
    assert set(found) <= known, [found[key] for key in set(found) - known]
    accepted = Counter(call for (call, code, _, accepted) in done.seen.rows.elements() if accepted and code == 0)
    assert min(accepted[call] for call in SPEC.operations if call != "reserve") > 20, accepted
    assert done.seen.calls > 1_500


def test_what_could_reach_other_memory_is_not_made() -> None:
    """Each of these would take memory from under the process, or place some where it knows of none."""
    whole, far = 1 << 47, 1 << 40
    with session() as live:
        live.reset({}, {})
        live.post([("reserve", {"size": 4 * PAGE})])
        (reserved,) = live.collect()
        assert reserved.result is not None
        arena = int(str(reserved.result["memory"]), 0)
        region = {"region": 1, "rest": 2}
        hostile = [
            ("munmap", region | {"addr": arena, "length": whole - arena - PAGE}),
            ("munmap", region | {"addr": 0, "length": whole - PAGE}),
            ("mprotect", {"region": 1, "addr": arena, "length": far, "prot": "PROT_NONE"}),
            ("madvise", {"region": 1, "addr": PAGE, "length": far, "advice": "MADV_DONTNEED"}),
            (
                "mmap",
                {"region": 1, "addr": arena - PAGE, "length": PAGE, "prot": "PROT_NONE", "placement": "MAP_FIXED"},
            ),
            ("mmap", {"region": 1, "addr": 0, "length": far, "prot": "PROT_NONE", "placement": "ANYWHERE"}),
            ("mremap", _mremap(far, PAGE, PAGE, "MAYMOVE", 0)),
            ("mremap", _mremap(far, 2**64 - 1, PAGE, "MAYMOVE", 0)),
            ("mremap", _mremap(arena, PAGE, PAGE, "MAYMOVE_FIXED", far)),
            ("store", {"region": 1, "address": far, "size": PAGE, "stamp": 1}),
            ("load", {"region": 1, "address": far}),
        ]
        live.post(hostile)
        assert [answer.unsupported for answer in live.collect()] == [True] * len(hostile)


def test_what_the_kernel_must_refuse_is_passed_on() -> None:
    with session() as live:
        live.reset({}, {})
        top = 2**64 - PAGE
        live.post([
            ("munmap", {"region": 1, "rest": 2, "addr": 1, "length": 1 << 46}),
            ("munmap", {"region": 1, "rest": 2, "addr": top, "length": 2 * PAGE}),
            ("munmap", {"region": 1, "rest": 2, "addr": PAGE, "length": 0}),
            ("mremap", _mremap(PAGE, PAGE, 0, "MAYMOVE", 0)),
        ])  # fmt: skip
        assert [answer.status for answer in live.collect()] == ["EINVAL"] * 4


def _mremap(old: int, old_size: int, new_size: int, flags: str, new: int) -> dict[str, int | str]:
    return {
        "region": 1, "rest": 2, "old_address": old, "old_size": old_size, "new_size": new_size, "flags": flags,
        "new_address": new,
    }  # fmt: skip


def test_the_command_finds_the_specification_that_publishes_the_driver() -> None:
    command = [sys.executable, "-m", "callproof", "test", *NAME, "--suite", "clauses", "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["spec"], document["driver"]["name"]) == ("posix-memory", "linux")
    assert publisher(NAME) == "posix-memory"


def test_a_driver_that_nobody_publishes() -> None:
    with pytest.raises(UsageError, match="posix-memory publishes no driver 'moon'; it publishes kernel"):
        driver_command(("posix-memory:moon",))
