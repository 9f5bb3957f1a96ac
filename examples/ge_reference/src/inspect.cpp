#include "inspect.h"

#include "instance.h"
#include "kinds.h"
#include "session.h"
#include "worker.h"

using ge_reference::Instance;

const char *ge_reference_kind(size_t position) {
  return position < ge_reference::KindCount() ? ge_reference::KindAt(position).name : nullptr;
}

void ge_reference_hold_runs(bool hold) {
  Instance &instance = Instance::Get();
  const std::lock_guard<std::mutex> guard(instance.lock);
  instance.hold_runs = hold;
}

void ge_reference_end_run(uint64_t session_id, uint32_t graph_id) {
  ge_reference::Worker::Get().End(session_id, graph_id);
}

const void *ge_reference_own_base(uint64_t session_id, uint32_t graph_id, int region) {
  if (region < 0 || static_cast<size_t>(region) >= ge_reference::kRegions.size()) {
    return nullptr;
  }
  Instance &instance = Instance::Get();
  const std::lock_guard<std::mutex> guard(instance.lock);
  for (const ge_reference::Session *session : instance.sessions) {
    if (session->Id() == session_id) {
      const auto *binding = session->OwnMemory(graph_id, static_cast<ge_reference::Region>(region));
      return binding == nullptr ? nullptr : binding->own.get();
    }
  }
  return nullptr;
}
