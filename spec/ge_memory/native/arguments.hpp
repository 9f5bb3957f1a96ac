// What a request passes to a call.
#ifndef CALLPROOF_GE_MEMORY_ARGUMENTS_HPP_
#define CALLPROOF_GE_MEMORY_ARGUMENTS_HPP_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "ge/ge_api_v2.h"
#include "json_reader.hpp"

namespace runner {

// The arguments of one call; whatever is missing, of the wrong type or not asked for is an error.
class Arguments {
 public:
  explicit Arguments(const json::Value *given) {
    if (given != nullptr && given->kind != json::Value::Kind::kObject) {
      throw json::Error("args: an object is needed");
    }
    given_ = given == nullptr ? nullptr : &given->members;
  }

  uint32_t GraphId() { return static_cast<uint32_t>(Handle("graph_id", UINT32_MAX)); }
  uint64_t Stream() { return Handle("stream", kStreams); }
  uint64_t Block() { return Handle("block", kBlocks); }
  uint64_t Word(const char *name) { return json::Word(Take(name), Place(name)); }
  void *Pointer(const char *name) { return reinterpret_cast<void *>(static_cast<uintptr_t>(Word(name))); }

  ge::MemoryType MemoryType() {
    const json::Value &value = Take("type");
    if (value.kind == json::Value::Kind::kString && value.text == "MEMORY_TYPE_DEFAULT") {
      return ge::MemoryType::MEMORY_TYPE_DEFAULT;
    }
    if (value.kind == json::Value::Kind::kString && value.text == "MEMORY_TYPE_P2P") {
      return ge::MemoryType::MEMORY_TYPE_P2P;
    }
    throw json::Error("args.type: MEMORY_TYPE_DEFAULT or MEMORY_TYPE_P2P is needed");
  }

  void Done() const {
    if (given_ != nullptr && given_->size() != taken_) {
      throw json::Error("args: there are more than the call has");
    }
  }

 private:
  static constexpr uint64_t kStreams = 64;
  static constexpr uint64_t kBlocks = 65536;

  static std::string Place(const char *name) { return std::string("args.") + name; }

  const json::Value &Take(const char *name) {
    const auto found = given_ == nullptr ? decltype(given_->end()){} : given_->find(name);
    if (given_ == nullptr || found == given_->end()) {
      throw json::Error(Place(name) + ": missing");
    }
    ++taken_;
    return found->second;
  }

  uint64_t Handle(const char *name, uint64_t last) {
    const uint64_t handle = Word(name);
    if (handle > last) {
      throw json::Error(Place(name) + ": at most " + std::to_string(last));
    }
    return handle;
  }

  const std::map<std::string, json::Value> *given_ = nullptr;
  size_t taken_ = 0;
};

}  // namespace runner

#endif  // CALLPROOF_GE_MEMORY_ARGUMENTS_HPP_
