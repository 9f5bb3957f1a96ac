// A session: its graphs, and the allocators registered on its streams. Every call is made under the instance's lock.
#ifndef GE_REFERENCE_SESSION_H_
#define GE_REFERENCE_SESSION_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ge/ge_api_v2.h"
#include "graph.h"
#include "instance.h"

namespace ge_reference {

class Session {
 public:
  Session(Instance &instance, const ge::Options &options);
  ~Session();
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  uint64_t Id() const { return id_; }
  bool AnyRunning() const;
  void ReleaseEverything();

  // lifecycle.cpp
  ge::Status AddGraph(uint32_t graph_id, const ge::Graph &graph, const ge::Options &options);
  ge::Status RemoveGraph(uint32_t graph_id);
  ge::Status CompileGraph(uint32_t graph_id);
  // Null where the graph is not compiled.
  const Summary *CompiledSummary(uint32_t graph_id);
  bool NeedsRebuild(uint32_t graph_id) const;
  ge::Status RegisterAllocator(const void *stream, std::shared_ptr<ge::Allocator> allocator);
  ge::Status UnregisterAllocator(const void *stream);

  // loading.cpp
  ge::Status LoadGraph(uint32_t graph_id, const void *stream);

  // execution.cpp
  ge::Status RunGraph(uint32_t graph_id, const std::vector<gert::Tensor> &inputs,
                      const std::vector<gert::Tensor> &outputs);
  ge::Status RunGraphAsync(uint32_t graph_id, const std::vector<gert::Tensor> &inputs,
                           ge::RunAsyncCallbackV2 callback);
  ge::Status RunGraphWithStreamAsync(uint32_t graph_id, const void *stream, const std::vector<gert::Tensor> &inputs,
                                     const std::vector<gert::Tensor> &outputs);
  // The oldest run of RunGraphAsync ends; its callback, which is to be called without the lock, or an empty one.
  ge::RunAsyncCallbackV2 EndRun(uint32_t graph_id);
  void EndRunsOn(const void *stream);

  // memory_calls.cpp
  ge::Status SetConst(uint32_t graph_id, Range range);
  ge::Status UpdateFeature(uint32_t graph_id, Range range);
  ge::Status SetFixed(uint32_t graph_id, ge::MemoryType type, Range range);
  ge::Status UpdateRefreshable(uint32_t graph_id, Range range);

  // The memory of a region that GE allocated itself; null where it did not.
  const Binding *OwnMemory(uint32_t graph_id, Region region) const;

 private:
  bool Usable() const;
  Graph *Find(uint32_t graph_id);
  std::string Option(const char *name, const std::string &otherwise) const;
  std::string StaticMemoryPolicy() const;
  bool SharesMemory() const;

  ge::Status CheckFixed(const Graph &graph, Region region, const Range &range, uint64_t need, bool off) const;
  // `stream` is null but for runs on a stream.
  ge::Status CheckRun(uint32_t graph_id, RunMode mode, const void *stream, const std::vector<gert::Tensor> &inputs,
                      const std::vector<gert::Tensor> &outputs);
  ge::Status CheckOtherRuns(uint32_t graph_id, const void *stream);
  ge::Status Load(Graph &graph, const std::shared_ptr<ge::Allocator> &external);
  std::shared_ptr<const void> TakeMemory(const Graph &graph, const Summary &summary, Region region, uint64_t size,
                                         const std::shared_ptr<ge::Allocator> &external);
  std::shared_ptr<const void> TakeShared(Region region, uint64_t size);
  std::shared_ptr<ge::Allocator> AllocatorOn(const void *stream) const;

  struct Shared {
    std::weak_ptr<const void> memory;
    uint64_t size;
  };

  Instance &instance_;
  uint64_t id_;
  uint64_t epoch_;
  ge::Options options_;
  std::map<uint32_t, Graph> graphs_;
  std::map<const void *, std::shared_ptr<ge::Allocator>> allocators_;
  std::array<std::vector<Shared>, kRegions.size()> shared_;
  // Only seeded defects read it: what RemoveGraph took away.
  std::map<uint32_t, Graph> removed_;
};

}  // namespace ge_reference

#endif  // GE_REFERENCE_SESSION_H_
