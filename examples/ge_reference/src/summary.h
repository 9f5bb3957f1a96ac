// What a CompiledGraphSummary holds: the summary as it was when it was asked for.
#ifndef GE_REFERENCE_SUMMARY_H_
#define GE_REFERENCE_SUMMARY_H_

#include "ge/ge_graph_compile_summary.h"
#include "kinds.h"

struct ge::CompiledGraphSummary::Data {
  ge_reference::Summary summary;
};

#endif  // GE_REFERENCE_SUMMARY_H_
