#include "kinds.h"

#include "mutate.h"

namespace ge_reference {
namespace {

constexpr uint64_t kPage = 4096;

constexpr Summary Static(uint64_t const_size, uint64_t feature, uint64_t fixed, uint64_t p2p, uint64_t refreshable) {
  return {true, false, const_size, feature, fixed, p2p, refreshable};
}

constexpr Summary Refreshable(Summary summary) {
  summary.is_refreshable = true;
  return summary;
}

constexpr Summary Dynamic(uint64_t fixed, uint64_t p2p) { return {false, false, 0, 0, fixed, p2p, 0}; }

constexpr Summary kFull = Static(kPage, 3 * kPage, kPage, 2 * kPage, 2 * kPage);
constexpr Summary kNoFixed = Static(kPage, 2 * kPage, 0, kPage, 2 * kPage);
constexpr Summary kNoP2p = Static(2 * kPage, 3 * kPage, kPage, 0, 2 * kPage);
constexpr Summary kPlain = Static(kPage, 2 * kPage, 0, 0, 2 * kPage);
// Parts that are rounded up hold more together than the whole (fact S7).
constexpr Summary kOdd = Static(4097, 12001, 33, 1, 12032);
constexpr Summary kFixedOnly = Static(kPage, kPage, kPage, 0, 0);
constexpr Summary kEmpty = Static(0, 0, 0, 0, 0);

constexpr Kind kKinds[] = {
    {"static", kFull},
    {"refreshable", Refreshable(kFull)},
    {"dynamic", Dynamic(kPage, kPage)},
    {"static-no-fixed", kNoFixed},
    {"refreshable-no-fixed", Refreshable(kNoFixed)},
    {"dynamic-no-fixed", Dynamic(0, kPage)},
    {"static-no-p2p", kNoP2p},
    {"refreshable-no-p2p", Refreshable(kNoP2p)},
    {"dynamic-no-p2p", Dynamic(kPage, 0)},
    {"static-plain", kPlain},
    {"refreshable-plain", Refreshable(kPlain)},
    {"dynamic-plain", Dynamic(0, 0)},
    {"static-odd", kOdd},
    {"refreshable-odd", Refreshable(kOdd)},
    {"static-fixed-only", kFixedOnly},
    {"refreshable-fixed-only", Refreshable(kFixedOnly)},
    {"static-empty", kEmpty},
    {"refreshable-empty", Refreshable(kEmpty)},
};

}  // namespace

size_t KindCount() { return sizeof(kKinds) / sizeof(kKinds[0]); }

const Kind &KindAt(size_t position) { return kKinds[position]; }

const Kind *FindKind(const std::string &name) {
  for (const Kind &kind : kKinds) {
    if (name == kind.name) {
      return &kind;
    }
  }
  return nullptr;
}

Summary CompiledAs(const Kind &kind, bool refresh_option) {
  Summary summary = kind.summary;
  summary.is_refreshable = MUTATE(40, summary.is_refreshable && refresh_option, summary.is_refreshable);
  return summary;
}

}  // namespace ge_reference
