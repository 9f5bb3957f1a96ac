// What the reference library tells beyond the public interface, for whoever tests against it. A program that is to run
// on a real library too declares these functions weak and asks whether they are there.
#ifndef GE_REFERENCE_INSPECT_H_
#define GE_REFERENCE_INSPECT_H_

#include <stddef.h>
#include <stdint.h>

extern "C" {

// The kinds of graph, by position; null past the last one. A graph is of the kind by whose name it is constructed.
const char *ge_reference_kind(size_t position);

// Runs of RunGraphAsync stay in flight until ge_reference_end_run is called, instead of ending by themselves.
void ge_reference_hold_runs(bool hold);

// The oldest run of a graph's RunGraphAsync ends, and its callback is called, both on another thread.
void ge_reference_end_run(uint64_t session_id, uint32_t graph_id);

// The base of the memory that GE itself allocated for a region of a graph, null where it did not. Regions: 0 const,
// 1 feature, 2 refreshable, 3 fixed (DEFAULT), 4 fixed (P2P).
const void *ge_reference_own_base(uint64_t session_id, uint32_t graph_id, int region);
}

#endif  // GE_REFERENCE_INSPECT_H_
