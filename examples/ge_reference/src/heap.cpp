#include "heap.h"

#include <cstdlib>

namespace ge_reference {

void *Heap::Allocate(uint64_t size) {
  if (size > kCapacity) {
    return nullptr;
  }
  const uint64_t rounded = size == 0 ? kAlignment : (size + kAlignment - 1) / kAlignment * kAlignment;
  const std::lock_guard<std::mutex> guard(lock_);
  if (rounded > kCapacity - used_) {
    return nullptr;
  }
  void *pointer = std::aligned_alloc(kAlignment, rounded);
  if (pointer != nullptr) {
    live_.emplace(pointer, rounded);
    used_ += rounded;
  }
  return pointer;
}

bool Heap::Free(void *pointer) {
  const std::lock_guard<std::mutex> guard(lock_);
  const auto found = live_.find(pointer);
  if (found == live_.end()) {
    return false;
  }
  used_ -= found->second;
  live_.erase(found);
  std::free(pointer);
  return true;
}

std::shared_ptr<void> Heap::Take(uint64_t size) {
  void *pointer = Allocate(size);
  if (pointer == nullptr) {
    return nullptr;
  }
  return std::shared_ptr<void>(pointer, [this](void *taken) { Free(taken); });
}

// Never destroyed: whoever holds memory at the end of the process may still give it back.
Heap &Heap::OfCallers() {
  static Heap &heap = *new Heap;
  return heap;
}

Heap &Heap::OfGe() {
  static Heap &heap = *new Heap;
  return heap;
}

}  // namespace ge_reference
