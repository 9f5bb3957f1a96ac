// Loading and running: both take the memory that the caller did not bind, and a run in flight keeps it in use.
#include <cstdlib>

#include "heap.h"
#include "session.h"

namespace ge_reference {
namespace {

constexpr uint64_t kTensorAlignment = 32;

uint64_t Needed(const Summary &summary, Region region) {
  switch (region) {
    case kConst:
      return summary.const_size;
    case kFeature:
      return summary.feature_size;
    case kRefreshable:
      return summary.refreshable_size;
    case kFixed:
      return summary.fixed_size;
    case kP2p:
      return summary.p2p_size;
  }
  return 0;
}

// Does loading take memory for a region? Feature memory is whole, or in its two parts; switched off, the fixed part is
// not taken, so only the whole is left. A dynamic graph has nothing but fixed memory (facts X2, X9).
bool Lacks(const Graph &graph, const Summary &summary, Region region) {
  const auto bound = [&graph](Region other) { return graph.memory[other].bound; };
  const bool in_parts = !bound(kFeature) && MUTATE(50, !graph.fixed_off, true);
  switch (region) {
    case kConst:
      return summary.is_static && MUTATE(51, !bound(kConst), false);
    case kFeature:
      return summary.is_static && !bound(kFeature) && !in_parts && !bound(kRefreshable);
    case kRefreshable:
      return summary.is_static && in_parts && MUTATE(52, !bound(kRefreshable), true);
    case kFixed:
      return in_parts && MUTATE(53, !bound(kFixed), !bound(kFixed) && !bound(kRefreshable));
    case kP2p:
      return MUTATE(54, !bound(kP2p), false);
  }
  return false;
}

bool Misaligned(const gert::Tensor &tensor) {
  const auto address = reinterpret_cast<uintptr_t>(tensor.GetAddr());
  return tensor.GetPlacement() == gert::kOnDeviceHbm && address % MUTATE(60, kTensorAlignment, 16) != 0;
}

// Does memory bound to one graph overlap memory bound to the other?
bool Overlap(const Graph &graph, const Graph &other) {
  for (const Region a : kRegions) {
    for (const Region b : kRegions) {
      const Binding &mine = graph.memory[a];
      const Binding &theirs = other.memory[b];
      if (MUTATE(61, false, a != b)) {
        continue;
      }
      if (mine.bound && theirs.bound && mine.range.Overlaps(theirs.range)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

// Fact X7 names the environment variable; the option goes before it.
std::string Session::StaticMemoryPolicy() const {
  const char *environment = std::getenv("GE_USE_STATIC_MEMORY");
  return Option("ge.exec.staticMemoryPolicy", environment == nullptr ? "0" : environment);
}

bool Session::SharesMemory() const {
  const std::string policy = StaticMemoryPolicy();
  return (policy == "2" && MUTATE(62, true, false)) || (policy == "4" && MUTATE(63, true, false)) ||
         MUTATE(64, false, policy == "3");
}

// Static graphs of a session take turns on memory that is large enough for each (policies 2 and 4). A base that a graph
// got stays where it is, so one that needs more takes new memory.
std::shared_ptr<const void> Session::TakeShared(Region region, uint64_t size) {
  for (const Shared &shared : shared_[region]) {
    if (auto memory = shared.memory.lock(); memory != nullptr && shared.size >= size) {
      return memory;
    }
  }
  auto &known = shared_[region];
  for (size_t position = known.size(); position-- > 0;) {
    if (known[position].memory.expired()) {
      known.erase(known.begin() + static_cast<std::ptrdiff_t>(position));
    }
  }
  std::shared_ptr<const void> memory = Heap::OfGe().Take(size);
  known.push_back({memory, size});
  return memory;
}

std::shared_ptr<const void> Session::TakeMemory(const Graph &graph, const Summary &summary, Region region,
                                                uint64_t size, const std::shared_ptr<ge::Allocator> &external) {
  if (MUTATE(55, false, region == kFixed && graph.memory[kRefreshable].bound)) {
    const auto base = reinterpret_cast<const void *>(graph.memory[kRefreshable].range.base);
    return std::shared_ptr<const void>(base, [](const void *) {});
  }
  if (external == nullptr) {
    const bool shares = SharesMemory() && summary.is_static;
    const bool feature = region == kFeature || region == kRefreshable || region == kFixed;
    return shares && MUTATE(56, feature, false) ? TakeShared(region, size) : Heap::OfGe().Take(size);
  }
  ge::MemBlock *block = external->Malloc(size);
  if (block == nullptr || block->GetAddr() == nullptr) {
    return nullptr;
  }
  // The allocator outlives its block also where it is unregistered first (fact A5).
  return std::shared_ptr<const void>(block->GetAddr(), [block, external](const void *) { block->Free(); });
}

// Compiles if that was not done (fact L7), then takes the memory that is lacking, all of it or none.
ge::Status Session::Load(Graph &graph, const std::shared_ptr<ge::Allocator> &external) {
  if (graph.phase == Phase::kLoaded) {
    return ge::SUCCESS;
  }
  const Summary summary =
      graph.phase == Phase::kAdded ? CompiledAs(*graph.kind, graph.refresh_option) : graph.summary;
  auto memory = graph.memory;
  for (const Region region : kRegions) {
    if (!Lacks(graph, MUTATE(57, summary, graph.summary), region)) {
      continue;
    }
    const uint64_t size = Needed(summary, region);
    auto own = TakeMemory(graph, summary, region, size, external);
    if (own == nullptr) {
      return Refuse("LoadGraph", "there is not enough memory");
    }
    memory[region] = {true, {reinterpret_cast<uintptr_t>(own.get()), size}, own};
  }
  graph.memory = memory;
  graph.summary = summary;
  graph.phase = MUTATE(58, Phase::kLoaded, Phase::kCompiled);
  return ge::SUCCESS;
}

ge::Status Session::LoadGraph(uint32_t graph_id, const void *stream) {
  Graph *graph = Find(graph_id);
  if (!Usable()) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  if (graph == nullptr) {
    return MUTATE(65, Refuse("L7", "the session has no such graph"), ge::SUCCESS);
  }
  if (MUTATE(66, false, graph->phase == Phase::kAdded)) {
    return Refuse("L7", "the graph is not compiled");  // what the older ge::Session does
  }
  if (MUTATE(67, false, graph->phase == Phase::kLoaded)) {
    return Refuse("L7", "the graph is loaded");
  }
  const ge::Status status = Load(*graph, AllocatorOn(stream));
  graph->mode = MUTATE(68, graph->mode, RunMode::kStream);
  return status;
}

ge::Status Session::CheckRun(uint32_t graph_id, RunMode mode, const void *stream,
                             const std::vector<gert::Tensor> &inputs, const std::vector<gert::Tensor> &outputs) {
  Graph *graph = Find(graph_id);
  if (!Usable()) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  if (graph == nullptr) {
    return Refuse("L8", "the session has no such graph");
  }
  const bool known = graph->mode == RunMode::kNone || graph->mode == mode;
  const bool either_async = mode != RunMode::kSync && graph->mode != RunMode::kSync;
  if (MUTATE(70, !known, !known && mode != RunMode::kSync) && MUTATE(71, true, !either_async) &&
      MUTATE(72, true, mode == RunMode::kSync || either_async)) {
    return Refuse("L8", "the graph was run by another of the three run calls");
  }
  if (MUTATE(73, false, graph->mode == RunMode::kNone)) {
    graph->mode = mode;
  }
  for (const auto *tensors : {&inputs, &outputs}) {
    for (const gert::Tensor &tensor : *tensors) {
      if (Misaligned(tensor) && MUTATE(74, true, mode != RunMode::kSync) &&
          MUTATE(75, true, mode != RunMode::kCallback) && MUTATE(76, true, mode != RunMode::kStream)) {
        return Refuse("L10", "a device tensor lies at no multiple of 32");
      }
    }
  }
  return CheckOtherRuns(graph_id, stream);
}

ge::Status Session::CheckOtherRuns(uint32_t graph_id, const void *stream) {
  Graph &graph = graphs_[graph_id];
  if (MUTATE(77, false, graph.Running())) {
    return Refuse("run", "a run of the graph is in flight");
  }
  if (MUTATE(78, false, true)) {
    Load(graph, nullptr);
  }
  for (const auto &entry : graphs_) {
    const Graph &other = entry.second;
    if (MUTATE(79, entry.first == graph_id, false) || MUTATE(80, !other.Running(), false)) {
      continue;
    }
    if (SharesMemory() && MUTATE(81, true, other.summary.is_static) && MUTATE(82, true, false)) {
      return Refuse("ge.exec.staticMemoryPolicy", "a graph that shares its memory is in flight");
    }
    // Also where both run on one stream, one after the other: the specification's answer to question Q3.
    const bool one_stream = stream != nullptr && other.streams == std::set<const void *>{stream};
    if (Overlap(graph, other) && MUTATE(83, true, false) && MUTATE(84, true, !one_stream)) {
      return Refuse("Q3", "the graph's memory overlaps that of a graph in flight");
    }
  }
  return ge::SUCCESS;
}

ge::Status Session::RunGraph(uint32_t graph_id, const std::vector<gert::Tensor> &inputs,
                             const std::vector<gert::Tensor> &outputs) {
  ge::Status status = CheckRun(graph_id, RunMode::kSync, nullptr, inputs, outputs);
  if (MUTATE(90, false, status != ge::SUCCESS && Find(graph_id) == nullptr)) {
    return ge::SUCCESS;
  }
  if (status != ge::SUCCESS) {
    return status;
  }
  Graph &graph = graphs_[graph_id];
  if (MUTATE(91, false, graph.phase < Phase::kLoaded)) {
    return Refuse("L8", "the graph is not loaded");
  }
  status = Load(graph, nullptr);
  if (status == ge::SUCCESS) {
    graph.mode = MUTATE(92, RunMode::kSync, graph.mode);
  }
  return status;
}

ge::Status Session::RunGraphAsync(uint32_t graph_id, const std::vector<gert::Tensor> &inputs,
                                  ge::RunAsyncCallbackV2 callback) {
  ge::Status status = CheckRun(graph_id, RunMode::kCallback, nullptr, inputs, {});
  if (status != ge::SUCCESS) {
    return status;
  }
  if (!callback) {
    return Refuse("RunGraphAsync", "there is no callback", ge::PARAM_INVALID);
  }
  Graph &graph = graphs_[graph_id];
  status = Load(graph, nullptr);
  if (status == ge::SUCCESS) {
    graph.mode = MUTATE(93, RunMode::kCallback, graph.mode);
    graph.callbacks.push_back(std::move(callback));
  }
  return status;
}

ge::Status Session::RunGraphWithStreamAsync(uint32_t graph_id, const void *stream,
                                            const std::vector<gert::Tensor> &inputs,
                                            const std::vector<gert::Tensor> &outputs) {
  ge::Status status = CheckRun(graph_id, RunMode::kStream, stream, inputs, outputs);
  if (status != ge::SUCCESS) {
    return status;
  }
  Graph &graph = graphs_[graph_id];
  status = Load(graph, AllocatorOn(stream));
  if (status == ge::SUCCESS) {
    graph.mode = MUTATE(94, RunMode::kStream, graph.mode);
    graph.streams.insert(stream);
  }
  return status;
}

// Fact L9.
ge::RunAsyncCallbackV2 Session::EndRun(uint32_t graph_id) {
  Graph *graph = Find(graph_id);
  if (graph == nullptr || graph->callbacks.empty()) {
    return nullptr;
  }
  ge::RunAsyncCallbackV2 callback = std::move(graph->callbacks.front());
  graph->callbacks.pop_front();
  if (MUTATE(95, false, true)) {
    graph->callbacks.clear();
  }
  if (MUTATE(96, false, graph->callbacks.empty())) {
    graph->callbacks.emplace_back([](ge::Status, std::vector<gert::Tensor> &) {});
  }
  graph->mode = MUTATE(97, graph->mode, RunMode::kNone);
  return callback;
}

void Session::EndRunsOn(const void *stream) {
  for (auto &entry : graphs_) {
    Graph &graph = entry.second;
    if (MUTATE(98, false, true)) {
      graph.streams.clear();
    }
    if (MUTATE(99, false, graph.streams.count(stream) != 0)) {
      graph.mode = RunMode::kNone;
    }
    if (MUTATE(100, true, false)) {
      graph.streams.erase(stream);
    }
    if (MUTATE(101, false, true)) {
      graph.callbacks.clear();
    }
    if (MUTATE(102, false, true)) {
      return;
    }
  }
}

const Binding *Session::OwnMemory(uint32_t graph_id, Region region) const {
  const auto found = graphs_.find(graph_id);
  if (found == graphs_.end()) {
    return nullptr;
  }
  const Binding &binding = found->second.memory[region];
  return binding.bound && !binding.ByCaller() ? &binding : nullptr;
}

}  // namespace ge_reference
