// Reading JSON as far as the driver protocol goes: one line, strictly and within bounds.
#ifndef CALLPROOF_GE_MEMORY_JSON_READER_HPP_
#define CALLPROOF_GE_MEMORY_JSON_READER_HPP_

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "utf8.hpp"

namespace json {

// What is wrong with a request; the message is for the one who wrote it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Value {
  enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  bool boolean = false;
  // Of a number: as it was written. Of a string: what it says.
  std::string text;
  std::vector<Value> items;
  std::map<std::string, Value> members;

  // Null where there is no such member.
  const Value *Find(const std::string &name) const {
    const auto found = members.find(name);
    return found == members.end() ? nullptr : &found->second;
  }
};

// An unsigned 64-bit word: a JSON integer, or a string that holds a decimal or 0x number.
inline uint64_t Word(const Value &value, const std::string &place) {
  const bool is_string = value.kind == Value::Kind::kString;
  if (!is_string && value.kind != Value::Kind::kNumber) {
    throw Error(place + ": an integer is needed");
  }
  const bool is_hex = is_string && value.text.size() > 2 && value.text[0] == '0' && value.text[1] == 'x';
  const uint64_t radix = is_hex ? 16 : 10;
  uint64_t word = 0;
  if (value.text.empty()) {
    throw Error(place + ": an integer is needed");
  }
  for (size_t at = is_hex ? 2 : 0; at < value.text.size(); ++at) {
    const char c = value.text[at];
    uint64_t digit = radix;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint64_t>(c - '0');
    } else if (is_hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
      digit = static_cast<uint64_t>((c | 0x20) - 'a') + 10;
    }
    if (digit >= radix || word > (UINT64_MAX - digit) / radix) {
      throw Error(place + ": an integer from 0 to 2^64 - 1 is needed");
    }
    word = word * radix + digit;
  }
  return word;
}

class Reader {
 public:
  // The one value of a line; `Error` where it is none.
  static Value Read(const std::string &line) {
    if (!utf8::IsValid(line)) {
      throw Error("no JSON: the line is no UTF-8");
    }
    Reader reader(line);
    Value value = reader.ReadValue(0);
    reader.SkipSpace();
    if (reader.at_ != line.size()) {
      throw Error("there is more behind the JSON value");
    }
    return value;
  }

 private:
  static constexpr int kDepth = 8;

  explicit Reader(const std::string &line) : line_(line) {}

  char Peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }

  void SkipSpace() {
    while (Peek() == ' ' || Peek() == '\t' || Peek() == '\r') {
      ++at_;
    }
  }

  void Expect(char c) {
    if (Peek() != c) {
      throw Error(std::string("no JSON: '") + c + "' is missing at byte " + std::to_string(at_ + 1));
    }
    ++at_;
  }

  bool Skip(const char *word) {
    const std::string text(word);
    if (line_.compare(at_, text.size(), text) != 0) {
      return false;
    }
    at_ += text.size();
    return true;
  }

  Value ReadValue(int depth) {
    if (depth > kDepth) {
      throw Error("no JSON of the protocol: too deep");
    }
    SkipSpace();
    Value value;
    const char c = Peek();
    if (c == '{') {
      ReadObject(value, depth);
    } else if (c == '[') {
      ReadArray(value, depth);
    } else if (c == '"') {
      value.kind = Value::Kind::kString;
      value.text = ReadString();
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      value.kind = Value::Kind::kNumber;
      value.text = ReadNumber();
    } else if (Skip("true")) {
      value.kind = Value::Kind::kBoolean;
      value.boolean = true;
    } else if (Skip("false")) {
      value.kind = Value::Kind::kBoolean;
    } else if (!Skip("null")) {
      throw Error("no JSON: a value is missing at byte " + std::to_string(at_ + 1));
    }
    return value;
  }

  void ReadObject(Value &value, int depth) {
    value.kind = Value::Kind::kObject;
    Expect('{');
    SkipSpace();
    if (Peek() == '}') {
      ++at_;
      return;
    }
    while (true) {
      SkipSpace();
      std::string name = ReadString();
      SkipSpace();
      Expect(':');
      if (!value.members.emplace(name, ReadValue(depth + 1)).second) {
        throw Error("no JSON of the protocol: a name is there twice");
      }
      SkipSpace();
      if (Peek() != ',') {
        Expect('}');
        return;
      }
      ++at_;
    }
  }

  void ReadArray(Value &value, int depth) {
    value.kind = Value::Kind::kArray;
    Expect('[');
    SkipSpace();
    if (Peek() == ']') {
      ++at_;
      return;
    }
    while (true) {
      value.items.push_back(ReadValue(depth + 1));
      SkipSpace();
      if (Peek() != ',') {
        Expect(']');
        return;
      }
      ++at_;
    }
  }

  size_t SkipDigits() {
    const size_t from = at_;
    while (Peek() >= '0' && Peek() <= '9') {
      ++at_;
    }
    return at_ - from;
  }

  std::string ReadNumber() {
    const size_t from = at_;
    at_ += Peek() == '-' ? 1 : 0;
    const size_t first = at_;
    const size_t digits = SkipDigits();
    bool good = digits > 0 && (digits == 1 || line_[first] != '0');
    if (Peek() == '.') {
      ++at_;
      good = SkipDigits() > 0 && good;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      at_ += Peek() == '+' || Peek() == '-' ? 1 : 0;
      good = SkipDigits() > 0 && good;
    }
    if (!good) {
      throw Error("no JSON: a bad number at byte " + std::to_string(from + 1));
    }
    return line_.substr(from, at_ - from);
  }

  std::string ReadString() {
    Expect('"');
    std::string text;
    while (true) {
      const char c = Peek();
      if (at_ >= line_.size() || static_cast<unsigned char>(c) < 0x20) {
        throw Error("no JSON: a string does not end, or holds a control character");
      }
      ++at_;
      if (c == '"') {
        return text;
      }
      if (c == '\\') {
        ReadEscape(text);
      } else {
        text += c;
      }
    }
  }

  void ReadEscape(std::string &text) {
    static const std::string kNames = "\"\\/bfnrt";
    static const std::string kMeanings = "\"\\/\b\f\n\r\t";
    const char c = Peek();
    ++at_;
    const size_t known = kNames.find(c);
    if (c != '\0' && known != std::string::npos) {
      text += kMeanings[known];
      return;
    }
    if (c != 'u') {
      throw Error("no JSON: an unknown escape in a string");
    }
    uint32_t code = ReadHex();
    if (code >= 0xD800 && code < 0xDC00 && Skip("\\u")) {
      const uint32_t low = ReadHex();
      if (low < 0xDC00 || low > 0xDFFF) {
        throw Error("no JSON: half a character in a string");
      }
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xD800 && code <= 0xDFFF) {
      throw Error("no JSON: half a character in a string");
    }
    AppendUtf8(text, code);
  }

  uint32_t ReadHex() {
    uint32_t code = 0;
    for (int digit = 0; digit < 4; ++digit) {
      const char c = Peek();
      const char lower = static_cast<char>(c | 0x20);
      const bool is_letter = lower >= 'a' && lower <= 'f';
      if (!is_letter && !(c >= '0' && c <= '9')) {
        throw Error("no JSON: \\u needs four hexadecimal digits");
      }
      code = code * 16 + static_cast<uint32_t>(is_letter ? lower - 'a' + 10 : c - '0');
      ++at_;
    }
    return code;
  }

  static void AppendUtf8(std::string &text, uint32_t code) {
    if (code < 0x80) {
      text += static_cast<char>(code);
      return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    const uint32_t lead = more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0;
    text += static_cast<char>(lead | (code >> (6 * more)));
    for (int left = more - 1; left >= 0; --left) {
      text += static_cast<char>(0x80 | ((code >> (6 * left)) & 0x3F));
    }
  }

  const std::string &line_;
  size_t at_ = 0;
};

}  // namespace json

#endif  // CALLPROOF_GE_MEMORY_JSON_READER_HPP_
