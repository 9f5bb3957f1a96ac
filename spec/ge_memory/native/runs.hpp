// Runs of RunGraphAsync in flight: each waits for its callback.
#ifndef CALLPROOF_GE_MEMORY_RUNS_HPP_
#define CALLPROOF_GE_MEMORY_RUNS_HPP_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "ge/ge_api_v2.h"

namespace runner {

enum class End { kNone, kCalledBack, kDropped };

// One run. The library may call its callback on any thread, at any time, or throw it away uncalled.
class Run {
 public:
  // The callback to give to the library; call it once.
  static ge::RunAsyncCallbackV2 CallbackOf(const std::shared_ptr<Run> &run) {
    // The last copy of the callback takes this with it.
    const std::shared_ptr<void> dropped(nullptr, [run](void *) { run->Set(End::kDropped); });
    return [run, dropped](ge::Status, std::vector<gert::Tensor> &) { run->Set(End::kCalledBack); };
  }

  End Wait(std::chrono::milliseconds limit) {
    std::unique_lock<std::mutex> guard(lock_);
    changed_.wait_for(guard, limit, [this] { return end_ != End::kNone; });
    return end_;
  }

 private:
  void Set(End end) {
    const std::lock_guard<std::mutex> guard(lock_);
    if (end_ == End::kNone) {
      end_ = end;
    }
    changed_.notify_all();
  }

  std::mutex lock_;
  std::condition_variable changed_;
  End end_ = End::kNone;
};

// The runs in flight of each graph, oldest first.
using Runs = std::map<uint32_t, std::deque<std::shared_ptr<Run>>>;

}  // namespace runner

#endif  // CALLPROOF_GE_MEMORY_RUNS_HPP_
