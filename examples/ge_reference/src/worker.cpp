#include "worker.h"

#include <thread>
#include <vector>

#include "instance.h"
#include "session.h"

namespace ge_reference {

// Never destroyed, as its thread lives until the process ends.
Worker &Worker::Get() {
  static Worker &worker = *new Worker;
  return worker;
}

void Worker::End(uint64_t session_id, uint32_t graph_id) {
  const std::lock_guard<std::mutex> guard(lock_);
  jobs_.push_back({session_id, graph_id});
  if (!started_) {
    started_ = true;
    std::thread([this] { Work(); }).detach();
  }
  changed_.notify_one();
}

void Worker::Work() {
  while (true) {
    Job job{};
    {
      std::unique_lock<std::mutex> guard(lock_);
      changed_.wait(guard, [this] { return !jobs_.empty(); });
      job = jobs_.front();
      jobs_.pop_front();
    }
    ge::RunAsyncCallbackV2 callback;
    {
      Instance &instance = Instance::Get();
      const std::lock_guard<std::mutex> guard(instance.lock);
      for (Session *session : instance.sessions) {
        if (session->Id() == job.session_id) {
          callback = session->EndRun(job.graph_id);
          break;
        }
      }
    }
    // The run has ended when its callback is called, and the callback may call GE again.
    if (callback) {
      std::vector<gert::Tensor> outputs;
      callback(ge::SUCCESS, outputs);
    }
  }
}

}  // namespace ge_reference
