// ge::Tensor: the inputs of CompileGraph. The reference library compiles without looking at any.
#ifndef GE_REFERENCE_GRAPH_TENSOR_H_
#define GE_REFERENCE_GRAPH_TENSOR_H_

namespace ge {

class Tensor {};

}  // namespace ge

#endif  // GE_REFERENCE_GRAPH_TENSOR_H_
