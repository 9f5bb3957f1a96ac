// What the library remembers of one graph.
#ifndef GE_REFERENCE_GRAPH_STATE_H_
#define GE_REFERENCE_GRAPH_STATE_H_

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <set>

#include "ge/ge_api_v2.h"
#include "kinds.h"
#include "range.h"

namespace ge_reference {

// In the order of life.
enum class Phase { kAdded, kCompiled, kLoaded };

// By which of the three run calls a graph was run (fact L8).
enum class RunMode { kNone, kSync, kCallback, kStream };

enum Region : size_t { kConst, kFeature, kRefreshable, kFixed, kP2p };
constexpr std::array<Region, 5> kRegions = {kConst, kFeature, kRefreshable, kFixed, kP2p};

// Memory that a graph uses for a region: the caller's, or GE's own, which lives as long as it is bound.
struct Binding {
  bool bound = false;
  Range range;
  std::shared_ptr<const void> own;

  bool ByCaller() const { return bound && own == nullptr; }
  static Binding OfCaller(Range range) { return {true, range, nullptr}; }
};

struct Graph {
  const Kind *kind = nullptr;
  bool refresh_option = false;
  Phase phase = Phase::kAdded;
  Summary summary;
  // Fixed memory of type DEFAULT was switched off (fact X3).
  bool fixed_off = false;
  RunMode mode = RunMode::kNone;
  // Runs of RunGraphAsync in flight, oldest first.
  std::deque<ge::RunAsyncCallbackV2> callbacks;
  // Streams with runs in flight.
  std::set<const void *> streams;
  std::array<Binding, kRegions.size()> memory;

  bool Running() const {
    return MUTATE(10, !callbacks.empty(), false) || MUTATE(11, !streams.empty(), false);
  }

  // What a graph of this kind has when it is added.
  static Graph Added(const Kind &kind, bool refresh_option) {
    Graph graph;
    graph.kind = &kind;
    graph.refresh_option = refresh_option;
    return graph;
  }
};

}  // namespace ge_reference

#endif  // GE_REFERENCE_GRAPH_STATE_H_
