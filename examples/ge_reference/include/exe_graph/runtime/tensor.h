// gert::Tensor: inputs and outputs of the run calls, as far as their addresses go.
#ifndef GE_REFERENCE_EXE_GRAPH_RUNTIME_TENSOR_H_
#define GE_REFERENCE_EXE_GRAPH_RUNTIME_TENSOR_H_

#include <cstddef>
#include <cstdint>

namespace gert {

enum TensorPlacement : int32_t { kOnDeviceHbm, kOnHost };

using TensorAddress = void *;
using TensorAddrManager = uint32_t (*)(TensorAddress, int32_t, void **);

class TensorData {
 public:
  explicit TensorData(TensorAddress addr = nullptr, TensorAddrManager manager = nullptr)
      : TensorData(addr, manager, 0, kOnDeviceHbm) {}
  TensorData(TensorAddress addr, TensorAddrManager, size_t size, TensorPlacement placement)
      : addr_(addr), size_(size), placement_(placement) {}
  TensorAddress GetAddr() const { return addr_; }
  size_t GetSize() const { return size_; }
  TensorPlacement GetPlacement() const { return placement_; }

 private:
  TensorAddress addr_;
  size_t size_;
  TensorPlacement placement_;
};

class Tensor {
 public:
  Tensor() = default;
  void SetData(TensorData &&data) { data_ = data; }
  const void *GetAddr() const { return data_.GetAddr(); }
  TensorPlacement GetPlacement() const { return data_.GetPlacement(); }

 private:
  TensorData data_;
};

}  // namespace gert

#endif  // GE_REFERENCE_EXE_GRAPH_RUNTIME_TENSOR_H_
