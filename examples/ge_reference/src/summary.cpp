// The queries of ge::CompiledGraphSummary (facts S1 to S6).
#include "summary.h"

#include <utility>

#include "mutate.h"

namespace ge {
namespace {

Status Answer(bool is_static, uint64_t value, size_t &size) {
  if (!is_static) {
    return FAILED;
  }
  size = value;
  return SUCCESS;
}

}  // namespace

CompiledGraphSummary::CompiledGraphSummary(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

CompiledGraphSummary::~CompiledGraphSummary() = default;

bool CompiledGraphSummary::IsStatic() const { return MUTATE(220, data_->summary.is_static, true); }

Status CompiledGraphSummary::GetConstMemorySize(size_t &size) const {
  const auto &summary = data_->summary;
  return Answer(summary.is_static, MUTATE(221, summary.const_size, summary.feature_size), size);
}

Status CompiledGraphSummary::GetFeatureMemorySize(size_t &size) const {
  const auto &summary = data_->summary;
  return Answer(summary.is_static, MUTATE(222, summary.feature_size, summary.feature_size - summary.fixed_size), size);
}

// Also of a dynamic graph.
Status CompiledGraphSummary::GetFixedFeatureMemorySize(size_t &size) const {
  size = MUTATE(223, data_->summary.fixed_size, data_->summary.fixed_size + data_->summary.p2p_size);
  return SUCCESS;
}

Status CompiledGraphSummary::GetRefreshableFeatureMemorySize(size_t &size) const {
  const auto &summary = data_->summary;
  return Answer(summary.is_static, MUTATE(224, summary.refreshable_size, summary.feature_size), size);
}

Status CompiledGraphSummary::GetFeatureMemoryBaseRefreshable(bool &refreshable) const {
  refreshable = data_->summary.is_refreshable;
  return data_->summary.is_static ? SUCCESS : FAILED;
}

std::vector<std::shared_ptr<FeatureMemory>> CompiledGraphSummary::GetAllFeatureMemoryTypeSize() const {
  const auto &summary = data_->summary;
  std::vector<std::shared_ptr<FeatureMemory>> all;
  all.push_back(std::make_shared<FeatureMemory>(MemoryType::MEMORY_TYPE_DEFAULT, summary.fixed_size, true));
  if (MUTATE(225, summary.p2p_size != 0, false)) {
    all.push_back(std::make_shared<FeatureMemory>(MemoryType::MEMORY_TYPE_P2P, summary.p2p_size, true));
  }
  return all;
}

}  // namespace ge
