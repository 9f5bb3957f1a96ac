// Many threads on one session of the reference library: graphs of their own, callbacks, streams, allocations.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "acl/acl.h"
#include "ge/ge_api_v2.h"

namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 200;

std::atomic<int> failures{0};
std::atomic<int> callbacks{0};

void Expect(bool held, const char *what) {
  if (!held) {
    ++failures;
    std::printf("%s: %s\n", what, ge::GEGetErrorMsgV3().GetString());
  }
}

void Work(ge::GeSession &session, uint32_t graph_id) {
  void *stream = nullptr;
  Expect(aclrtCreateStream(&stream) == 0, "aclrtCreateStream");
  std::vector<gert::Tensor> outputs;
  for (int round = 0; round < kRounds; ++round) {
    void *memory = nullptr;
    Expect(aclrtMalloc(&memory, 8192, ACL_MEM_MALLOC_HUGE_FIRST) == 0, "aclrtMalloc");
    Expect(session.AddGraph(graph_id, ge::Graph("static-plain")) == ge::SUCCESS, "AddGraph");
    Expect(session.CompileGraph(graph_id) == ge::SUCCESS, "CompileGraph");
    Expect(session.GetCompiledGraphSummary(graph_id) != nullptr, "GetCompiledGraphSummary");
    Expect(session.UpdateGraphRefreshableFeatureMemoryBase(graph_id, memory, 8192) == ge::SUCCESS, "Update");
    Expect(session.CompileGraph(graph_id) != ge::SUCCESS, "a second CompileGraph");
    if (round % 2 == 0) {
      std::atomic<bool> done{false};
      const auto callback = [&done](ge::Status, std::vector<gert::Tensor> &) {
        ++callbacks;
        done = true;
      };
      Expect(session.RunGraphAsync(graph_id, {}, callback) == ge::SUCCESS, "RunGraphAsync");
      while (!done) {
        std::this_thread::sleep_for(std::chrono::microseconds(20));
      }
    } else {
      Expect(session.RunGraphWithStreamAsync(graph_id, stream, {}, outputs) == ge::SUCCESS, "RunGraphWithStreamAsync");
      Expect(session.RemoveGraph(graph_id) != ge::SUCCESS, "RemoveGraph in flight");
      aclrtSynchronizeStream(stream);
    }
    Expect(session.RemoveGraph(graph_id) == ge::SUCCESS, "RemoveGraph");
    Expect(aclrtFree(memory) == 0, "aclrtFree");
  }
  aclrtDestroyStream(stream);
}

}  // namespace

int main() {
  Expect(ge::GEInitializeV2({}) == ge::SUCCESS, "GEInitializeV2");
  {
    ge::GeSession session({});
    std::vector<std::thread> threads;
    for (uint32_t graph_id = 1; graph_id <= kThreads; ++graph_id) {
      threads.emplace_back([&session, graph_id] { Work(session, graph_id); });
    }
    for (std::thread &thread : threads) {
      thread.join();
    }
  }
  Expect(ge::GEFinalizeV2() == ge::SUCCESS, "GEFinalizeV2");
  std::printf("%d callbacks, %d failures\n", callbacks.load(), failures.load());
  return failures == 0 && callbacks == kThreads * kRounds / 2 ? 0 : 1;
}
