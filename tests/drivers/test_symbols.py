"""The reference library exports the names that the public headers do, so that programs run with either."""

import shutil
import subprocess

import pytest

from tests.drivers import building

pytestmark = pytest.mark.xdist_group("native")

STRINGS = (
    "std::map<ge::AscendString, ge::AscendString, std::less<ge::AscendString>, "
    "std::allocator<std::pair<ge::AscendString const, ge::AscendString> > > const&"
)
TENSORS = "std::vector<gert::Tensor, std::allocator<gert::Tensor> >"
CALLBACK = f"std::function<void (unsigned int, {TENSORS}&)>"

SESSION = (
    f"GeSession({STRINGS})",
    "~GeSession()",
    "AddGraph(unsigned int, ge::Graph const&)",
    f"AddGraph(unsigned int, ge::Graph const&, {STRINGS})",
    "AddGraphClone(unsigned int, ge::Graph const&)",
    f"AddGraphClone(unsigned int, ge::Graph const&, {STRINGS})",
    "RemoveGraph(unsigned int)",
    "IsGraphNeedRebuild(unsigned int)",
    "GetSessionId() const",
    "CompileGraph(unsigned int)",
    "CompileGraph(unsigned int, std::vector<ge::Tensor, std::allocator<ge::Tensor> > const&)",
    f"LoadGraph(unsigned int, {STRINGS}, void*) const",
    f"RunGraph(unsigned int, {TENSORS} const&, {TENSORS}&)",
    f"RunGraphWithStreamAsync(unsigned int, void*, {TENSORS} const&, {TENSORS}&)",
    f"RunGraphAsync(unsigned int, {TENSORS} const&, {CALLBACK})",
    "GetCompiledGraphSummary(unsigned int)",
    "SetGraphConstMemoryBase(unsigned int, void const*, unsigned long)",
    "UpdateGraphFeatureMemoryBase(unsigned int, void const*, unsigned long)",
    "UpdateGraphRefreshableFeatureMemoryBase(unsigned int, void const*, unsigned long)",
    "SetGraphFixedFeatureMemoryBaseWithType(unsigned int, ge::MemoryType, void const*, unsigned long)",
    "RegisterExternalAllocator(void const*, std::shared_ptr<ge::Allocator>) const",
    "UnregisterExternalAllocator(void const*) const",
)
SUMMARY = (
    "IsStatic() const",
    "GetConstMemorySize(unsigned long&) const",
    "GetFeatureMemorySize(unsigned long&) const",
    "GetFixedFeatureMemorySize(unsigned long&) const",
    "GetRefreshableFeatureMemorySize(unsigned long&) const",
    "GetFeatureMemoryBaseRefreshable(bool&) const",
    "GetAllFeatureMemoryTypeSize() const",
)
MEMORY = ("GetType() const", "GetSize() const", "IsFixed() const")
FREE = (f"GEInitializeV2({STRINGS})", "GEFinalizeV2()", "GEGetErrorMsgV3()")
C = (
    "aclrtMalloc", "aclrtFree", "aclrtMallocHost", "aclrtFreeHost", "aclrtCreateStream", "aclrtDestroyStream",
    "aclrtSynchronizeStream",
)  # fmt: skip


def test_the_public_names_are_exported() -> None:
    if shutil.which("nm") is None:
        pytest.skip("no nm")
    done = subprocess.run(["nm", "-DC", building.library()], capture_output=True, text=True, check=True)
    rows = [line.split(" ", 2) for line in done.stdout.splitlines() if line[:1] != " "]
    exported = {name for _, kind, name in rows if kind == "T"}
    wanted = {f"ge::GeSession::{name}" for name in SESSION} | {f"ge::CompiledGraphSummary::{name}" for name in SUMMARY}
    wanted |= {f"ge::FeatureMemory::{name}" for name in MEMORY} | {f"ge::{name}" for name in FREE} | set(C)
    assert wanted - exported == set()
