// ge::Allocator: memory that a caller hands out to GE (RegisterExternalAllocator).
#ifndef GE_REFERENCE_GE_GE_ALLOCATOR_H_
#define GE_REFERENCE_GE_GE_ALLOCATOR_H_

#include <atomic>
#include <cstddef>

namespace ge {

class MemBlock;

class Allocator {
 public:
  Allocator() = default;
  virtual ~Allocator() = default;
  Allocator(const Allocator &) = delete;
  Allocator &operator=(const Allocator &) = delete;

  virtual MemBlock *Malloc(size_t size) = 0;
  virtual void Free(MemBlock *block) = 0;
  virtual MemBlock *MallocAdvise(size_t size, void *) { return Malloc(size); }
};

// Counts its users; the last one to free it gives it back to its allocator.
class MemBlock {
 public:
  MemBlock(Allocator &allocator, void *addr, size_t size) : allocator_(allocator), addr_(addr), size_(size) {}
  virtual ~MemBlock() = default;
  void *GetAddr() { return addr_; }
  const void *GetAddr() const { return addr_; }
  size_t GetSize() const { return size_; }
  size_t AddCount() { return ++count_; }
  size_t SubCount() { return --count_; }
  size_t GetCount() const { return count_; }
  void Free() {
    if (SubCount() == 0) {
      allocator_.Free(this);
    }
  }

 private:
  Allocator &allocator_;
  void *addr_;
  size_t size_;
  std::atomic<size_t> count_{1};
};

}  // namespace ge

#endif  // GE_REFERENCE_GE_GE_ALLOCATOR_H_
