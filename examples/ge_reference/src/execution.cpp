// Running: a run in flight keeps its graph's memory in use.
#include "session.h"

namespace ge_reference {
namespace {

constexpr uint64_t kTensorAlignment = 32;

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
    // Runs on one stream follow one another, so they may share memory (question Q3).
    const bool in_order = stream != nullptr && other.streams == std::set<const void *>{stream};
    if (Overlap(graph, other) && MUTATE(83, true, false) && MUTATE(84, !in_order, true)) {
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
