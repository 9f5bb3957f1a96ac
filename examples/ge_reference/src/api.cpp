// The public interface: every call takes the lock and hands over to the session.
#include "ge/ge_api_v2.h"

#include <utility>

#include "instance.h"
#include "session.h"
#include "summary.h"
#include "worker.h"

using ge_reference::Instance;
using ge_reference::Range;
using ge_reference::Refuse;
using Guard = std::lock_guard<std::mutex>;

namespace {

Range RangeOf(const void *memory, size_t size) { return {reinterpret_cast<uintptr_t>(memory), size}; }

}  // namespace

namespace ge {

Status GEInitializeV2(const std::map<AscendString, AscendString> &options) {
  Instance &instance = Instance::Get();
  const Guard guard(instance.lock);
  if (instance.initialised) {
    return Refuse("L1", "GE is initialised already");
  }
  instance.initialised = true;
  ++instance.epoch;
  instance.options = options;
  return SUCCESS;
}

Status GEFinalizeV2() {
  Instance &instance = Instance::Get();
  const Guard guard(instance.lock);
  if (MUTATE(230, !instance.initialised, false)) {
    return Refuse("L1", "GE is not initialised", GE_CLI_GE_NOT_INITIALIZED);
  }
  for (const ge_reference::Session *session : instance.sessions) {
    if (session->AnyRunning() && MUTATE(231, true, false)) {
      return Refuse("Q4", "a run is in flight");
    }
  }
  for (ge_reference::Session *session : instance.sessions) {
    session->ReleaseEverything();
  }
  instance.initialised = MUTATE(232, false, true);
  return SUCCESS;
}

AscendString GEGetErrorMsgV3() { return AscendString(ge_reference::LastRefusal().c_str()); }

class GeSession::Impl : public ge_reference::Session {
  using Session::Session;
};

GeSession::GeSession(const std::map<AscendString, AscendString> &options) {
  Instance &instance = Instance::Get();
  const Guard guard(instance.lock);
  impl_ = std::make_shared<Impl>(instance, options);
}

GeSession::~GeSession() {
  const Guard guard(Instance::Get().lock);
  impl_.reset();
}

Status GeSession::AddGraph(uint32_t graph_id, const Graph &graph) { return AddGraph(graph_id, graph, {}); }

Status GeSession::AddGraph(uint32_t graph_id, const Graph &graph, const std::map<AscendString, AscendString> &options) {
  const Guard guard(Instance::Get().lock);
  return impl_->AddGraph(graph_id, graph, options);
}

// The session always keeps a graph of its own.
Status GeSession::AddGraphClone(uint32_t graph_id, const Graph &graph) { return AddGraph(graph_id, graph); }

Status GeSession::AddGraphClone(uint32_t graph_id, const Graph &graph,
                                const std::map<AscendString, AscendString> &options) {
  return AddGraph(graph_id, graph, options);
}

Status GeSession::RemoveGraph(uint32_t graph_id) {
  const Guard guard(Instance::Get().lock);
  return impl_->RemoveGraph(graph_id);
}

bool GeSession::IsGraphNeedRebuild(uint32_t graph_id) {
  const Guard guard(Instance::Get().lock);
  return impl_->NeedsRebuild(graph_id);
}

uint64_t GeSession::GetSessionId() const { return impl_->Id(); }

Status GeSession::CompileGraph(uint32_t graph_id) {
  const Guard guard(Instance::Get().lock);
  return impl_->CompileGraph(graph_id);
}

Status GeSession::CompileGraph(uint32_t graph_id, const std::vector<ge::Tensor> &) { return CompileGraph(graph_id); }

std::shared_ptr<CompiledGraphSummary> GeSession::GetCompiledGraphSummary(uint32_t graph_id) {
  const Guard guard(Instance::Get().lock);
  const ge_reference::Summary *summary = impl_->CompiledSummary(graph_id);
  if (summary == nullptr) {
    return nullptr;
  }
  return std::make_shared<CompiledGraphSummary>(
      std::make_shared<const CompiledGraphSummary::Data>(CompiledGraphSummary::Data{*summary}));
}

// No option of LoadGraph concerns memory.
Status GeSession::LoadGraph(uint32_t graph_id, const std::map<AscendString, AscendString> &, void *stream) const {
  const Guard guard(Instance::Get().lock);
  return impl_->LoadGraph(graph_id, stream);
}

Status GeSession::RunGraph(uint32_t graph_id, const std::vector<gert::Tensor> &inputs,
                           std::vector<gert::Tensor> &outputs) {
  const Guard guard(Instance::Get().lock);
  return impl_->RunGraph(graph_id, inputs, outputs);
}

Status GeSession::RunGraphAsync(uint32_t graph_id, const std::vector<gert::Tensor> &inputs,
                                RunAsyncCallbackV2 callback) {
  Instance &instance = Instance::Get();
  const Guard guard(instance.lock);
  const Status status = impl_->RunGraphAsync(graph_id, inputs, std::move(callback));
  if (status == SUCCESS && !instance.hold_runs) {
    ge_reference::Worker::Get().End(impl_->Id(), graph_id);
  }
  return status;
}

Status GeSession::RunGraphWithStreamAsync(uint32_t graph_id, void *stream, const std::vector<gert::Tensor> &inputs,
                                          std::vector<gert::Tensor> &outputs) {
  const Guard guard(Instance::Get().lock);
  return impl_->RunGraphWithStreamAsync(graph_id, stream, inputs, outputs);
}

Status GeSession::SetGraphConstMemoryBase(uint32_t graph_id, const void *memory, size_t size) {
  const Guard guard(Instance::Get().lock);
  return impl_->SetConst(graph_id, RangeOf(memory, size));
}

Status GeSession::UpdateGraphFeatureMemoryBase(uint32_t graph_id, const void *memory, size_t size) {
  const Guard guard(Instance::Get().lock);
  return impl_->UpdateFeature(graph_id, RangeOf(memory, size));
}

Status GeSession::SetGraphFixedFeatureMemoryBaseWithType(uint32_t graph_id, MemoryType type, const void *memory,
                                                         size_t size) {
  const Guard guard(Instance::Get().lock);
  return impl_->SetFixed(graph_id, type, RangeOf(memory, size));
}

Status GeSession::UpdateGraphRefreshableFeatureMemoryBase(uint32_t graph_id, const void *memory, size_t size) {
  const Guard guard(Instance::Get().lock);
  return impl_->UpdateRefreshable(graph_id, RangeOf(memory, size));
}

Status GeSession::RegisterExternalAllocator(const void *stream, std::shared_ptr<Allocator> allocator) const {
  const Guard guard(Instance::Get().lock);
  return impl_->RegisterAllocator(stream, std::move(allocator));
}

Status GeSession::UnregisterExternalAllocator(const void *stream) const {
  const Guard guard(Instance::Get().lock);
  return impl_->UnregisterAllocator(stream);
}

}  // namespace ge
