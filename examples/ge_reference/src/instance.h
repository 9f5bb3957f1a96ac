// What is one for the process: whether GE is initialised, its sessions, and the lock over all of it.
#ifndef GE_REFERENCE_INSTANCE_H_
#define GE_REFERENCE_INSTANCE_H_

#include <cstdint>
#include <mutex>
#include <set>
#include <string>

#include "ge/ge_api_v2.h"

namespace ge_reference {

class Session;

struct Instance {
  // Held by every public call, also while it asks an external allocator for memory.
  std::mutex lock;
  bool initialised = false;
  // Counts initialisations: a session of an earlier one is none any more.
  uint64_t epoch = 0;
  ge::Options options;
  std::set<Session *> sessions;
  uint64_t last_session = 0;
  // Runs of RunGraphAsync end by EndRun only, instead of by themselves.
  bool hold_runs = false;

  static Instance &Get();
};

// Keeps the reason for GEGetErrorMsgV3 and hands the status back. `rule` is a fact or question of the documentation.
ge::Status Refuse(const char *rule, const std::string &why, ge::Status status = ge::FAILED);
const std::string &LastRefusal();

}  // namespace ge_reference

#endif  // GE_REFERENCE_INSTANCE_H_
