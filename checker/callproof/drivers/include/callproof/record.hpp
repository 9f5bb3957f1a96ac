// Writes a line for each recorded call into a log (*.jsonl): what a recorder of any library is built on.
//
// A line is put together on the stack of its thread and copied into a file that is mapped into memory, at a place that
// one atomic addition has reserved. So no thread waits for another, nothing is allocated, and what is written stays
// when the process is killed. The file is as long as the space for it; its unused end reads as zero bytes, which
// `callproof record` takes away. The first byte of a line is stored last: a line that was not finished begins with a
// zero byte.
//
// Define CALLPROOF_RECORD_SPEC, the name of the specification as a string literal, before this file is included.
#ifndef CALLPROOF_RECORD_HPP_
#define CALLPROOF_RECORD_HPP_

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <new>

namespace callproof {

constexpr size_t kLineBytes = 4096;
constexpr size_t kTextBytes = 256;  // of any one text from the program
constexpr uint64_t kBackedBytes = 8 << 20;  // of the disk, taken ahead

// Nanoseconds of the monotonic clock.
inline uint64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

// One line as JSON. What finds no room is left out, and then the line says nothing at all.
class Line {
 public:
  explicit Line(const char *call) {
    Raw(R"({"call":)");
    Text(call, std::strlen(call));
    Raw(R"(,"args":{)");
  }

  Line &Word(const char *name, uint64_t value) {
    Name(name);
    Decimal(value);
    return *this;
  }

  // A word that may pass 2**53, which not every reader of JSON keeps.
  Line &Size(const char *name, uint64_t value) {
    Name(name);
    Raw("\"");
    Decimal(value);
    Raw("\"");
    return *this;
  }

  Line &Address(const char *name, const void *value) {
    Name(name);
    Raw("\"0x");
    Hexadecimal(reinterpret_cast<uintptr_t>(value));
    Raw("\"");
    return *this;
  }

  Line &Flag(const char *name, bool value) {
    Name(name);
    Raw(value ? "true" : "false");
    return *this;
  }

  Line &String(const char *name, const char *value) {
    Name(name);
    Text(value, strnlen(value, kTextBytes));
    return *this;
  }

  // Ends the arguments; results follow, then `End`.
  Line &Returned(uint64_t status) {
    Raw("},\"returned\":");
    Decimal(status);
    first_ = true;
    open_ = false;
    return *this;
  }

  // Ends the arguments of what returns nothing.
  Line &Happened() {
    Raw("}");
    open_ = false;
    return *this;
  }

  Line &Results() {
    Raw(",\"result\":{");
    first_ = open_ = true;
    return *this;
  }

  // Between `Results` or the arguments and the keys that follow.
  Line &Close() {
    if (open_) {
      Raw("}");
      open_ = false;
    }
    return *this;
  }

  Line &Key(const char *name, const char *value) {
    Close();
    first_ = false;
    return String(name, value);
  }

  Line &Key(const char *name, uint64_t value) {
    Close();
    first_ = false;
    return Word(name, value);
  }

  const char *Data() const { return data_; }
  size_t Length() const { return full_ ? 0 : length_; }

  void Finish() { Raw("}\n"); }

 private:
  void Raw(const char *text) { Bytes(text, std::strlen(text)); }

  void Bytes(const char *text, size_t length) {
    full_ = full_ || length > kLineBytes - length_;
    if (!full_) {
      std::memcpy(data_ + length_, text, length);
      length_ += length;
    }
  }

  void Name(const char *name) {
    if (!first_) {
      Raw(",");
    }
    first_ = false;
    Raw("\"");
    Raw(name);
    Raw("\":");
  }

  void Text(const char *text, size_t length) {
    Raw("\"");
    for (size_t at = 0; at < length; ++at) {
      const unsigned char byte = static_cast<unsigned char>(text[at]);
      if (byte == '"' || byte == '\\') {
        const char escaped[2] = {'\\', static_cast<char>(byte)};
        Bytes(escaped, 2);
      } else if (byte < 0x20 || byte > 0x7E) {
        // Bytes past ASCII as the code points of the same numbers: the line stays valid UTF-8 whatever they are.
        static const char kDigits[] = "0123456789abcdef";
        const char escaped[6] = {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
        Bytes(escaped, 6);
      } else {
        Bytes(text + at, 1);
      }
    }
    Raw("\"");
  }

  void Decimal(uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
      digits[--at] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    Bytes(digits + at, sizeof digits - at);
  }

  void Hexadecimal(uint64_t value) {
    char digits[16];
    size_t at = sizeof digits;
    do {
      digits[--at] = "0123456789abcdef"[value & 15];
      value >>= 4;
    } while (value != 0);
    Bytes(digits + at, sizeof digits - at);
  }

  char data_[kLineBytes];
  size_t length_ = 0;
  bool first_ = true;
  bool open_ = true;
  bool full_ = false;
};

// The log of this process. A forked child goes on in its parent's; a program that a process starts gets its own.
class Log {
 public:
  static Log &Get() {
    // Never destroyed: threads may call to the very end.
    alignas(Log) static char place[sizeof(Log)];
    static Log *const log = new (place) Log;
    return *log;
  }

  bool IsOpen() const { return base_ != nullptr; }

  void Write(const Line &line) {
    const size_t length = line.Length();
    if (base_ == nullptr || length == 0) {
      return;
    }
    const uint64_t at = shared_->used.fetch_add(length, std::memory_order_relaxed);
    if (at + length > limit_) {
      Stop("the log is full; the calls from here on are not recorded");
      return;
    }
    if (at + length > shared_->backed.load(std::memory_order_relaxed) && !Back(at + length)) {
      return;
    }
    std::memcpy(base_ + at + 1, line.Data() + 1, length - 1);
    std::atomic_thread_fence(std::memory_order_release);
    *static_cast<volatile char *>(base_ + at) = line.Data()[0];
  }

 private:
  struct Shared {
    std::atomic<uint64_t> used{0};
    std::atomic<uint64_t> backed{0};
    std::atomic<bool> full{false};
  };

  Log() {
    const char *path = std::getenv("CALLPROOF_RECORD_OUT");
    const char *limit = std::getenv("CALLPROOF_RECORD_LIMIT");
    if (path == nullptr || *path == '\0') {
      return;
    }
    limit_ = limit == nullptr ? uint64_t{1} << 30 : std::strtoull(limit, nullptr, 10);
    const int file = Create(path);
    // The mark of how much is used lies outside the file, and is one for a process and its forked children.
    void *mark = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (file < 0 || mark == MAP_FAILED || ftruncate(file, static_cast<off_t>(limit_)) != 0) {
      Complain("the log cannot be written; nothing is recorded");
      return;
    }
    void *base = mmap(nullptr, limit_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (base == MAP_FAILED) {
      Complain("the log cannot be mapped into memory; nothing is recorded");
      return;
    }
    shared_ = new (mark) Shared;
    file_ = file;
    if (!Back(1)) {
      return;
    }
    base_ = static_cast<char *>(base);
    char head[160];
    const int length = std::snprintf(head, sizeof head,
                                     "{\"format\":\"callproof-log\",\"version\":1,\"clock\":\"monotonic\","
                                     "\"spec\":\"" CALLPROOF_RECORD_SPEC "\",\"origin\":\"callproof record, pid %d\"}\n",
                                     static_cast<int>(getpid()));
    if (length > 0 && static_cast<size_t>(length) < sizeof head && static_cast<uint64_t>(length) <= limit_) {
      std::memcpy(base_, head, static_cast<size_t>(length));
      shared_->used = static_cast<uint64_t>(length);
    }
  }

  // Has the disk hold what is written up to `end`: storing into a mapped file where it cannot would end the program.
  bool Back(uint64_t end) {
    const uint64_t from = shared_->backed.load(std::memory_order_relaxed);
    for (const uint64_t ahead : {kBackedBytes, uint64_t{kLineBytes}}) {
      const uint64_t to = end + ahead < limit_ ? end + ahead : limit_;
      if (to <= from || Take(from, to)) {
        uint64_t before = from;
        while (before < to && !shared_->backed.compare_exchange_weak(before, to)) {
        }
        return true;
      }
    }
    Stop("there is no room for the log; the calls from here on are not recorded");
    return false;
  }

  // Some file systems cannot be asked; there nothing is known.
  bool Take(uint64_t from, uint64_t to) const {
    const int kept = errno;
    const bool done = fallocate(file_, 0, static_cast<off_t>(from), static_cast<off_t>(to - from)) == 0 ||
                      errno == EOPNOTSUPP || errno == ENOSYS;
    errno = kept;
    return done;
  }

  // Says once that nothing more is recorded.
  void Stop(const char *why) {
    if (!shared_->full.exchange(true)) {
      Complain(why);
    }
  }

  // The file of the first process that records; the next ones add their number to its name.
  static int Create(const char *path) {
    const int first = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0644);
    if (first >= 0 || errno != EEXIST) {
      return first;
    }
    char own[4096];
    const int length = std::snprintf(own, sizeof own, "%s.%d", path, static_cast<int>(getpid()));
    return length < static_cast<int>(sizeof own) ? open(own, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0644) : -1;
  }

  static void Complain(const char *what) {
    const char start[] = "callproof: record: ";
    if (write(2, start, sizeof start - 1) < 0 || write(2, what, std::strlen(what)) < 0 || write(2, "\n", 1) < 0) {
      return;
    }
  }

  char *base_ = nullptr;
  Shared *shared_ = nullptr;
  uint64_t limit_ = 0;
  int file_ = -1;
};

// How deep this thread is in recorded calls. What a library calls itself to do its work is not recorded.
inline thread_local int depth __attribute__((tls_model("initial-exec"))) = 0;

// Times one call of the program, and makes calls within it known as inner ones.
class Timed {
 public:
  Timed() : begin_(Now()) { ++depth; }
  ~Timed() { --depth; }
  Timed(const Timed &) = delete;
  Timed &operator=(const Timed &) = delete;

  // The call has returned: its line ends now.
  void Done() { end_ = Now(); }

  bool IsRecorded() const { return depth == 1 && Log::Get().IsOpen(); }

  void Write(Line &line) const {
    static thread_local uint64_t thread __attribute__((tls_model("initial-exec"))) = 0;
    if (thread == 0) {
      thread = static_cast<uint64_t>(syscall(SYS_gettid));
    }
    line.Key("thread", thread).Key("begin", begin_).Key("end", end_).Finish();
    Log::Get().Write(line);
  }

 private:
  uint64_t begin_;
  uint64_t end_ = 0;
};

// While it lives, calls are those of the program again: around what the library calls back.
class Outside {
 public:
  Outside() : kept_(depth) { depth = 0; }
  ~Outside() { depth = kept_; }
  Outside(const Outside &) = delete;
  Outside &operator=(const Outside &) = delete;

 private:
  int kept_;
};

// The next definition of a symbol behind this library. Ends the program where there is none: it cannot do without.
inline void *Next(const char *symbol) {
  void *found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "callproof: record: no library of this program has %s\n", symbol);
    std::abort();
  }
  return found;
}

// A member function of the real library, by its symbol.
template <typename Method>
Method NextMethod(const char *symbol) {
  // Itanium C++ ABI: the address of a method that is not virtual, and what to add to `this`.
  struct {
    void *address;
    ptrdiff_t adjustment;
  } parts = {Next(symbol), 0};
  Method method;
  static_assert(sizeof method == sizeof parts, "a pointer to a method has two words");
  std::memcpy(&method, &parts, sizeof parts);
  return method;
}

// Numbers for things that are known by their address, counted from 1; an address that is used again gets a new number
// once the old one was dropped. Lock-free; past its capacity everything has the number 0.
class Numbers {
 public:
  uint64_t Of(const void *thing) {
    const uint64_t key = reinterpret_cast<uintptr_t>(thing);
    for (Slot &slot : slots_) {
      if (slot.key.load(std::memory_order_acquire) == key) {
        return slot.number.load(std::memory_order_relaxed);
      }
    }
    for (Slot &slot : slots_) {
      uint64_t free = 0;
      if (slot.key.compare_exchange_strong(free, 1)) {
        const uint64_t number = ++last_;
        slot.number.store(number, std::memory_order_relaxed);
        slot.key.store(key, std::memory_order_release);
        return number;
      }
    }
    return 0;
  }

  void Drop(const void *thing) {
    const uint64_t key = reinterpret_cast<uintptr_t>(thing);
    for (Slot &slot : slots_) {
      if (slot.key.load(std::memory_order_acquire) == key) {
        slot.key.store(0, std::memory_order_release);
      }
    }
  }

 private:
  struct Slot {
    std::atomic<uint64_t> key{0};
    std::atomic<uint64_t> number{0};
  };
  Slot slots_[64];
  std::atomic<uint64_t> last_{0};
};

}  // namespace callproof

#endif  // CALLPROOF_RECORD_HPP_
