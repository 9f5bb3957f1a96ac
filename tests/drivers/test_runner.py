"""The runner of ge-memory answers the driver protocol, whatever comes in."""

import json
import random
import subprocess

import pytest

from callproof.model.loading import load_specification
from tests.drivers import building
from tests.drivers.client import Client

pytestmark = pytest.mark.xdist_group("native")

FUZZED = 20_000


@pytest.fixture
def client():
    with Client(building.runner()) as made:
        made.reset({"ge.featureBaseRefreshable": "1"}, {"1": "refreshable", "2": "dynamic"})
        yield made


def say(text: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([building.runner()], input=text, capture_output=True, timeout=120, check=False)


def test_hello_says_what_it_can_do(client: Client) -> None:
    hello = client.hello()
    spec = load_specification("ge-memory")
    assert (hello["ok"], hello["driver"]) == (True, "ge-reference")
    assert sorted(hello["calls"]) == sorted(spec.operations)
    assert hello["options"] == {option.name: list(option.values) for option in spec.options}
    kinds = {kind["name"]: kind["result"] for kind in hello["kinds"]}
    assert len(kinds) == len(hello["kinds"])
    assert kinds["refreshable"]["is_refreshable"] is True
    assert set(kinds["dynamic"]) == {"is_static", "fixed_size", "p2p_fixed_size"}


def test_another_protocol_or_specification_is_refused(client: Client) -> None:
    assert client.ask(op="hello", protocol=2, spec="ge-memory")["ok"] is False
    assert client.ask(op="hello", protocol=1, spec="dma")["ok"] is False


def test_calls_come_back_with_a_status_and_results(client: Client) -> None:
    assert client.call("CompileGraph", {"graph_id": 1})["status"] != "SUCCESS"
    assert client.call("GEInitializeV2", {}) == {"status": "SUCCESS", "result": {}}
    client.call("AddGraph", {"graph_id": 1})
    assert client.call("CompileGraph", {"graph_id": 1})["result"]["is_refreshable"] is True
    memory = client.call("aclrtMalloc", {"block": 1, "size": 8192})["result"]["memory"]
    bound = client.call("UpdateGraphRefreshableFeatureMemoryBase", {"graph_id": 1, "memory": memory, "size": 8192})
    assert bound == {"status": "SUCCESS", "result": {}}
    loaded = client.call("LoadGraph", {"graph_id": 1, "stream": 1})
    assert {key for key in loaded["result"] if key.endswith("_base")} == {"const_base", "fixed_base", "p2p_fixed_base"}


def test_addresses_are_passed_on_as_they_are(client: Client) -> None:
    client.call("GEInitializeV2", {})
    client.call("AddGraph", {"graph_id": 2})
    client.call("CompileGraph", {"graph_id": 2})
    default = {"graph_id": 2, "type": "MEMORY_TYPE_DEFAULT"}
    last_page = 2**64 - 4096
    # It wraps with one byte more, and only then.
    assert (
        client.call("SetGraphFixedFeatureMemoryBaseWithType", default | {"memory": last_page, "size": 4097})["status"]
        == "FAILED"
    )
    assert (
        client.call("SetGraphFixedFeatureMemoryBaseWithType", default | {"memory": last_page, "size": 4096})["status"]
        == "SUCCESS"
    )


def test_a_run_is_in_flight_until_its_callback(client: Client) -> None:
    client.call("GEInitializeV2", {})
    client.call("AddGraph", {"graph_id": 1})
    for _ in range(2):
        assert client.call("RunGraphAsync", {"graph_id": 1, "tensor": 0})["status"] == "SUCCESS"
    for _ in range(2):
        assert client.call("RemoveGraph", {"graph_id": 1})["status"] == "FAILED"
        assert client.call("run callback", {"graph_id": 1})["status"] == "SUCCESS"
    assert client.call("run callback", {"graph_id": 1})["status"] == "NOT_IN_FLIGHT"
    assert client.call("RemoveGraph", {"graph_id": 1})["status"] == "SUCCESS"


def test_reset_ends_what_is_in_flight(client: Client) -> None:
    for _ in range(3):
        client.call("GEInitializeV2", {})
        client.call("AddGraph", {"graph_id": 1})
        client.call("AddGraph", {"graph_id": 2})
        client.call("RunGraphAsync", {"graph_id": 1, "tensor": 0})
        client.call("RunGraphWithStreamAsync", {"graph_id": 2, "stream": 1, "tensor": 0})
        client.call("RegisterExternalAllocator", {"stream": 1})
        client.call("aclrtMalloc", {"block": 1, "size": 4096})
        client.reset()
        assert client.call("GEFinalizeV2", {})["status"] != "SUCCESS"


def test_external_allocators_serve_loads_and_outlive_their_registration(client: Client) -> None:
    client.call("GEInitializeV2", {})
    client.call("RegisterExternalAllocator", {"stream": 1})
    client.call("AddGraph", {"graph_id": 1})
    assert client.call("LoadGraph", {"graph_id": 1, "stream": 1})["status"] == "SUCCESS"
    for _ in range(2):
        assert client.call("UnregisterExternalAllocator", {"stream": 1})["status"] == "SUCCESS"
    assert client.call("RunGraph", {"graph_id": 1, "tensor": 0})["status"] == "SUCCESS"
    assert client.call("RemoveGraph", {"graph_id": 1})["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"op": "call", "call": "CompileGraph", "args": {}}, "args.graph_id: missing"),
        ({"op": "call", "call": "CompileGraph", "args": {"graph_id": "x"}}, "args.graph_id"),
        ({"op": "call", "call": "CompileGraph", "args": {"graph_id": 2**32}}, "args.graph_id: at most 4294967295"),
        ({"op": "call", "call": "CompileGraph", "args": {"graph_id": -1}}, "args.graph_id"),
        ({"op": "call", "call": "CompileGraph", "args": {"graph_id": 1.5}}, "args.graph_id"),
        ({"op": "call", "call": "CompileGraph", "args": {"graph_id": 1, "more": 1}}, "more than the call has"),
        ({"op": "call", "call": "LoadGraph", "args": {"graph_id": 1, "stream": 65}}, "args.stream: at most 64"),
        ({"op": "call", "call": "aclrtMalloc", "args": {"block": 1, "size": "18446744073709551616"}}, "args.size"),
        ({"op": "call", "call": "CompileGraph", "args": []}, "args: an object is needed"),
        ({"op": "dance"}, "op: "),
        ({}, "op: a string is needed"),
        ({"op": "reset", "kinds": {"1": "no such"}}, "no kind of graph is named no such"),
        ({"op": "reset", "options": []}, "options: an object is needed"),
    ],
)
def test_a_bad_request_is_answered_with_what_is_wrong(client: Client, request_, says: str) -> None:
    answer = client.ask(**request_)
    assert answer["ok"] is False
    assert says in answer["error"]


def test_an_unknown_call_is_unsupported(client: Client) -> None:
    assert client.ask(op="call", call="Reboot", args={}) == {"unsupported": True}


def test_bye_ends_it() -> None:
    done = say(b'{"id": 7, "op": "bye"}\n{"id": 8, "op": "bye"}\n')
    assert (done.returncode, done.stdout, done.stderr) == (0, b'{"id": 7, "ok": true}\n', b"")


def test_a_wrong_command_line_is_refused() -> None:
    for arguments in (["--graph", "nothing"], ["--device"], ["--what", "1"], ["--timeout", "x"]):
        done = subprocess.run([building.runner(), *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert "usage:" in done.stderr
    done = subprocess.run(
        [building.runner(), "--graph", "model=/no/such.om"], input='{"id": 1, "op": "call", "call": "AddGraph", '
        '"args": {"graph_id": 1}}\n', capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert json.loads(done.stdout) == {
        "id": 1, "ok": False, "error": "the library cannot load the model file of the kind model"
    }  # fmt: skip


def fuzzed(rng: random.Random, lines: list[bytes]) -> bytes:
    """A line that may be hostile: a request with bytes changed, cut, doubled, or noise."""
    line = bytearray(rng.choice(lines))
    for _ in range(rng.choice((0, 0, 1, 3))):
        at = rng.randrange(len(line))
        match rng.randrange(4):
            case 0:
                line[at] = rng.randrange(256)
            case 1:
                del line[at : at + rng.randrange(1, 9)]
            case 2:
                line[at:at] = rng.choice((b'"', b"\\u", b"{", b"[[[[[[[[[[", b"1e9", b"\x00", b"-", b"9" * 40, b"\xff"))
            case 3:
                line[at:at] = line[at : at + rng.randrange(1, 40)]
        if not line:
            break
    return bytes(line).replace(b"\n", b" ") + b"\n"


def requests(rng: random.Random) -> list[bytes]:
    words = [0, 1, 2, 3, 64, 4096, 2**31, 2**32 - 1, 2**53, "0xfffffffffffff000", "18446744073709551615", "0x1000", -1]
    values = {"type": ["MEMORY_TYPE_DEFAULT", "MEMORY_TYPE_P2P", "MEMORY_TYPE_NONE"]}
    names = {
        "CompileGraph": ["graph_id"], "AddGraph": ["graph_id"], "RemoveGraph": ["graph_id"],
        "GetCompiledGraphSummary": ["graph_id"], "LoadGraph": ["graph_id", "stream"], "run callback": ["graph_id"],
        "RunGraph": ["graph_id", "tensor"], "RunGraphAsync": ["graph_id", "tensor"], "GEInitializeV2": [],
        "RunGraphWithStreamAsync": ["graph_id", "stream", "tensor"], "aclrtSynchronizeStream": ["stream"],
        "RegisterExternalAllocator": ["stream"], "UnregisterExternalAllocator": ["stream"], "GEFinalizeV2": [],
        "SetGraphConstMemoryBase": ["graph_id", "memory", "size"], "aclrtFree": ["block"],
        "UpdateGraphRefreshableFeatureMemoryBase": ["graph_id", "memory", "size"],
        "SetGraphFixedFeatureMemoryBaseWithType": ["graph_id", "type", "memory", "size"],
        "UpdateGraphFeatureMemoryBase": ["graph_id", "memory", "size"], "aclrtMalloc": ["block", "size"],
    }  # fmt: skip
    made: list[object] = [
        {"id": 1, "op": "hello", "protocol": 1, "spec": "ge-memory"},
        {"id": 2, "op": "reset", "options": {"ge.exec.staticMemoryPolicy": "4"}, "kinds": {"1": "refreshable-odd"}},
        {"id": 2, "op": "reset", "kinds": {"3": None}},
    ]
    for call, params in names.items():
        for _ in range(12):
            args = {name: rng.choice(values.get(name, words)) for name in params}
            made.append({"id": 3, "op": "call", "call": call, "args": args})
    return [json.dumps(request).encode() for request in made]


def test_hostile_input_is_answered_line_by_line() -> None:
    rng = random.Random(20261122)
    lines = requests(rng)
    sent = [fuzzed(rng, lines) for _ in range(FUZZED)] + [b'{"id": 7, "op": "bye"}\n']
    sent = [line for line in sent[:-1] if b"bye" not in line] + sent[-1:]
    done = say(b"".join(sent))
    assert (done.returncode, done.stderr) == (0, b"")
    answers = done.stdout.split(b"\n")[:-1]
    assert len(answers) == len(sent)
    accepted = refused = bad = 0
    for line in answers:
        answer = json.loads(line)
        accepted += answer.get("status") == "SUCCESS"
        refused += answer.get("status", "SUCCESS") != "SUCCESS"
        bad += answer.get("ok") is False
    assert min(accepted, refused, bad) > FUZZED / 100


def test_a_line_without_end_is_no_memory_without_end() -> None:
    done = say(b"[" * (64 << 20) + b"\n" + b'{"id": 1, "op": "bye"}\n')
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"ok": False, "error": "the line is too long"},
        {"id": 1, "ok": True},
    ]
