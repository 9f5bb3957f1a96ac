// The runner's command line.
#ifndef CALLPROOF_GE_MEMORY_CONFIGURATION_HPP_
#define CALLPROOF_GE_MEMORY_CONFIGURATION_HPP_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "json_reader.hpp"
#include "session.hpp"
#include "utf8.hpp"

namespace runner {

constexpr const char *kUsage =
    "usage: %s [--graph NAME=MODEL_FILE]... [--option KEY=VALUE]... [--device N] [--timeout SECONDS]\n"
    "  --graph    a kind of graph to offer; the reference library's own kinds need none\n"
    "  --option   an option that GEInitializeV2 gets beside those of the requests\n"
    "  --device   the device to run on (0)\n"
    "  --timeout  how long to wait for a callback (10)\n";

struct Configuration {
  std::vector<Kind> kinds;
  std::map<std::string, std::string> options;
  int device = 0;
  int timeout = 10;
};

// Refuses what the command line should not say.
inline Configuration ReadArguments(int count, char **given) {
  Configuration configuration;
  for (int at = 1; at < count; at += 2) {
    const std::string flag = given[at];
    if (at + 1 == count) {
      throw json::Error(flag + " needs a value, or is unknown");
    }
    const std::string value = given[at + 1];
    const size_t sign = value.find('=');
    const bool is_pair = sign != std::string::npos && sign > 0 && sign + 1 < value.size();
    if (flag == "--graph" && is_pair && utf8::IsValid(value.substr(0, sign))) {
      configuration.kinds.push_back({value.substr(0, sign), value.substr(sign + 1)});
    } else if (flag == "--option" && is_pair) {
      configuration.options[value.substr(0, sign)] = value.substr(sign + 1);
    } else if (flag == "--device" || flag == "--timeout") {
      json::Value number;
      number.kind = json::Value::Kind::kString;
      number.text = value;
      const uint64_t word = json::Word(number, flag);
      if (word > 3600) {
        throw json::Error(flag + ": at most 3600");
      }
      (flag == "--device" ? configuration.device : configuration.timeout) = static_cast<int>(word);
    } else {
      throw json::Error(flag + " " + value + ": unknown, or no NAME=VALUE");
    }
  }
  for (size_t at = 0; ge_reference_kind != nullptr && ge_reference_kind(at) != nullptr; ++at) {
    configuration.kinds.push_back({ge_reference_kind(at), ""});
  }
  if (configuration.kinds.empty()) {
    throw json::Error("this library has no graphs of its own: give --graph NAME=MODEL_FILE");
  }
  return configuration;
}

}  // namespace runner

#endif  // CALLPROOF_GE_MEMORY_CONFIGURATION_HPP_
