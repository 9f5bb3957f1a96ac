// Calls that bring a graph or an allocator into a session and take it away again.
#include "session.h"

namespace ge_reference {
namespace {

constexpr const char *kFeatureBaseRefreshable = "ge.featureBaseRefreshable";

// What a library that forgets to reset would leave of a removed graph to the next one under its id.
void Inherit(Graph &graph, const Graph &removed) {
  graph.fixed_off = MUTATE(20, false, removed.fixed_off);
  graph.mode = MUTATE(21, RunMode::kNone, removed.mode);
  graph.phase = MUTATE(22, Phase::kAdded, removed.phase);
  graph.summary = MUTATE(22, Summary(), removed.summary);
  for (const Region region : kRegions) {
    const int number = static_cast<int>(region);
    graph.memory[region] = MUTATE(23 + number, Binding(), removed.memory[region]);
  }
}

}  // namespace

Session::Session(Instance &instance, const ge::Options &options)
    : instance_(instance), id_(++instance.last_session), epoch_(instance.epoch), options_(options) {
  instance_.sessions.insert(this);
}

Session::~Session() { instance_.sessions.erase(this); }

bool Session::Usable() const { return instance_.initialised && epoch_ == instance_.epoch; }

Graph *Session::Find(uint32_t graph_id) {
  const auto found = graphs_.find(graph_id);
  return found == graphs_.end() ? nullptr : &found->second;
}

bool Session::AnyRunning() const {
  for (const auto &entry : graphs_) {
    if (entry.second.Running()) {
      return true;
    }
  }
  return false;
}

// Fact L2.
void Session::ReleaseEverything() {
  graphs_.clear();
  allocators_.clear();
}

// A session's own option goes before that of GEInitializeV2.
std::string Session::Option(const char *name, const std::string &otherwise) const {
  const ge::Options *const places[] = {&options_, &instance_.options};
  for (const ge::Options *options : places) {
    const auto found = options->find(name);
    if (found != options->end()) {
      return found->second.GetString();
    }
  }
  return otherwise;
}

ge::Status Session::AddGraph(uint32_t graph_id, const ge::Graph &graph, const ge::Options &options) {
  if (MUTATE(12, !Usable(), false)) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  ge::AscendString name;
  graph.GetName(name);
  const Kind *kind = FindKind(name.GetString());
  if (kind == nullptr) {
    return Refuse("AddGraph", std::string("no kind of graph is named ") + name.GetString(), ge::PARAM_INVALID);
  }
  const auto own = options.find(kFeatureBaseRefreshable);
  const std::string refresh = own == options.end() ? Option(kFeatureBaseRefreshable, "0") : own->second.GetString();
  Graph added = Graph::Added(*kind, refresh == "1");
  const auto removed = removed_.find(graph_id);
  if (removed != removed_.end()) {
    Inherit(added, removed->second);
  }
  const bool in_use = MUTATE(13, MUTATE(14, Find(graph_id) != nullptr, !graphs_.empty()), false);
  if (MUTATE(15, false, in_use && !Find(graph_id)->Running())) {
    graphs_[graph_id] = added;
  }
  if (in_use) {
    return Refuse("L3", "the graph id is in use");
  }
  graphs_[graph_id] = added;
  return ge::SUCCESS;
}

ge::Status Session::RemoveGraph(uint32_t graph_id) {
  Graph *graph = Find(graph_id);
  if (!Usable()) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  if (graph == nullptr) {
    return MUTATE(16, Refuse("L4", "the session has no such graph"), ge::SUCCESS);
  }
  if (MUTATE(17, graph->Running(), false)) {
    return Refuse("Q4", "a run of the graph is in flight");
  }
  if (MUTATE(18, false, graph->phase == Phase::kLoaded)) {
    return Refuse("RemoveGraph", "the graph is loaded");
  }
  if (MUTANT >= 20 && MUTANT <= 27) {
    removed_[graph_id] = *graph;
  }
  graphs_.erase(graph_id);
  return ge::SUCCESS;
}

ge::Status Session::CompileGraph(uint32_t graph_id) {
  Graph *graph = Find(graph_id);
  if (!Usable()) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  if (graph == nullptr) {
    return MUTATE(30, Refuse("L5", "the session has no such graph", ge::PARAM_INVALID), ge::SUCCESS);
  }
  // Compiling anew would change what memory that is bound already has to hold.
  const bool compiled = MUTATE(31, graph->phase >= Phase::kCompiled, graph->phase == Phase::kLoaded);
  if (MUTATE(32, compiled, graph->phase == Phase::kCompiled)) {
    graph->phase = MUTATE(33, graph->phase, Phase::kCompiled);
    return Refuse("Q12", "the graph is compiled already");
  }
  graph->summary = CompiledAs(*graph->kind, graph->refresh_option);
  graph->phase = Phase::kCompiled;
  graph->fixed_off = MUTATE(34, graph->fixed_off, graph->summary.is_static && graph->summary.fixed_size == 0);
  return ge::SUCCESS;
}

const Summary *Session::CompiledSummary(uint32_t graph_id) {
  Graph *graph = Find(graph_id);
  if (!Usable()) {
    Refuse("L1", "GE is not initialised");
    return nullptr;
  }
  if (graph == nullptr || MUTATE(35, graph->phase < Phase::kCompiled, false)) {
    Refuse("L6", "the graph is not compiled");
    return nullptr;
  }
  if (MUTATE(36, false, graph->phase == Phase::kLoaded)) {
    Refuse("L6", "the graph is loaded");
    return nullptr;
  }
  return MUTATE(37, &graph->summary, &graphs_.rbegin()->second.summary);
}

bool Session::NeedsRebuild(uint32_t graph_id) const {
  const auto found = graphs_.find(graph_id);
  return found == graphs_.end() || found->second.phase == Phase::kAdded;
}

ge::Status Session::RegisterAllocator(const void *stream, std::shared_ptr<ge::Allocator> allocator) {
  if (MUTATE(41, !Usable(), false)) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  if (allocator == nullptr) {
    return Refuse("RegisterExternalAllocator", "there is no allocator", ge::PARAM_INVALID);
  }
  if (MUTATE(42, false, allocators_.count(stream) != 0)) {
    return Refuse("A2", "the stream has an allocator");
  }
  allocators_[stream] = std::move(allocator);  // fact A2: the last one counts
  return ge::SUCCESS;
}

ge::Status Session::UnregisterAllocator(const void *stream) {
  if (MUTATE(43, !Usable(), false)) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  const bool known = allocators_.erase(stream) != 0;
  return MUTATE(44, true, known) ? ge::SUCCESS : Refuse("A4", "the stream has no allocator");
}

std::shared_ptr<ge::Allocator> Session::AllocatorOn(const void *stream) const {
  const auto found = allocators_.find(stream);
  return MUTATE(45, found == allocators_.end(), true) ? nullptr : found->second;
}

}  // namespace ge_reference
