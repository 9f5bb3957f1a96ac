// ge::AscendString: the string type of the public interface.
#ifndef GE_REFERENCE_GRAPH_ASCEND_STRING_H_
#define GE_REFERENCE_GRAPH_ASCEND_STRING_H_

#include <cstddef>
#include <memory>
#include <string>

namespace ge {

class AscendString {
 public:
  AscendString() = default;
  AscendString(const char *name);
  const char *GetString() const;
  size_t GetLength() const;
  bool operator<(const AscendString &other) const;
  bool operator==(const AscendString &other) const;
  bool operator!=(const AscendString &other) const;

 private:
  std::shared_ptr<std::string> name_;
};

}  // namespace ge

#endif  // GE_REFERENCE_GRAPH_ASCEND_STRING_H_
