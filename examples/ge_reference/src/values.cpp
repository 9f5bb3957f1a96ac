// The small value types of the public interface.
#include "ge/ge_feature_memory.h"
#include "graph/ascend_string.h"
#include "graph/graph.h"

namespace ge {

AscendString::AscendString(const char *name) {
  if (name != nullptr) {
    name_ = std::make_shared<std::string>(name);
  }
}

const char *AscendString::GetString() const { return name_ == nullptr ? "" : name_->c_str(); }

size_t AscendString::GetLength() const { return name_ == nullptr ? 0 : name_->size(); }

bool AscendString::operator<(const AscendString &other) const {
  return std::string(GetString()) < std::string(other.GetString());
}

bool AscendString::operator==(const AscendString &other) const {
  return std::string(GetString()) == std::string(other.GetString());
}

bool AscendString::operator!=(const AscendString &other) const { return !(*this == other); }

Graph::Graph(const char *name) : name_(name) {}

graphStatus Graph::GetName(AscendString &name) const {
  name = name_;
  return GRAPH_SUCCESS;
}

graphStatus Graph::LoadFromFile(const char *) { return GRAPH_FAILED; }

FeatureMemory::FeatureMemory(MemoryType type, size_t size, bool is_fixed)
    : type_(type), size_(size), is_fixed_(is_fixed) {}

MemoryType FeatureMemory::GetType() const { return type_; }

size_t FeatureMemory::GetSize() const { return size_; }

bool FeatureMemory::IsFixed() const { return is_fixed_; }

}  // namespace ge
