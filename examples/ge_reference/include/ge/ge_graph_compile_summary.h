// ge::CompiledGraphSummary: what compiling decided about a graph's memory.
#ifndef GE_REFERENCE_GE_GE_GRAPH_COMPILE_SUMMARY_H_
#define GE_REFERENCE_GE_GE_GRAPH_COMPILE_SUMMARY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ge/ge_feature_memory.h"

namespace ge {

using Status = uint32_t;
constexpr Status SUCCESS = 0;
constexpr Status FAILED = 0xFFFFFFFF;

// Sizes are in bytes. Of a dynamic graph only the fixed sizes may be asked for; the other queries fail.
class CompiledGraphSummary {
 public:
  struct Data;
  explicit CompiledGraphSummary(std::shared_ptr<const Data> data);
  ~CompiledGraphSummary();

  bool IsStatic() const;
  Status GetConstMemorySize(size_t &size) const;
  Status GetFeatureMemorySize(size_t &size) const;
  Status GetFixedFeatureMemorySize(size_t &size) const;
  Status GetRefreshableFeatureMemorySize(size_t &size) const;
  Status GetFeatureMemoryBaseRefreshable(bool &refreshable) const;
  std::vector<std::shared_ptr<FeatureMemory>> GetAllFeatureMemoryTypeSize() const;

 private:
  std::shared_ptr<const Data> data_;
};

}  // namespace ge

#endif  // GE_REFERENCE_GE_GE_GRAPH_COMPILE_SUMMARY_H_
