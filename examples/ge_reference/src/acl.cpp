// Device memory and streams (acl/acl.h).
#include "acl/acl.h"

#include <cstdlib>

#include "heap.h"
#include "instance.h"
#include "session.h"

namespace {

constexpr aclError kInvalid = 1;
constexpr aclError kNoMemory = 2;

struct Stream {};

}  // namespace

aclError aclInit(const char *) { return ACL_SUCCESS; }

aclError aclFinalize() { return ACL_SUCCESS; }

aclError aclrtSetDevice(int32_t) { return ACL_SUCCESS; }

aclError aclrtResetDevice(int32_t) { return ACL_SUCCESS; }

aclError aclrtMalloc(void **pointer, size_t size, aclrtMemMallocPolicy) {
  if (pointer == nullptr || size == 0) {
    return kInvalid;
  }
  void *allocated = ge_reference::Heap::OfCallers().Allocate(size);
  if (allocated == nullptr) {
    return kNoMemory;
  }
  *pointer = allocated;
  return ACL_SUCCESS;
}

// Memory that a graph still uses is given back too: keeping it is the caller's duty.
aclError aclrtFree(void *pointer) {
  return ge_reference::Heap::OfCallers().Free(pointer) ? ACL_SUCCESS : kInvalid;
}

aclError aclrtMallocHost(void **pointer, size_t size) { return aclrtMalloc(pointer, size, ACL_MEM_MALLOC_HUGE_FIRST); }

aclError aclrtFreeHost(void *pointer) { return aclrtFree(pointer); }

aclError aclrtCreateStream(aclrtStream *stream) {
  if (stream == nullptr) {
    return kInvalid;
  }
  *stream = new Stream;
  return ACL_SUCCESS;
}

aclError aclrtDestroyStream(aclrtStream stream) {
  aclrtSynchronizeStream(stream);
  delete static_cast<Stream *>(stream);
  return ACL_SUCCESS;
}

// Fact L9: every run on the stream ends.
aclError aclrtSynchronizeStream(aclrtStream stream) {
  ge_reference::Instance &instance = ge_reference::Instance::Get();
  const std::lock_guard<std::mutex> guard(instance.lock);
  for (ge_reference::Session *session : instance.sessions) {
    session->EndRunsOn(stream);
  }
  return ACL_SUCCESS;
}
