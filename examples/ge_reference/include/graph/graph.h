// ge::Graph: what AddGraph adds. A graph of the reference library is nothing but the name of its kind.
#ifndef GE_REFERENCE_GRAPH_GRAPH_H_
#define GE_REFERENCE_GRAPH_GRAPH_H_

#include <cstdint>

#include "graph/ascend_string.h"

namespace ge {

using graphStatus = uint32_t;
constexpr graphStatus GRAPH_SUCCESS = 0;
constexpr graphStatus GRAPH_FAILED = 0xFFFFFFFF;

class Graph {
 public:
  Graph() = default;
  explicit Graph(const char *name);
  graphStatus GetName(AscendString &name) const;
  // Reads a model file; the reference library knows none and refuses every file.
  graphStatus LoadFromFile(const char *file_name);

 private:
  AscendString name_;
};

}  // namespace ge

#endif  // GE_REFERENCE_GRAPH_GRAPH_H_
