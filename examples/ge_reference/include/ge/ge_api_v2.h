// The public interface of ge::GeSession, as far as graph memory goes: names and parameter types only.
//
// The values of the two error codes are the reference library's own.
#ifndef GE_REFERENCE_GE_GE_API_V2_H_
#define GE_REFERENCE_GE_GE_API_V2_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "exe_graph/runtime/tensor.h"
#include "ge/ge_allocator.h"
#include "ge/ge_feature_memory.h"
#include "ge/ge_graph_compile_summary.h"
#include "graph/ascend_string.h"
#include "graph/graph.h"
#include "graph/tensor.h"

namespace ge {

constexpr Status PARAM_INVALID = 1001;
constexpr Status GE_CLI_GE_NOT_INITIALIZED = 1002;

using Options = std::map<AscendString, AscendString>;
using RunAsyncCallbackV2 = std::function<void(Status, std::vector<gert::Tensor> &)>;

Status GEInitializeV2(const std::map<AscendString, AscendString> &options);
Status GEFinalizeV2();
// What the last refused call of this thread was refused for.
AscendString GEGetErrorMsgV3();

class GeSession {
 public:
  explicit GeSession(const std::map<AscendString, AscendString> &options);
  ~GeSession();
  GeSession(const GeSession &) = delete;
  GeSession &operator=(const GeSession &) = delete;

  Status AddGraph(uint32_t graph_id, const Graph &graph);
  Status AddGraph(uint32_t graph_id, const Graph &graph, const std::map<AscendString, AscendString> &options);
  Status AddGraphClone(uint32_t graph_id, const Graph &graph);
  Status AddGraphClone(uint32_t graph_id, const Graph &graph, const std::map<AscendString, AscendString> &options);
  Status RemoveGraph(uint32_t graph_id);
  bool IsGraphNeedRebuild(uint32_t graph_id);
  uint64_t GetSessionId() const;

  Status CompileGraph(uint32_t graph_id);
  Status CompileGraph(uint32_t graph_id, const std::vector<ge::Tensor> &inputs);
  std::shared_ptr<CompiledGraphSummary> GetCompiledGraphSummary(uint32_t graph_id);

  Status LoadGraph(uint32_t graph_id, const std::map<AscendString, AscendString> &options, void *stream) const;
  Status RunGraph(uint32_t graph_id, const std::vector<gert::Tensor> &inputs, std::vector<gert::Tensor> &outputs);
  Status RunGraphAsync(uint32_t graph_id, const std::vector<gert::Tensor> &inputs, RunAsyncCallbackV2 callback);
  Status RunGraphWithStreamAsync(uint32_t graph_id, void *stream, const std::vector<gert::Tensor> &inputs,
                                 std::vector<gert::Tensor> &outputs);

  Status SetGraphConstMemoryBase(uint32_t graph_id, const void *memory, size_t size);
  Status UpdateGraphFeatureMemoryBase(uint32_t graph_id, const void *memory, size_t size);
  Status SetGraphFixedFeatureMemoryBaseWithType(uint32_t graph_id, MemoryType type, const void *memory, size_t size);
  Status UpdateGraphRefreshableFeatureMemoryBase(uint32_t graph_id, const void *memory, size_t size);

  Status RegisterExternalAllocator(const void *stream, std::shared_ptr<Allocator> allocator) const;
  Status UnregisterExternalAllocator(const void *stream) const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ge

#endif  // GE_REFERENCE_GE_GE_API_V2_H_
