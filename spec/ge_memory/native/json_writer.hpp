// Writing JSON objects.
#ifndef CALLPROOF_GE_MEMORY_JSON_WRITER_HPP_
#define CALLPROOF_GE_MEMORY_JSON_WRITER_HPP_

#include <cstdint>
#include <cstdio>
#include <string>

namespace json {

// A JSON string of UTF-8 text.
inline std::string Quoted(const std::string &text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      quoted += escape;
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

// The members of an object, in the order in which they are added.
class Object {
 public:
  Object &Add(const std::string &name, const std::string &json) {
    members_ += (members_.empty() ? "" : ", ") + Quoted(name) + ": " + json;
    return *this;
  }
  Object &Text(const std::string &name, const std::string &text) { return Add(name, Quoted(text)); }
  Object &Flag(const std::string &name, bool flag) { return Add(name, flag ? "true" : "false"); }
  // A number as JSON has it while every reader keeps it exactly, else as a string.
  Object &Number(const std::string &name, uint64_t number) {
    const std::string digits = std::to_string(number);
    return number <= (uint64_t{1} << 53) ? Add(name, digits) : Text(name, digits);
  }
  Object &Address(const std::string &name, uint64_t address) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "0x%llx", static_cast<unsigned long long>(address));
    return Text(name, digits);
  }
  std::string Close() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace json

#endif  // CALLPROOF_GE_MEMORY_JSON_WRITER_HPP_
