// Device memory, which here is the host's: what is allocated, and how much in all.
#ifndef GE_REFERENCE_HEAP_H_
#define GE_REFERENCE_HEAP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace ge_reference {

class Heap {
 public:
  static constexpr uint64_t kAlignment = 512;
  static constexpr uint64_t kCapacity = uint64_t{64} << 30;

  // Null where the device has no more. Zero bytes take one, so that the address is nobody else's.
  void *Allocate(uint64_t size);
  // False where no allocation starts there.
  bool Free(void *pointer);
  // The allocation ends with the last copy of the pointer. Empty where the device has no more.
  std::shared_ptr<void> Take(uint64_t size);

  // What callers allocate by aclrtMalloc, and what GE allocates for itself: nobody can free the other's.
  static Heap &OfCallers();
  static Heap &OfGe();

 private:
  std::mutex lock_;
  std::map<void *, uint64_t> live_;
  uint64_t used_ = 0;
};

}  // namespace ge_reference

#endif  // GE_REFERENCE_HEAP_H_
