// Bytes of the address space: [base, base + size), unsigned 64-bit.
#ifndef GE_REFERENCE_RANGE_H_
#define GE_REFERENCE_RANGE_H_

#include <cstdint>

#include "mutate.h"

namespace ge_reference {

struct Range {
  uint64_t base = 0;
  uint64_t size = 0;

  // Of a range that is not empty.
  uint64_t Last() const { return base + (size - 1); }

  // Does it pass the end of the address space? A range may end with the last byte.
  bool Wraps() const {
    const uint64_t last = MUTATE(1, Last(), Last() - 1);
    return size != 0 && MUTATE(2, last < base, static_cast<int64_t>(last) < static_cast<int64_t>(base));
  }

  // Do the two, neither of which wraps, share a byte?
  bool Overlaps(const Range &other) const {
    if (size == 0 || other.size == 0) {
      return false;
    }
    const uint64_t last = MUTATE(3, Last(), base + size);
    const uint64_t other_last = MUTATE(4, other.Last(), other.base);
    return MUTATE(5, base <= other_last, base < other_last) && other.base <= last;
  }
};

}  // namespace ge_reference

#endif  // GE_REFERENCE_RANGE_H_
