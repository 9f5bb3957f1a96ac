// Runs calls on a real ge::GeSession for callproof: JSON Lines on standard input and output, one answer a request.
//
// Built by `callproof driver build`. Results that only the library itself knows (the bases of what it allocates) are
// answered where it tells them, as the reference library in examples/ge_reference does, and left out elsewhere.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "acl/acl.h"
#include "calls.hpp"
#include "configuration.hpp"
#include "ge/ge_api_v2.h"
#include "json_reader.hpp"
#include "json_writer.hpp"
#include "lines.hpp"
#include "session.hpp"

namespace runner {

class Runner {
 public:
  explicit Runner(Configuration configuration)
      : configuration_(std::move(configuration)),
        session_(std::chrono::seconds(configuration_.timeout)),
        calls_(session_, [this](uint32_t graph_id) { return KindOf(graph_id).Make(); }) {
    DescribeKinds();
  }

  // False once the request is the last one.
  bool Answer(const std::string &line, std::string &answer) {
    json::Object reply;
    bool more = true;
    try {
      const json::Value request = json::Reader::Read(line);
      const json::Value *id = request.Find("id");
      if (id == nullptr || id->kind != json::Value::Kind::kNumber) {
        throw json::Error("id: a number is needed");
      }
      reply.Add("id", id->text);
      more = Perform(request, reply);
    } catch (const json::Error &error) {
      reply.Flag("ok", false).Text("error", error.what());
    }
    answer = reply.Close();
    return more;
  }

 private:
  static std::string TextOf(const json::Value &request, const char *name) {
    const json::Value *value = request.Find(name);
    if (value == nullptr || value->kind != json::Value::Kind::kString) {
      throw json::Error(std::string(name) + ": a string is needed");
    }
    return value->text;
  }

  bool Perform(const json::Value &request, json::Object &reply) {
    const std::string op = TextOf(request, "op");
    if (op == "call") {
      Call(request, reply);
    } else if (op == "reset") {
      Reset(request);
      reply.Flag("ok", true);
    } else if (op == "hello") {
      Hello(request, reply);
    } else if (op == "bye") {
      reply.Flag("ok", true);
      return false;
    } else {
      throw json::Error("op: hello, reset, call or bye is needed");
    }
    return true;
  }

  void Call(const json::Value &request, json::Object &reply) {
    const auto answer = calls_.Make(TextOf(request, "call"), Arguments(request.Find("args")));
    if (answer == nullptr) {
      reply.Flag("unsupported", true);
      return;
    }
    reply.Add("status", answer->status);
    if (answer->status == StatusText(0)) {
      reply.Add("result", answer->result.Close());
    }
  }

  void Hello(const json::Value &request, json::Object &reply) {
    const json::Value *protocol = request.Find("protocol");
    if (protocol == nullptr || json::Word(*protocol, "protocol") != 1) {
      throw json::Error("protocol: this driver speaks 1");
    }
    if (TextOf(request, "spec") != "ge-memory") {
      throw json::Error("spec: this driver is one of ge-memory");
    }
    std::string names;
    for (const std::string &name : Calls::Names()) {
      names += (names.empty() ? "" : ", ") + json::Quoted(name);
    }
    reply.Flag("ok", true)
        .Text("driver", ge_reference_kind == nullptr ? "libge_runner_v2" : "ge-reference")
        .Text("version", "1")
        .Add("calls", "[" + names + "]")
        .Add("kinds", "[" + described_ + "]")
        .Add("options", R"({"ge.featureBaseRefreshable": ["0", "1"], )"
                        R"("ge.exec.staticMemoryPolicy": ["0", "2", "3", "4"]})")
        .Add("handles", R"({"GraphId": 8, "StreamId": 4, "BlockId": 16})");
  }

  void Reset(const json::Value &request) {
    std::map<uint32_t, const Kind *> chosen;
    if (const json::Value *kinds = Members(request, "kinds")) {
      for (const auto &entry : kinds->members) {
        json::Value number;
        number.kind = json::Value::Kind::kString;
        number.text = entry.first;
        const uint64_t graph_id = json::Word(number, "kinds");
        if (graph_id > UINT32_MAX) {
          throw json::Error("kinds: " + entry.first + " is no graph id");
        }
        if (entry.second.kind != json::Value::Kind::kNull) {
          chosen[static_cast<uint32_t>(graph_id)] = &Named(TextOf(*kinds, entry.first.c_str()));
        }
      }
    }
    Settings settings = Base();
    if (const json::Value *options = Members(request, "options")) {
      for (const auto &entry : options->members) {
        settings[entry.first.c_str()] = TextOf(*options, entry.first.c_str()).c_str();
      }
    }
    session_.Restart(settings);
    chosen_ = std::move(chosen);
  }

  static const json::Value *Members(const json::Value &request, const char *name) {
    const json::Value *value = request.Find(name);
    if (value != nullptr && value->kind != json::Value::Kind::kObject && value->kind != json::Value::Kind::kNull) {
      throw json::Error(std::string(name) + ": an object is needed");
    }
    return value;
  }

  // The specification's options are always said, whatever the environment of the process says.
  Settings Base() const {
    Settings settings = {{"ge.featureBaseRefreshable", "0"}, {"ge.exec.staticMemoryPolicy", "0"}};
    settings["ge.exec.deviceId"] = std::to_string(configuration_.device).c_str();
    for (const auto &entry : configuration_.options) {
      settings[entry.first.c_str()] = entry.second.c_str();
    }
    return settings;
  }

  const Kind &Named(const std::string &name) const {
    for (const Kind &kind : configuration_.kinds) {
      if (kind.name == name) {
        return kind;
      }
    }
    throw json::Error("kinds: no kind of graph is named " + name);
  }

  const Kind &KindOf(uint32_t graph_id) const {
    const auto found = chosen_.find(graph_id);
    return found == chosen_.end() ? configuration_.kinds.front() : *found->second;
  }

  // What compiling a graph of each kind says. Model files may take long to compile, so nothing is said of them.
  void DescribeKinds() {
    for (const Kind &kind : configuration_.kinds) {
      json::Object description;
      description.Text("name", kind.name);
      Settings settings = Base();
      settings["ge.featureBaseRefreshable"] = "1";
      session_.Restart(settings);
      if (kind.file.empty() && session_.Initialise() == ge::SUCCESS) {
        ge::GeSession &session = session_.Get();
        if (session.AddGraph(1, kind.Make()) == ge::SUCCESS && session.CompileGraph(1) == ge::SUCCESS) {
          if (const auto summary = session.GetCompiledGraphSummary(1)) {
            description.Add("result", SummaryResult(*summary).Close());
          }
        }
      }
      described_ += (described_.empty() ? "" : ", ") + description.Close();
    }
    session_.Restart(Base());
  }

  Configuration configuration_;
  Session session_;
  std::map<uint32_t, const Kind *> chosen_;
  Calls calls_;
  std::string described_;
};

inline int Serve(Runner &runner) {
  Lines lines;
  std::string line;
  std::string answer;
  for (Lines::Got got = lines.Next(line); got != Lines::Got::kEnd; got = lines.Next(line)) {
    bool more = true;
    if (got == Lines::Got::kTooLong) {
      answer = R"({"ok": false, "error": "the line is too long"})";
    } else {
      more = runner.Answer(line, answer);
    }
    if (!WriteAll(answer + "\n") || !more) {
      break;
    }
  }
  return 0;
}

}  // namespace runner

int main(int count, char **given) {
  try {
    runner::Configuration configuration = runner::ReadArguments(count, given);
    if (aclInit(nullptr) != 0 || aclrtSetDevice(configuration.device) != 0) {
      throw json::Error("the device cannot be used (aclInit, aclrtSetDevice)");
    }
    if (ge_reference_hold_runs != nullptr) {
      ge_reference_hold_runs(true);
    }
    runner::Runner runner(std::move(configuration));
    return runner::Serve(runner);
  } catch (const json::Error &error) {
    std::fprintf(stderr, "%s: %s\n", given[0], error.what());
    std::fprintf(stderr, runner::kUsage, given[0]);
    return 2;
  }
}
