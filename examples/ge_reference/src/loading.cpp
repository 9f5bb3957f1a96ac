// Loading: it takes the memory that the caller did not bind.
#include <cstdlib>

#include "heap.h"
#include "session.h"

namespace ge_reference {
namespace {

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

}  // namespace ge_reference
