// The four calls that bind the caller's memory to a compiled graph.
//
// Whether the memory is allocated is the caller's duty: a driver cannot know it, so nothing here asks for it, and
// nothing here reads or writes a byte of it.
#include "session.h"

namespace ge_reference {
namespace {

// What is asked of the bytes themselves. A mutant `n + number` concerns the region of that number.
ge::Status CheckRange(const Graph &graph, Region target, Range range) {
  const int number = static_cast<int>(target);
  if (range.base == 0 && MUTATE(110 + number, true, false)) {
    return Refuse("Q1", "the base is null");
  }
  if (range.Wraps() && MUTATE(115 + number, true, false)) {
    return Refuse("Q2", "the memory passes the end of the address space");
  }
  for (const Region other : kRegions) {
    if (MUTATE(125, other == target, false)) {
      continue;  // it is replaced as a whole
    }
    if (MUTATE(126, false, other == kP2p) || MUTATE(127, false, other == kConst)) {
      continue;
    }
    const Binding &binding = graph.memory[other];
    if (binding.bound && binding.range.Overlaps(range) && MUTATE(120 + number, true, false)) {
      return Refuse("Q3", "the memory overlaps other memory of the graph");
    }
  }
  return ge::SUCCESS;
}

// What both kinds of feature memory ask for beyond their own rules.
ge::Status CheckRefresh(const Graph &graph, Region target) {
  if (graph.Running() && MUTATE(128, true, target != kFeature) && MUTATE(129, true, target != kRefreshable)) {
    return Refuse("Q4", "a run of the graph is in flight");
  }
  const bool late = graph.phase == Phase::kLoaded && MUTATE(130, !graph.summary.is_refreshable, true);
  if (late && MUTATE(131, true, target != kFeature) && MUTATE(132, true, target != kRefreshable)) {
    return Refuse("Q7", "the graph is loaded, and its feature base cannot be refreshed");
  }
  return ge::SUCCESS;
}

// GE gives its own memory back; the caller's stays.
void Release(Binding &binding) {
  if (!binding.ByCaller()) {
    binding = Binding();
  }
}

}  // namespace

ge::Status Session::SetConst(uint32_t graph_id, Range range) {
  Graph *graph = Find(graph_id);
  if (!Usable()) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  if (graph == nullptr || MUTATE(140, graph->phase < Phase::kCompiled, false)) {
    return Refuse("C1", "the graph is not compiled");
  }
  Binding &target = graph->memory[kConst];
  const uint64_t need = MUTATE(142, graph->summary.const_size, graph->summary.feature_size);
  const bool less = MUTATE(149, range.size < need, static_cast<int64_t>(range.size) < static_cast<int64_t>(need));
  if (MUTATE(143, less, range.size + 1 < need) && MUTATE(144, true, false)) {
    target = MUTATE(141, target, Binding::OfCaller(range));
    return Refuse("C1", "the size is less than GetConstMemorySize");
  }
  if (MUTATE(145, false, range.size > need)) {
    return Refuse("C1", "the size is not GetConstMemorySize");
  }
  if (MUTATE(146, target.ByCaller(), false)) {
    return Refuse("C2", "const memory is set already");
  }
  if (MUTATE(147, !graph->summary.is_static, false)) {
    return Refuse("C3", "the graph is dynamic");
  }
  if (MUTATE(148, graph->phase >= Phase::kLoaded, false)) {
    return Refuse("C5", "the graph is loaded");
  }
  if (const ge::Status status = CheckRange(*graph, kConst, range); status != ge::SUCCESS) {
    return status;
  }
  target = Binding::OfCaller(range);
  return ge::SUCCESS;
}

ge::Status Session::UpdateFeature(uint32_t graph_id, Range range) {
  Graph *graph = Find(graph_id);
  if (!Usable()) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  if (graph == nullptr || MUTATE(150, graph->phase < Phase::kCompiled, false)) {
    return Refuse("F1", "the graph is not compiled");
  }
  Binding &target = graph->memory[kFeature];
  const uint64_t need = MUTATE(151, graph->summary.feature_size, graph->summary.refreshable_size);
  if (MUTATE(152, range.size < need, range.size <= need) && MUTATE(153, true, !target.ByCaller())) {
    return Refuse("F1", "the size is less than GetFeatureMemorySize");
  }
  if (MUTATE(154, target.ByCaller() && !graph->summary.is_refreshable, false) ||
      MUTATE(155, false, target.ByCaller())) {
    return Refuse("F2", "feature memory is set already and cannot be refreshed");
  }
  if (MUTATE(156, !graph->summary.is_static, false)) {
    return Refuse("F3", "the graph is dynamic");
  }
  if (MUTATE(157, graph->memory[kFixed].ByCaller(), false) || MUTATE(158, graph->fixed_off, false) ||
      MUTATE(159, false, graph->memory[kFixed].bound)) {
    return Refuse("F5", "fixed memory was set or switched off");
  }
  if (MUTATE(160, graph->memory[kRefreshable].ByCaller(), false)) {
    return Refuse("F6", "refreshable memory was set");
  }
  if (const ge::Status status = CheckRange(*graph, kFeature, range); status != ge::SUCCESS) {
    return status;
  }
  if (const ge::Status status = CheckRefresh(*graph, kFeature); status != ge::SUCCESS) {
    return status;
  }
  target = Binding::OfCaller(range);
  // What loading took for the parts is not needed beside the whole.
  Release(graph->memory[kRefreshable]);
  Release(graph->memory[kFixed]);
  return ge::SUCCESS;
}

// What SetGraphFixedFeatureMemoryBaseWithType asks for, but for the bytes themselves.
ge::Status Session::CheckFixed(const Graph &graph, Region region, const Range &range, uint64_t need, bool off) const {
  const bool is_default = region == kFixed;
  if (MUTATE(175, !off, true) && MUTATE(176, range.size < need, range.size + 1 < need) && MUTATE(177, true, false)) {
    return Refuse("X1", "the size is less than GetAllFeatureMemoryTypeSize");
  }
  const Binding &other = graph.memory[is_default ? kP2p : kFixed];
  const bool set = graph.memory[region].ByCaller() && MUTATE(178, true, !is_default) && MUTATE(179, true, is_default);
  const bool switched_off = is_default && MUTATE(180, graph.fixed_off, false);
  if (set || switched_off || MUTATE(181, false, other.ByCaller())) {
    return Refuse("X4", "fixed memory of the type is set already");
  }
  if (MUTATE(182, is_default, true) && MUTATE(183, graph.memory[kFeature].ByCaller(), false)) {
    return Refuse("X5", "feature memory was set as a whole");
  }
  const std::string policy = StaticMemoryPolicy();
  const bool barred = MUTATE(185, policy == "4", false) || MUTATE(186, false, policy == "2");
  if (MUTATE(184, off, true) && barred) {
    return Refuse("X7", "fixed memory cannot be switched off under this static memory policy");
  }
  if (MUTATE(187, graph.phase >= Phase::kLoaded, false)) {
    return Refuse("X8", "the graph is loaded");
  }
  if (MUTATE(188, false, !graph.summary.is_static)) {
    return Refuse("X9", "the graph is dynamic");
  }
  if (MUTATE(189, off && graph.memory[kRefreshable].bound, false)) {
    return Refuse("Q5", "refreshable memory was set, which needs the fixed part");
  }
  return ge::SUCCESS;
}

ge::Status Session::SetFixed(uint32_t graph_id, ge::MemoryType type, Range range) {
  Graph *graph = Find(graph_id);
  if (!Usable()) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  if (type != ge::MemoryType::MEMORY_TYPE_DEFAULT && type != ge::MemoryType::MEMORY_TYPE_P2P) {
    return Refuse("SetGraphFixedFeatureMemoryBaseWithType", "there is no such memory type", ge::PARAM_INVALID);
  }
  if (graph == nullptr || MUTATE(170, graph->phase < Phase::kCompiled, false)) {
    return Refuse("X1", "the graph is not compiled");
  }
  const bool is_default = type == ge::MemoryType::MEMORY_TYPE_DEFAULT;
  const Region region = is_default ? kFixed : kP2p;
  const Summary &summary = graph->summary;
  const uint64_t need = MUTATE(171, is_default, true) ? summary.fixed_size : summary.p2p_size;
  const bool nothing = range.base == 0 && range.size == 0;
  const bool off = nothing && MUTATE(172, is_default, true) && MUTATE(173, need != 0, true);  // fact X3
  if (const ge::Status status = CheckFixed(*graph, region, range, need, off); status != ge::SUCCESS) {
    graph->fixed_off = MUTATE(174, graph->fixed_off, graph->fixed_off || off);
    return status;
  }
  if (off) {
    graph->fixed_off = MUTATE(190, true, graph->fixed_off);
    return ge::SUCCESS;
  }
  if (need == 0) {
    // Fact X6. There is no log for the warning: GEGetErrorMsgV3 speaks of refusals only.
    return MUTATE(191, ge::SUCCESS, Refuse("X6", "the graph has no fixed memory"));
  }
  if (const ge::Status status = CheckRange(*graph, region, range); status != ge::SUCCESS) {
    return status;
  }
  graph->memory[region] = Binding::OfCaller(range);
  return ge::SUCCESS;
}

ge::Status Session::UpdateRefreshable(uint32_t graph_id, Range range) {
  Graph *graph = Find(graph_id);
  if (!Usable()) {
    return Refuse("L1", "GE is not initialised", ge::GE_CLI_GE_NOT_INITIALIZED);
  }
  if (graph == nullptr || MUTATE(200, graph->phase < Phase::kCompiled, false)) {
    return Refuse("R1", "the graph is not compiled");
  }
  Binding &target = graph->memory[kRefreshable];
  const uint64_t need = MUTATE(201, graph->summary.refreshable_size, graph->summary.feature_size);
  if (MUTATE(202, range.size < need, range.size + 1 < need) && MUTATE(203, true, !target.ByCaller())) {
    return Refuse("R2", "the size is less than GetRefreshableFeatureMemorySize");
  }
  if (MUTATE(204, false, range.size != need)) {
    return Refuse("R2", "the size is not GetRefreshableFeatureMemorySize");
  }
  if (MUTATE(205, target.ByCaller() && !graph->summary.is_refreshable, false) ||
      MUTATE(206, false, target.ByCaller())) {
    return Refuse("R4", "refreshable memory is set already and cannot be refreshed");
  }
  if (MUTATE(207, !graph->summary.is_static, false)) {
    return Refuse("R5", "the graph is dynamic");
  }
  const Binding &fixed = graph->memory[kFixed];
  if (MUTATE(208, graph->fixed_off, false) || MUTATE(209, false, graph->summary.fixed_size != 0 && !fixed.bound)) {
    return Refuse("R7", "fixed memory was switched off");
  }
  if (MUTATE(210, graph->memory[kFeature].ByCaller(), false)) {
    return Refuse("R8", "feature memory was set as a whole");
  }
  if (const ge::Status status = CheckRange(*graph, kRefreshable, range); status != ge::SUCCESS) {
    return status;
  }
  if (const ge::Status status = CheckRefresh(*graph, kRefreshable); status != ge::SUCCESS) {
    return status;
  }
  target = Binding::OfCaller(range);
  graph->memory[kFeature] = MUTATE(211, graph->memory[kFeature], Binding::OfCaller(range));
  return ge::SUCCESS;
}

}  // namespace ge_reference
