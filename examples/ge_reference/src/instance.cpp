#include "instance.h"

namespace ge_reference {
namespace {

std::string &Message() {
  thread_local std::string message;
  return message;
}

}  // namespace

// Never destroyed: sessions that outlive `main` still find it.
Instance &Instance::Get() {
  static Instance &instance = *new Instance;
  return instance;
}

ge::Status Refuse(const char *rule, const std::string &why, ge::Status status) {
  Message() = std::string(rule) + ": " + why;
  return status;
}

const std::string &LastRefusal() { return Message(); }

}  // namespace ge_reference
