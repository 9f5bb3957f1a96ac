// Standard input and output, line by line.
#ifndef CALLPROOF_GE_MEMORY_LINES_HPP_
#define CALLPROOF_GE_MEMORY_LINES_HPP_

#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

namespace runner {

// Whole lines of standard input; one that is too long is answered and skipped.
class Lines {
 public:
  enum class Got { kLine, kTooLong, kEnd };

  Got Next(std::string &line) {
    line.clear();
    bool too_long = false;
    while (true) {
      const char *from = buffer_.data() + at_;
      const char *end = static_cast<const char *>(std::memchr(from, '\n', filled_ - at_));
      const size_t length = end == nullptr ? filled_ - at_ : static_cast<size_t>(end - from);
      too_long = too_long || line.size() + length > kLongest;
      if (!too_long) {
        line.append(from, length);
      }
      at_ += length;
      if (end != nullptr) {
        ++at_;
        return too_long ? Got::kTooLong : Got::kLine;
      }
      const ssize_t got = read(STDIN_FILENO, buffer_.data(), buffer_.size());
      at_ = filled_ = 0;
      if (got <= 0) {
        return Got::kEnd;
      }
      filled_ = static_cast<size_t>(got);
    }
  }

 private:
  static constexpr size_t kLongest = 65536;

  std::vector<char> buffer_ = std::vector<char>(kLongest);
  size_t at_ = 0;
  size_t filled_ = 0;
};

// False where the other side is gone.
inline bool WriteAll(const std::string &text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t wrote = write(STDOUT_FILENO, text.data() + done, text.size() - done);
    if (wrote <= 0) {
      return false;
    }
    done += static_cast<size_t>(wrote);
  }
  return true;
}

}  // namespace runner

#endif  // CALLPROOF_GE_MEMORY_LINES_HPP_
