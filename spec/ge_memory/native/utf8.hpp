// Is text UTF-8?
#ifndef CALLPROOF_GE_MEMORY_UTF8_HPP_
#define CALLPROOF_GE_MEMORY_UTF8_HPP_

#include <cstddef>
#include <cstdint>
#include <string>

namespace utf8 {

// Whole characters of UTF-8, each in its shortest form?
inline bool IsValid(const std::string &text) {
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const size_t more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || at + more >= text.size()) {
      return false;
    }
    uint32_t code = lead & (more == 0 ? 0x7F : 0x3F >> more);
    for (size_t next = 1; next <= more; ++next) {
      const auto byte = static_cast<unsigned char>(text[at + next]);
      if ((byte & 0xC0) != 0x80) {
        return false;
      }
      code = code << 6 | (byte & 0x3F);
    }
    const bool is_short = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (is_short || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
      return false;
    }
    at += more + 1;
  }
  return true;
}

}  // namespace utf8

#endif  // CALLPROOF_GE_MEMORY_UTF8_HPP_
