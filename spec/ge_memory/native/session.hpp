// One ge::GeSession under test: a fresh state on demand, and what the calls pass and return.
#ifndef CALLPROOF_GE_MEMORY_SESSION_HPP_
#define CALLPROOF_GE_MEMORY_SESSION_HPP_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "acl/acl.h"
#include "ge/ge_api_v2.h"
#include "json_reader.hpp"
#include "runs.hpp"

// The reference library has these; a real one does not, and then they are null (examples/ge_reference/src/inspect.h).
extern "C" {
const char *ge_reference_kind(size_t position) __attribute__((weak));
void ge_reference_hold_runs(bool hold) __attribute__((weak));
void ge_reference_end_run(uint64_t session_id, uint32_t graph_id) __attribute__((weak));
const void *ge_reference_own_base(uint64_t session_id, uint32_t graph_id, int region) __attribute__((weak));
}

namespace runner {

using Settings = std::map<ge::AscendString, ge::AscendString>;

// A kind of graph: a model file, or where `file` is empty a kind that the library knows by its name.
struct Kind {
  std::string name;
  std::string file;

  ge::Graph Make() const {
    ge::Graph graph(name.c_str());
    if (!file.empty() && graph.LoadFromFile(file.c_str()) != 0) {
      throw json::Error("the library cannot load the model file of the kind " + name);
    }
    return graph;
  }
};

// Serves GE with device memory, as any caller's allocator may.
class DeviceAllocator : public ge::Allocator {
 public:
  ge::MemBlock *Malloc(size_t size) override {
    void *memory = nullptr;
    if (aclrtMalloc(&memory, size == 0 ? 1 : size, ACL_MEM_MALLOC_HUGE_FIRST) != 0) {
      return nullptr;
    }
    return new ge::MemBlock(*this, memory, size);
  }

  void Free(ge::MemBlock *block) override {
    aclrtFree(block->GetAddr());
    delete block;
  }
};

class Session {
 public:
  explicit Session(std::chrono::milliseconds patience) : patience_(patience) { Restart({}); }

  ~Session() {
    try {
      Restart({});
    } catch (const json::Error &) {
      // The process ends, and all of it with it.
    }
    session_.reset();
    for (const auto &stream : streams_) {
      aclrtDestroyStream(stream.second);
    }
  }
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  // Ends and frees everything; then nothing is initialised. `settings` are those of GEInitializeV2 to come.
  void Restart(Settings settings) {
    EndAllRuns();
    for (const auto &stream : streams_) {
      aclrtSynchronizeStream(stream.second);
      session_ ? session_->UnregisterExternalAllocator(stream.second) : ge::SUCCESS;
    }
    if (initialised_ && ge::GEFinalizeV2() != ge::SUCCESS) {
      throw json::Error(std::string("GEFinalizeV2 fails: ") + ge::GEGetErrorMsgV3().GetString());
    }
    initialised_ = false;
    session_.reset();
    for (void *memory : allocated_) {
      aclrtFree(memory);
    }
    allocated_.clear();
    blocks_.clear();
    settings_ = std::move(settings);
    session_ = std::make_unique<ge::GeSession>(settings_);
  }

  ge::GeSession &Get() { return *session_; }

  // A session belongs to the instance that was there when it was made, so each instance gets its own.
  ge::Status Initialise() {
    const ge::Status status = ge::GEInitializeV2(settings_);
    if (status == ge::SUCCESS) {
      initialised_ = true;
      session_.reset();
      session_ = std::make_unique<ge::GeSession>(settings_);
    }
    return status;
  }

  ge::Status Finalise() {
    const ge::Status status = ge::GEFinalizeV2();
    if (status == ge::SUCCESS) {
      initialised_ = false;
      runs_.clear();
    }
    return status;
  }

  ge::Status Remove(uint32_t graph_id) {
    const ge::Status status = session_->RemoveGraph(graph_id);
    if (status == ge::SUCCESS) {
      runs_.erase(graph_id);
    }
    return status;
  }

  ge::Status RunAsync(uint32_t graph_id, const std::vector<gert::Tensor> &inputs) {
    const auto run = std::make_shared<Run>();
    const ge::Status status = session_->RunGraphAsync(graph_id, inputs, Run::CallbackOf(run));
    if (status == ge::SUCCESS) {
      runs_[graph_id].push_back(run);
    }
    return status;
  }

  // Lets the oldest run of a graph end, and waits for its callback. The status as the protocol has it.
  std::string EndRun(uint32_t graph_id) {
    auto &runs = runs_[graph_id];
    if (runs.empty()) {
      return "NOT_IN_FLIGHT";
    }
    if (ge_reference_end_run != nullptr) {
      ge_reference_end_run(session_->GetSessionId(), graph_id);
    }
    const End end = runs.front()->Wait(patience_);
    if (end == End::kNone) {
      return "NO_CALLBACK_IN_TIME";
    }
    runs.pop_front();
    return end == End::kCalledBack ? "SUCCESS" : "CALLBACK_DROPPED";
  }

  // The stream of a handle, created when it is first named.
  void *Stream(uint64_t handle) {
    const auto found = streams_.find(handle);
    if (found != streams_.end()) {
      return found->second;
    }
    void *stream = nullptr;
    if (aclrtCreateStream(&stream) != 0) {
      throw json::Error("aclrtCreateStream fails");
    }
    return streams_[handle] = stream;
  }

  // A block that is named anew keeps its old memory, which a graph may still use, until the restart.
  aclError Allocate(uint64_t block, uint64_t size, void *&memory) {
    const aclError status = aclrtMalloc(&memory, size, ACL_MEM_MALLOC_HUGE_FIRST);
    if (status == 0) {
      blocks_[block] = memory;
      allocated_.insert(memory);
    }
    return status;
  }

  // False where the block holds nothing.
  bool Free(uint64_t block, aclError &status) {
    const auto found = blocks_.find(block);
    if (found == blocks_.end()) {
      return false;
    }
    status = aclrtFree(found->second);
    if (status == 0) {
      allocated_.erase(found->second);
      blocks_.erase(found);
    }
    return true;
  }

 private:
  void EndAllRuns() {
    for (auto &graph : runs_) {
      while (!graph.second.empty()) {
        if (EndRun(graph.first) == "NO_CALLBACK_IN_TIME") {
          throw json::Error("a run of RunGraphAsync does not end");
        }
      }
    }
    runs_.clear();
  }

  std::chrono::milliseconds patience_;
  Settings settings_;
  bool initialised_ = false;
  std::unique_ptr<ge::GeSession> session_;
  Runs runs_;
  std::map<uint64_t, void *> streams_;
  std::map<uint64_t, void *> blocks_;
  std::set<void *> allocated_;
};

}  // namespace runner

#endif  // CALLPROOF_GE_MEMORY_SESSION_HPP_
