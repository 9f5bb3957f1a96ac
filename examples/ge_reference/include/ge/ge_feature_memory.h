// ge::FeatureMemory: how many bytes of feature memory a compiled graph needs of one memory type.
#ifndef GE_REFERENCE_GE_GE_FEATURE_MEMORY_H_
#define GE_REFERENCE_GE_GE_FEATURE_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace ge {

enum class MemoryType : int64_t { MEMORY_TYPE_DEFAULT, MEMORY_TYPE_P2P };

class FeatureMemory {
 public:
  FeatureMemory(MemoryType type, size_t size, bool is_fixed);
  MemoryType GetType() const;
  size_t GetSize() const;
  bool IsFixed() const;

 private:
  MemoryType type_;
  size_t size_;
  bool is_fixed_;
};

}  // namespace ge

#endif  // GE_REFERENCE_GE_GE_FEATURE_MEMORY_H_
