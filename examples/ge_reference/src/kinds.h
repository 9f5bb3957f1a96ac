// The kinds of graph that the reference library can compile, by name.
#ifndef GE_REFERENCE_KINDS_H_
#define GE_REFERENCE_KINDS_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace ge_reference {

// Sizes in bytes, as the compiled summary gives them (facts S2 to S5).
struct Summary {
  bool is_static = false;
  bool is_refreshable = false;
  uint64_t const_size = 0;
  uint64_t feature_size = 0;
  uint64_t fixed_size = 0;
  uint64_t p2p_size = 0;
  uint64_t refreshable_size = 0;
};

struct Kind {
  const char *name;
  // `is_refreshable`: it is so if the option asks for it.
  Summary summary;
};

size_t KindCount();
const Kind &KindAt(size_t position);
// Null where there is none of that name.
const Kind *FindKind(const std::string &name);

// What compiling a graph of the kind decides; `refresh_option`: ge.featureBaseRefreshable is "1" (fact S6).
Summary CompiledAs(const Kind &kind, bool refresh_option);

}  // namespace ge_reference

#endif  // GE_REFERENCE_KINDS_H_
