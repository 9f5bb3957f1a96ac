// A program that uses ge::GeSession, to be recorded by `callproof record`: some of its scenes break the contract.
//
//   client good [ROUNDS]   threads with a graph each; keeps the contract
//   client freed           frees memory that is still bound, and runs the graph
//   client race [ROUNDS]   one thread runs a graph while another moves it to other memory
//   client switched-off    switches fixed memory off, then asks for refreshable memory: the library must refuse
//   client in-flight       removes a graph whose run is in flight: a library without that check lets it
//   client laps N          makes N calls and says how much of the processor's time they took
//   client forever         makes calls until it is killed
//
// Graphs are of the kind `refreshable` of the reference library; GE_CLIENT_MODEL names a model file for another one.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "acl/acl.h"
#include "ge/ge_api_v2.h"

namespace {

using Settings = std::map<ge::AscendString, ge::AscendString>;
using Tensors = std::vector<gert::Tensor>;

const Settings kSettings = {{"ge.featureBaseRefreshable", "1"}};
constexpr size_t kRoom = size_t{1} << 20;

void Need(bool done, const char *what) {
  if (!done) {
    std::fprintf(stderr, "client: %s fails: %s\n", what, ge::GEGetErrorMsgV3().GetString());
    std::exit(3);
  }
}

ge::Graph Model() {
  const char *file = std::getenv("GE_CLIENT_MODEL");
  if (file == nullptr) {
    return ge::Graph("refreshable");
  }
  ge::Graph graph("model");
  Need(graph.LoadFromFile(file) == ge::GRAPH_SUCCESS, "loading the model file");
  return graph;
}

uint8_t *Allocate(size_t size = kRoom) {
  void *memory = nullptr;
  Need(aclrtMalloc(&memory, size, ACL_MEM_MALLOC_HUGE_FIRST) == 0, "aclrtMalloc");
  return static_cast<uint8_t *>(memory);
}

// A session with compiled graphs.
class Client {
 public:
  Client() : session_(kSettings) {}

  ge::GeSession &operator*() { return session_; }
  ge::GeSession *operator->() { return &session_; }

  size_t Compile(uint32_t graph_id) {
    Need(session_.AddGraph(graph_id, Model()) == ge::SUCCESS, "AddGraph");
    Need(session_.CompileGraph(graph_id) == ge::SUCCESS, "CompileGraph");
    size_t size = 0;
    const auto summary = session_.GetCompiledGraphSummary(graph_id);
    Need(summary != nullptr && summary->GetRefreshableFeatureMemorySize(size) == ge::SUCCESS, "the summary");
    return size;
  }

  bool Refresh(uint32_t graph_id, const void *memory, size_t size) {
    return session_.UpdateGraphRefreshableFeatureMemoryBase(graph_id, memory, size) == ge::SUCCESS;
  }

  bool Run(uint32_t graph_id) {
    Tensors outputs;
    return session_.RunGraph(graph_id, {}, outputs) == ge::SUCCESS;
  }

  // Runs a graph and waits for its callback.
  bool RunAndWait(uint32_t graph_id) {
    std::mutex lock;
    std::condition_variable changed;
    bool ended = false;
    const auto callback = [&](ge::Status, Tensors &) {
      const std::lock_guard<std::mutex> guard(lock);
      ended = true;
      changed.notify_all();
    };
    if (session_.RunGraphAsync(graph_id, {}, callback) != ge::SUCCESS) {
      return false;
    }
    std::unique_lock<std::mutex> guard(lock);
    changed.wait(guard, [&] { return ended; });
    return true;
  }

 private:
  ge::GeSession session_;
};

void Good(int rounds) {
  Client client;
  std::vector<std::thread> threads;
  for (uint32_t graph_id = 1; graph_id <= 4; ++graph_id) {
    threads.emplace_back([&client, graph_id, rounds] {
      const size_t size = client.Compile(graph_id);
      uint8_t *const memory = Allocate();
      for (int round = 0; round < rounds; ++round) {
        // Two places in turn, each 512-byte aligned.
        Need(client.Refresh(graph_id, memory + (round % 2) * kRoom / 2, size), "refreshing");
        Need(client.RunAndWait(graph_id), "running");
      }
      Need(client->RemoveGraph(graph_id) == ge::SUCCESS, "RemoveGraph");
      Need(aclrtFree(memory) == 0, "aclrtFree");
    });
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
}

void Freed(int) {
  Client client;
  const size_t size = client.Compile(1);
  uint8_t *const memory = Allocate();
  Need(client.Refresh(1, memory, size), "binding");
  Need(client.Run(1), "running");
  Need(aclrtFree(memory) == 0, "aclrtFree");
  client.Run(1);  // the memory is still bound, and nobody's
}

void Race(int rounds) {
  Client client;
  const size_t size = client.Compile(1);
  uint8_t *memory = Allocate();
  Need(client.Refresh(1, memory, size), "binding");
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done) {
      // Refused while a run is in flight, and nobody looks: then the graph keeps the old memory, which is freed.
      uint8_t *const fresh = Allocate();
      client.Refresh(1, fresh, size);
      Need(aclrtFree(memory) == 0, "aclrtFree");
      memory = fresh;
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  });
  for (int round = 0; round < rounds; ++round) {
    client.RunAndWait(1);
  }
  done = true;
  other.join();
}

void SwitchedOff(int) {
  Client client;
  const size_t size = client.Compile(1);
  uint8_t *const memory = Allocate();
  const auto type = ge::MemoryType::MEMORY_TYPE_DEFAULT;
  Need(client->SetGraphFixedFeatureMemoryBaseWithType(1, type, nullptr, 0) == ge::SUCCESS, "switching off");
  std::printf("the library %s it\n", client.Refresh(1, memory, size) ? "accepts" : "refuses");
}

void InFlight(int) {
  Client client;
  client.Compile(1);
  void *stream = nullptr;
  Need(aclrtCreateStream(&stream) == 0, "aclrtCreateStream");
  Tensors outputs;
  Need(client->RunGraphWithStreamAsync(1, stream, {}, outputs) == ge::SUCCESS, "running");
  std::printf("the library %s it\n", client->RemoveGraph(1) == ge::SUCCESS ? "accepts" : "refuses");
  Need(aclrtSynchronizeStream(stream) == 0, "aclrtSynchronizeStream");
}

void Laps(int count) {
  Client client;
  const size_t size = client.Compile(1);
  uint8_t *const memory = Allocate();
  client.Refresh(1, memory, size);
  // Of the processor, so that other programs do not count.
  const std::clock_t begin = std::clock();
  for (int round = 0; round < count; ++round) {
    client.Refresh(1, memory, size);
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::printf("{\"calls\": %d, \"seconds\": %.9f}\n", count, seconds);
}

void Forever(int) {
  Client client;
  const size_t size = client.Compile(1);
  uint8_t *const memory = Allocate();
  std::vector<std::thread> threads;
  for (int number = 0; number < 3; ++number) {
    threads.emplace_back([&] {
      for (;;) {
        client.Refresh(1, memory, size);
      }
    });
  }
  std::printf("ready\n");
  std::fflush(stdout);
  for (std::thread &thread : threads) {
    thread.join();
  }
}

}  // namespace

int main(int count, char **given) {
  const std::map<std::string, std::function<void(int)>> scenes = {
      {"good", Good},         {"freed", Freed}, {"race", Race},       {"switched-off", SwitchedOff},
      {"in-flight", InFlight}, {"laps", Laps},   {"forever", Forever},
  };
  const auto scene = count > 1 ? scenes.find(given[1]) : scenes.end();
  if (scene == scenes.end()) {
    std::fprintf(stderr, "usage: %s good|freed|race|switched-off|in-flight|laps|forever [NUMBER]\n", given[0]);
    return 2;
  }
  Need(aclInit(nullptr) == 0 && aclrtSetDevice(0) == 0, "aclInit, aclrtSetDevice");
  Need(ge::GEInitializeV2(kSettings) == ge::SUCCESS, "GEInitializeV2");
  scene->second(count > 2 ? std::atoi(given[2]) : 100);
  Need(ge::GEFinalizeV2() == ge::SUCCESS, "GEFinalizeV2");
  return 0;
}
