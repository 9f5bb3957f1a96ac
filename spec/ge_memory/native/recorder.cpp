// Stands in front of the calls of ge::GeSession and writes a line of each into a log: libcallproof_record.so, made by
// `callproof driver build --recorder`, preloaded by `callproof record`.
//
// A definition here has the name and the parameters of the library's own, so the program's call comes here first; each
// hands the call on to the next definition, which is the library's. Device memory that the library takes for itself
// within a call is not recorded; what its own threads allocate outside of any call would be.
#define CALLPROOF_RECORD_SPEC "ge-memory"
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "acl/acl.h"
#include "callproof/record.hpp"
#include "ge/ge_api_v2.h"
#include "symbols.hpp"

using callproof::Line;
using callproof::Next;
using callproof::NextMethod;
using callproof::Timed;

namespace {

using Settings = std::map<ge::AscendString, ge::AscendString>;
using Tensors = std::vector<gert::Tensor>;

callproof::Numbers sessions;

// The options of the specification: others are nobody's business here.
constexpr const char *kOptions[] = {"ge.featureBaseRefreshable", "ge.exec.staticMemoryPolicy"};

// Those of the last GEInitializeV2; never freed, since a session may begin on another thread.
std::atomic<const Settings *> process_settings{nullptr};

// Graphs whose summary stands in the log. It forgets where two share a place, and then a summary is written again.
class Known {
 public:
  bool Has(uint64_t session, uint32_t graph_id) const { return Place(session, graph_id) == Key(session, graph_id); }
  void Add(uint64_t session, uint32_t graph_id) { Place(session, graph_id) = Key(session, graph_id); }
  void Forget(uint64_t session, uint32_t graph_id) { Place(session, graph_id) = 0; }
  void Clear() {
    for (auto &place : places_) {
      place = 0;
    }
  }

 private:
  static uint64_t Key(uint64_t session, uint32_t graph_id) { return (session + 1) << 32 | graph_id; }
  std::atomic<uint64_t> &Place(uint64_t session, uint32_t graph_id) { return places_[(session * 61 + graph_id) % 1024]; }
  const std::atomic<uint64_t> &Place(uint64_t session, uint32_t graph_id) const {
    return places_[(session * 61 + graph_id) % 1024];
  }
  std::atomic<uint64_t> places_[1024] = {};
};

Known known;

std::shared_ptr<ge::CompiledGraphSummary> SummaryOf(ge::GeSession *session, uint32_t graph_id) {
  using Method = std::shared_ptr<ge::CompiledGraphSummary> (ge::GeSession::*)(uint32_t);
  static const auto real = NextMethod<Method>(symbols::kSummary);
  return (session->*real)(graph_id);
}

void AddSummary(Line &line, const ge::CompiledGraphSummary &summary) {
  line.Results().Flag("is_static", summary.IsStatic());
  bool refreshable = false;
  if (summary.IsStatic() && summary.GetFeatureMemoryBaseRefreshable(refreshable) == ge::SUCCESS) {
    line.Flag("is_refreshable", refreshable);
  }
  using Query = ge::Status (ge::CompiledGraphSummary::*)(size_t &) const;
  struct Entry {
    const char *name;
    Query query;
    bool of_static_only;
  };
  const Entry entries[] = {
      {"const_size", &ge::CompiledGraphSummary::GetConstMemorySize, true},
      {"feature_size", &ge::CompiledGraphSummary::GetFeatureMemorySize, true},
      {"fixed_size", &ge::CompiledGraphSummary::GetFixedFeatureMemorySize, false},
      {"refreshable_size", &ge::CompiledGraphSummary::GetRefreshableFeatureMemorySize, true},
  };
  for (const Entry &entry : entries) {
    size_t size = 0;
    if ((summary.IsStatic() || !entry.of_static_only) && (summary.*entry.query)(size) == ge::SUCCESS) {
      line.Size(entry.name, size);
    }
  }
  uint64_t p2p = 0;
  for (const auto &memory : summary.GetAllFeatureMemoryTypeSize()) {
    p2p += memory->GetType() == ge::MemoryType::MEMORY_TYPE_P2P ? memory->GetSize() : 0;
  }
  line.Size("p2p_fixed_size", p2p);
}

// The summary, where it is not in the log yet: loading and running compile what was not compiled before.
void AddNewSummary(Line &line, ge::GeSession *session, uint32_t graph_id) {
  const uint64_t number = sessions.Of(session);
  if (known.Has(number, graph_id)) {
    return;
  }
  if (const auto summary = SummaryOf(session, graph_id)) {
    AddSummary(line, *summary);
    known.Add(number, graph_id);
  }
}

void NoResults(Line &, bool) {}

// Makes a call of a session and writes its line. `add_arguments(line)`, `add_results(line, accepted)`.
template <typename Call, typename Arguments, typename Results>
ge::Status Record(const char *name, const ge::GeSession *session, Call call, Arguments add_arguments,
                  Results add_results) {
  Timed timed;
  const ge::Status status = call();
  timed.Done();
  if (timed.IsRecorded()) {
    Line line(name);
    add_arguments(line);
    line.Returned(status);
    add_results(line, status == ge::SUCCESS);
    line.Key("session", sessions.Of(session));
    timed.Write(line);
  }
  return status;
}

template <typename Method>
ge::Status RecordBase(const char *name, ge::GeSession *session, Method real, uint32_t graph_id, const void *memory,
                      size_t size) {
  return Record(
      name, session, [&] { return (session->*real)(graph_id, memory, size); },
      [&](Line &line) { line.Word("graph_id", graph_id).Address("memory", memory).Size("size", size); }, NoResults);
}

// Adding a graph, by whichever call: the name of the graph says which one it is.
template <typename Call>
ge::Status RecordAdd(ge::GeSession *session, uint32_t graph_id, const ge::Graph &graph, Call call) {
  return Record(
      "AddGraph", session, call, [&](Line &line) { line.Word("graph_id", graph_id); },
      [&](Line &line, bool accepted) {
        ge::AscendString name;
        if (accepted && graph.GetName(name) == ge::GRAPH_SUCCESS && name.GetString() != nullptr) {
          line.Key("kind", name.GetString());
        }
        if (accepted) {
          known.Forget(sessions.Of(session), graph_id);
        }
      });
}

template <typename Call>
ge::Status RecordCompile(ge::GeSession *session, uint32_t graph_id, Call call) {
  return Record(
      "CompileGraph", session, call, [&](Line &line) { line.Word("graph_id", graph_id); },
      [&](Line &line, bool accepted) {
        if (accepted) {
          known.Forget(sessions.Of(session), graph_id);
          AddNewSummary(line, session, graph_id);
        }
      });
}

// The address of a device tensor: of the first that is not aligned, or else of the first.
const void *TensorOf(const Tensors &inputs, const Tensors &outputs) {
  const void *first = nullptr;
  for (const Tensors *tensors : {&inputs, &outputs}) {
    for (const gert::Tensor &tensor : *tensors) {
      if (tensor.GetPlacement() != gert::kOnDeviceHbm || tensor.GetAddr() == nullptr) {
        continue;
      }
      if (reinterpret_cast<uintptr_t>(tensor.GetAddr()) % 32 != 0) {
        return tensor.GetAddr();
      }
      first = first == nullptr ? tensor.GetAddr() : first;
    }
  }
  return first;
}

// Says that a run of RunGraphAsync has ended, then calls the program's callback. It is this one allocation that a run
// costs: the callback has to be kept somewhere.
struct Callback {
  ge::RunAsyncCallbackV2 callback;
  uint64_t session;
  uint32_t graph_id;

  void operator()(ge::Status status, Tensors &outputs) const {
    const callproof::Outside outside;
    {
      Timed timed;
      timed.Done();
      if (timed.IsRecorded()) {
        Line line("run callback");
        line.Word("graph_id", graph_id).Happened().Key("session", session);
        timed.Write(line);
      }
    }
    if (callback) {
      callback(status, outputs);
    }
  }
};

}  // namespace

namespace ge {

Status GEInitializeV2(const std::map<AscendString, AscendString> &options) {
  static const auto real = reinterpret_cast<Status (*)(const Settings &)>(Next(symbols::kInitialise));
  Timed timed;
  const Status status = real(options);
  timed.Done();
  if (timed.IsRecorded()) {
    if (status == SUCCESS) {
      process_settings = new Settings(options);
    }
    Line line("GEInitializeV2");
    line.Returned(status);
    timed.Write(line);
  }
  return status;
}

Status GEFinalizeV2() {
  static const auto real = reinterpret_cast<Status (*)()>(Next(symbols::kFinalise));
  Timed timed;
  const Status status = real();
  timed.Done();
  if (timed.IsRecorded()) {
    if (status == SUCCESS) {
      known.Clear();
    }
    Line line("GEFinalizeV2");
    line.Returned(status);
    timed.Write(line);
  }
  return status;
}

Status GeSession::AddGraph(uint32_t graph_id, const Graph &graph) {
  static const auto real = NextMethod<Status (GeSession::*)(uint32_t, const Graph &)>(symbols::kAddGraph);
  return RecordAdd(this, graph_id, graph, [&] { return (this->*real)(graph_id, graph); });
}

Status GeSession::AddGraph(uint32_t graph_id, const Graph &graph, const std::map<AscendString, AscendString> &options) {
  using Method = Status (GeSession::*)(uint32_t, const Graph &, const Settings &);
  static const auto real = NextMethod<Method>(symbols::kAddGraphWith);
  return RecordAdd(this, graph_id, graph, [&] { return (this->*real)(graph_id, graph, options); });
}

Status GeSession::AddGraphClone(uint32_t graph_id, const Graph &graph) {
  static const auto real = NextMethod<Status (GeSession::*)(uint32_t, const Graph &)>(symbols::kAddClone);
  return RecordAdd(this, graph_id, graph, [&] { return (this->*real)(graph_id, graph); });
}

Status GeSession::AddGraphClone(uint32_t graph_id, const Graph &graph,
                                const std::map<AscendString, AscendString> &options) {
  using Method = Status (GeSession::*)(uint32_t, const Graph &, const Settings &);
  static const auto real = NextMethod<Method>(symbols::kAddCloneWith);
  return RecordAdd(this, graph_id, graph, [&] { return (this->*real)(graph_id, graph, options); });
}

Status GeSession::RemoveGraph(uint32_t graph_id) {
  static const auto real = NextMethod<Status (GeSession::*)(uint32_t)>(symbols::kRemoveGraph);
  return Record(
      "RemoveGraph", this, [&] { return (this->*real)(graph_id); },
      [&](Line &line) { line.Word("graph_id", graph_id); },
      [&](Line &, bool accepted) {
        if (accepted) {
          known.Forget(sessions.Of(this), graph_id);
        }
      });
}

Status GeSession::CompileGraph(uint32_t graph_id) {
  static const auto real = NextMethod<Status (GeSession::*)(uint32_t)>(symbols::kCompile);
  return RecordCompile(this, graph_id, [&] { return (this->*real)(graph_id); });
}

Status GeSession::CompileGraph(uint32_t graph_id, const std::vector<ge::Tensor> &inputs) {
  using Method = Status (GeSession::*)(uint32_t, const std::vector<ge::Tensor> &);
  static const auto real = NextMethod<Method>(symbols::kCompileWith);
  return RecordCompile(this, graph_id, [&] { return (this->*real)(graph_id, inputs); });
}

std::shared_ptr<CompiledGraphSummary> GeSession::GetCompiledGraphSummary(uint32_t graph_id) {
  std::shared_ptr<CompiledGraphSummary> summary;
  Record(
      "GetCompiledGraphSummary", this,
      [&] {
        summary = SummaryOf(this, graph_id);
        return summary == nullptr ? FAILED : SUCCESS;
      },
      [&](Line &line) { line.Word("graph_id", graph_id); },
      [&](Line &line, bool accepted) {
        if (accepted) {
          AddSummary(line, *summary);
        }
      });
  return summary;
}

Status GeSession::LoadGraph(uint32_t graph_id, const std::map<AscendString, AscendString> &options, void *stream) const {
  using Method = Status (GeSession::*)(uint32_t, const Settings &, void *) const;
  static const auto real = NextMethod<Method>(symbols::kLoad);
  return Record(
      "LoadGraph", this, [&] { return (this->*real)(graph_id, options, stream); },
      [&](Line &line) { line.Word("graph_id", graph_id).Address("stream", stream); },
      [&](Line &line, bool accepted) {
        if (accepted) {
          AddNewSummary(line, const_cast<GeSession *>(this), graph_id);
        }
      });
}

Status GeSession::RunGraph(uint32_t graph_id, const std::vector<gert::Tensor> &inputs,
                           std::vector<gert::Tensor> &outputs) {
  static const auto real =
      NextMethod<Status (GeSession::*)(uint32_t, const Tensors &, Tensors &)>(symbols::kRun);
  const void *tensor = TensorOf(inputs, outputs);
  return Record(
      "RunGraph", this, [&] { return (this->*real)(graph_id, inputs, outputs); },
      [&](Line &line) { line.Word("graph_id", graph_id).Address("tensor", tensor); },
      [&](Line &line, bool accepted) {
        if (accepted) {
          AddNewSummary(line, this, graph_id);
        }
      });
}

Status GeSession::RunGraphAsync(uint32_t graph_id, const std::vector<gert::Tensor> &inputs,
                                RunAsyncCallbackV2 callback) {
  using Method = Status (GeSession::*)(uint32_t, const Tensors &, RunAsyncCallbackV2);
  static const auto real = NextMethod<Method>(symbols::kRunAsync);
  const void *tensor = TensorOf(inputs, {});
  return Record(
      "RunGraphAsync", this,
      [&] { return (this->*real)(graph_id, inputs, Callback{std::move(callback), sessions.Of(this), graph_id}); },
      [&](Line &line) { line.Word("graph_id", graph_id).Address("tensor", tensor); },
      [&](Line &line, bool accepted) {
        if (accepted) {
          AddNewSummary(line, this, graph_id);
        }
      });
}

Status GeSession::RunGraphWithStreamAsync(uint32_t graph_id, void *stream, const std::vector<gert::Tensor> &inputs,
                                          std::vector<gert::Tensor> &outputs) {
  using Method = Status (GeSession::*)(uint32_t, void *, const Tensors &, Tensors &);
  static const auto real = NextMethod<Method>(symbols::kRunWithStream);
  const void *tensor = TensorOf(inputs, outputs);
  return Record(
      "RunGraphWithStreamAsync", this, [&] { return (this->*real)(graph_id, stream, inputs, outputs); },
      [&](Line &line) { line.Word("graph_id", graph_id).Address("stream", stream).Address("tensor", tensor); },
      [&](Line &line, bool accepted) {
        if (accepted) {
          AddNewSummary(line, this, graph_id);
        }
      });
}

using Base = Status (GeSession::*)(uint32_t, const void *, size_t);

Status GeSession::SetGraphConstMemoryBase(uint32_t graph_id, const void *memory, size_t size) {
  static const auto real = NextMethod<Base>(symbols::kSetConst);
  return RecordBase("SetGraphConstMemoryBase", this, real, graph_id, memory, size);
}

Status GeSession::UpdateGraphFeatureMemoryBase(uint32_t graph_id, const void *memory, size_t size) {
  static const auto real = NextMethod<Base>(symbols::kUpdateFeature);
  return RecordBase("UpdateGraphFeatureMemoryBase", this, real, graph_id, memory, size);
}

Status GeSession::UpdateGraphRefreshableFeatureMemoryBase(uint32_t graph_id, const void *memory, size_t size) {
  static const auto real = NextMethod<Base>(symbols::kUpdateRefreshable);
  return RecordBase("UpdateGraphRefreshableFeatureMemoryBase", this, real, graph_id, memory, size);
}

Status GeSession::SetGraphFixedFeatureMemoryBaseWithType(uint32_t graph_id, MemoryType type, const void *memory,
                                                         size_t size) {
  using Method = Status (GeSession::*)(uint32_t, MemoryType, const void *, size_t);
  static const auto real = NextMethod<Method>(symbols::kSetFixed);
  return Record(
      "SetGraphFixedFeatureMemoryBaseWithType", this, [&] { return (this->*real)(graph_id, type, memory, size); },
      [&](Line &line) {
        line.Word("graph_id", graph_id)
            .String("type", type == MemoryType::MEMORY_TYPE_P2P ? "MEMORY_TYPE_P2P" : "MEMORY_TYPE_DEFAULT")
            .Address("memory", memory)
            .Size("size", size);
      },
      NoResults);
}

Status GeSession::RegisterExternalAllocator(const void *stream, std::shared_ptr<Allocator> allocator) const {
  using Method = Status (GeSession::*)(const void *, std::shared_ptr<Allocator>) const;
  static const auto real = NextMethod<Method>(symbols::kRegister);
  return Record(
      "RegisterExternalAllocator", this, [&] { return (this->*real)(stream, std::move(allocator)); },
      [&](Line &line) { line.Address("stream", stream); }, NoResults);
}

Status GeSession::UnregisterExternalAllocator(const void *stream) const {
  static const auto real = NextMethod<Status (GeSession::*)(const void *) const>(symbols::kUnregister);
  return Record(
      "UnregisterExternalAllocator", this, [&] { return (this->*real)(stream); },
      [&](Line &line) { line.Address("stream", stream); }, NoResults);
}

}  // namespace ge

// The constructor and the destructor, by their symbols: written as such, they would make and destroy the members twice.
void SessionBegins(ge::GeSession *session, const Settings &options) __asm__(GE_SESSION_BEGINS);
void SessionEnds(ge::GeSession *session) __asm__(GE_SESSION_ENDS);

void SessionBegins(ge::GeSession *session, const Settings &options) {
  static const auto real = reinterpret_cast<void (*)(ge::GeSession *, const Settings &)>(Next(GE_SESSION_BEGINS));
  Timed timed;
  real(session, options);
  timed.Done();
  if (!timed.IsRecorded()) {
    return;
  }
  sessions.Drop(session);
  Line line("@open");
  const Settings *process = process_settings;
  for (const char *name : kOptions) {
    const auto own = options.find(name);
    if (own != options.end()) {
      line.String(name, own->second.GetString());
    } else if (process != nullptr && process->count(name) != 0) {
      line.String(name, process->find(name)->second.GetString());
    }
  }
  line.Happened().Key("session", sessions.Of(session));
  timed.Write(line);
}

void SessionEnds(ge::GeSession *session) {
  static const auto real = reinterpret_cast<void (*)(ge::GeSession *)>(Next(GE_SESSION_ENDS));
  Timed timed;
  real(session);
  timed.Done();
  if (timed.IsRecorded()) {
    Line line("@close");
    line.Happened().Key("session", sessions.Of(session));
    timed.Write(line);
    sessions.Drop(session);
  }
}

extern "C" {

aclError aclrtMalloc(void **pointer, size_t size, aclrtMemMallocPolicy policy) {
  static const auto real = reinterpret_cast<decltype(&aclrtMalloc)>(Next("aclrtMalloc"));
  Timed timed;
  const aclError status = real(pointer, size, policy);
  timed.Done();
  if (status == 0 && timed.IsRecorded()) {
    Line line("aclrtMalloc");
    line.Address("block", *pointer).Size("size", size).Returned(0).Results().Address("memory", *pointer);
    timed.Write(line);
  }
  return status;
}

aclError aclrtFree(void *pointer) {
  static const auto real = reinterpret_cast<decltype(&aclrtFree)>(Next("aclrtFree"));
  Timed timed;
  const aclError status = real(pointer);
  timed.Done();
  if (timed.IsRecorded()) {
    Line line("aclrtFree");
    line.Address("block", pointer).Returned(static_cast<uint32_t>(status));
    timed.Write(line);
  }
  return status;
}

aclError aclrtSynchronizeStream(aclrtStream stream) {
  static const auto real = reinterpret_cast<decltype(&aclrtSynchronizeStream)>(Next("aclrtSynchronizeStream"));
  Timed timed;
  const aclError status = real(stream);
  timed.Done();
  if (timed.IsRecorded()) {
    Line line("aclrtSynchronizeStream");
    line.Address("stream", stream).Returned(static_cast<uint32_t>(status));
    timed.Write(line);
  }
  return status;
}
}
