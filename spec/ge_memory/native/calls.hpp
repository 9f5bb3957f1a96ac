// The calls and events of the specification, made on a ge::GeSession. Names are those of `callproof spec show`.
#ifndef CALLPROOF_GE_MEMORY_CALLS_HPP_
#define CALLPROOF_GE_MEMORY_CALLS_HPP_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "json_writer.hpp"
#include "session.hpp"

namespace runner {

// A status, and where it is SUCCESS what the driver chose.
struct Answer {
  std::string status;
  json::Object result;
};

inline std::string StatusText(uint32_t status) {
  return status == 0 ? json::Quoted("SUCCESS") : status == ge::FAILED ? json::Quoted("FAILED") : std::to_string(status);
}

inline json::Object SummaryResult(const ge::CompiledGraphSummary &summary) {
  json::Object result;
  result.Flag("is_static", summary.IsStatic());
  bool refreshable = false;
  if (summary.GetFeatureMemoryBaseRefreshable(refreshable) == ge::SUCCESS) {
    result.Flag("is_refreshable", refreshable);
  }
  using Query = ge::Status (ge::CompiledGraphSummary::*)(size_t &) const;
  const std::pair<const char *, Query> queries[] = {
      {"const_size", &ge::CompiledGraphSummary::GetConstMemorySize},
      {"feature_size", &ge::CompiledGraphSummary::GetFeatureMemorySize},
      {"fixed_size", &ge::CompiledGraphSummary::GetFixedFeatureMemorySize},
      {"refreshable_size", &ge::CompiledGraphSummary::GetRefreshableFeatureMemorySize},
  };
  for (const auto &query : queries) {
    size_t size = 0;
    if ((summary.*query.second)(size) == ge::SUCCESS) {
      result.Number(query.first, size);
    }
  }
  uint64_t p2p = 0;
  for (const auto &memory : summary.GetAllFeatureMemoryTypeSize()) {
    p2p += memory->GetType() == ge::MemoryType::MEMORY_TYPE_P2P ? memory->GetSize() : 0;
  }
  return result.Number("p2p_fixed_size", p2p);
}

class Calls {
 public:
  Calls(Session &session, std::function<ge::Graph(uint32_t)> graph_of)
      : session_(session), graph_of_(std::move(graph_of)) {}

  static std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto &entry : Table()) {
      names.push_back(entry.first);
    }
    return names;
  }

  // Null where there is no such call, else the body of its answer.
  std::unique_ptr<Answer> Make(const std::string &call, Arguments arguments) {
    const auto found = Table().find(call);
    if (found == Table().end()) {
      return nullptr;
    }
    return std::make_unique<Answer>((this->*found->second)(arguments));
  }

 private:
  using Method = Answer (Calls::*)(Arguments &);

  static const std::map<std::string, Method> &Table() {
    static const std::map<std::string, Method> table = {
        {"GEInitializeV2", &Calls::Initialise},
        {"GEFinalizeV2", &Calls::Finalise},
        {"AddGraph", &Calls::AddGraph},
        {"RemoveGraph", &Calls::RemoveGraph},
        {"CompileGraph", &Calls::CompileGraph},
        {"GetCompiledGraphSummary", &Calls::GetSummary},
        {"RegisterExternalAllocator", &Calls::Register},
        {"UnregisterExternalAllocator", &Calls::Unregister},
        {"LoadGraph", &Calls::LoadGraph},
        {"RunGraph", &Calls::RunGraph},
        {"RunGraphAsync", &Calls::RunGraphAsync},
        {"RunGraphWithStreamAsync", &Calls::RunGraphWithStream},
        {"SetGraphConstMemoryBase", &Calls::SetConst},
        {"UpdateGraphFeatureMemoryBase", &Calls::UpdateFeature},
        {"SetGraphFixedFeatureMemoryBaseWithType", &Calls::SetFixed},
        {"UpdateGraphRefreshableFeatureMemoryBase", &Calls::UpdateRefreshable},
        {"run callback", &Calls::RunCallback},
        {"aclrtSynchronizeStream", &Calls::Synchronise},
        {"aclrtMalloc", &Calls::Allocate},
        {"aclrtFree", &Calls::Free},
    };
    return table;
  }

  static Answer Plain(uint32_t status) { return {StatusText(status), {}}; }

  // A tensor of 32 bytes on the device.
  static std::vector<gert::Tensor> Tensors(void *address) {
    std::vector<gert::Tensor> tensors(1);
    tensors[0].SetData(gert::TensorData(address, nullptr, 32, gert::kOnDeviceHbm));
    return tensors;
  }

  // The summary, and where the library tells the bases of what it allocated itself.
  Answer Loaded(ge::Status status, uint32_t graph_id) {
    if (status != ge::SUCCESS) {
      return Plain(status);
    }
    Answer answer = Plain(status);
    if (const auto summary = session_.Get().GetCompiledGraphSummary(graph_id)) {
      answer.result = SummaryResult(*summary);
    }
    if (ge_reference_own_base != nullptr) {
      static const char *const kNames[] = {"const_base", "feature_base", "refreshable_base", "fixed_base",
                                           "p2p_fixed_base"};
      for (int region = 0; region < 5; ++region) {
        const void *base = ge_reference_own_base(session_.Get().GetSessionId(), graph_id, region);
        if (base != nullptr) {
          answer.result.Address(kNames[region], reinterpret_cast<uintptr_t>(base));
        }
      }
    }
    return answer;
  }

  Answer Initialise(Arguments &arguments) {
    arguments.Done();
    return Plain(session_.Initialise());
  }

  Answer Finalise(Arguments &arguments) {
    arguments.Done();
    return Plain(session_.Finalise());
  }

  Answer AddGraph(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    arguments.Done();
    return Plain(session_.Get().AddGraph(graph_id, graph_of_(graph_id)));
  }

  Answer RemoveGraph(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    arguments.Done();
    return Plain(session_.Remove(graph_id));
  }

  Answer CompileGraph(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    arguments.Done();
    Answer answer = Plain(session_.Get().CompileGraph(graph_id));
    if (answer.status == StatusText(0)) {
      if (const auto summary = session_.Get().GetCompiledGraphSummary(graph_id)) {
        answer.result = SummaryResult(*summary);
      }
    }
    return answer;
  }

  Answer GetSummary(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    arguments.Done();
    const auto summary = session_.Get().GetCompiledGraphSummary(graph_id);
    return summary == nullptr ? Plain(ge::FAILED) : Answer{StatusText(0), SummaryResult(*summary)};
  }

  Answer Register(Arguments &arguments) {
    void *stream = session_.Stream(arguments.Stream());
    arguments.Done();
    return Plain(session_.Get().RegisterExternalAllocator(stream, std::make_shared<DeviceAllocator>()));
  }

  Answer Unregister(Arguments &arguments) {
    void *stream = session_.Stream(arguments.Stream());
    arguments.Done();
    return Plain(session_.Get().UnregisterExternalAllocator(stream));
  }

  Answer LoadGraph(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    void *stream = session_.Stream(arguments.Stream());
    arguments.Done();
    return Loaded(session_.Get().LoadGraph(graph_id, {}, stream), graph_id);
  }

  Answer RunGraph(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    const auto inputs = Tensors(arguments.Pointer("tensor"));
    arguments.Done();
    std::vector<gert::Tensor> outputs;
    return Loaded(session_.Get().RunGraph(graph_id, inputs, outputs), graph_id);
  }

  Answer RunGraphAsync(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    const auto inputs = Tensors(arguments.Pointer("tensor"));
    arguments.Done();
    return Loaded(session_.RunAsync(graph_id, inputs), graph_id);
  }

  Answer RunGraphWithStream(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    void *stream = session_.Stream(arguments.Stream());
    const auto inputs = Tensors(arguments.Pointer("tensor"));
    arguments.Done();
    std::vector<gert::Tensor> outputs;
    return Loaded(session_.Get().RunGraphWithStreamAsync(graph_id, stream, inputs, outputs), graph_id);
  }

  Answer SetConst(Arguments &arguments) { return Bind(arguments, &ge::GeSession::SetGraphConstMemoryBase); }

  Answer UpdateFeature(Arguments &arguments) { return Bind(arguments, &ge::GeSession::UpdateGraphFeatureMemoryBase); }

  Answer UpdateRefreshable(Arguments &arguments) {
    return Bind(arguments, &ge::GeSession::UpdateGraphRefreshableFeatureMemoryBase);
  }

  Answer Bind(Arguments &arguments, ge::Status (ge::GeSession::*method)(uint32_t, const void *, size_t)) {
    const uint32_t graph_id = arguments.GraphId();
    const void *memory = arguments.Pointer("memory");
    const uint64_t size = arguments.Word("size");
    arguments.Done();
    return Plain((session_.Get().*method)(graph_id, memory, size));
  }

  Answer SetFixed(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    const ge::MemoryType type = arguments.MemoryType();
    const void *memory = arguments.Pointer("memory");
    const uint64_t size = arguments.Word("size");
    arguments.Done();
    return Plain(session_.Get().SetGraphFixedFeatureMemoryBaseWithType(graph_id, type, memory, size));
  }

  Answer RunCallback(Arguments &arguments) {
    const uint32_t graph_id = arguments.GraphId();
    arguments.Done();
    return {json::Quoted(session_.EndRun(graph_id)), {}};
  }

  Answer Synchronise(Arguments &arguments) {
    void *stream = session_.Stream(arguments.Stream());
    arguments.Done();
    return Plain(static_cast<uint32_t>(aclrtSynchronizeStream(stream)));
  }

  Answer Allocate(Arguments &arguments) {
    const uint64_t block = arguments.Block();
    const uint64_t size = arguments.Word("size");
    arguments.Done();
    void *memory = nullptr;
    Answer answer = Plain(static_cast<uint32_t>(session_.Allocate(block, size, memory)));
    if (memory != nullptr) {
      answer.result.Address("memory", reinterpret_cast<uintptr_t>(memory));
    }
    return answer;
  }

  Answer Free(Arguments &arguments) {
    const uint64_t block = arguments.Block();
    arguments.Done();
    aclError status = 0;
    return session_.Free(block, status) ? Plain(static_cast<uint32_t>(status))
                                        : Answer{json::Quoted("NOT_ALLOCATED"), {}};
  }

  Session &session_;
  std::function<ge::Graph(uint32_t)> graph_of_;
};

}  // namespace runner

#endif  // CALLPROOF_GE_MEMORY_CALLS_HPP_
