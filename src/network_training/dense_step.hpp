// A dense layer (and the ReLU behind it), compiled for training.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/kernels.hpp"
#include "network/matmul.hpp"

namespace scrawl {

/// T is the type of activations and of what is multiplied: float or Bf16. Weights are kept in f32,
/// and copied to T after each update where T is not f32.
template <typename T>
class DenseStep {
 public:
  /// `chunk` rows go through at once; `capacity` rows, a multiple of it, is the whole batch.
  /// Without workers there is nothing but the sizes.
  DenseStep(std::size_t inputs, std::size_t outputs, bool relu, bool last, std::size_t chunk,
            std::size_t capacity, std::size_t workers);

  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const { return outputs_; }
  bool relu() const { return relu_; }

  /// out = input W^T + b, then the ReLU. input (chunk, inputs), out (chunk, outputs): f32 for the
  /// last layer, else T.
  void forward(std::size_t worker, const T* input, const float* weight, const float* bias,
               void* out);

  /// input_gradient = output_gradient W. output_gradient (chunk, outputs), input_gradient (chunk,
  /// inputs).
  void backward(std::size_t worker, const T* output_gradient, const float* weight,
                T* input_gradient);

  /// Into how many tasks the weights' gradient is cut, and which outputs the task has.
  std::size_t slices() const { return (outputs_ + slice_ - 1) / slice_; }
  std::size_t slice_begin(std::size_t slice) const { return slice * slice_; }
  std::size_t slice_end(std::size_t slice) const {
    return std::min(outputs_, (slice + 1) * slice_);
  }

  /// The gradients of one slice's weights (slice outputs, inputs) and biases (slice outputs), which
  /// are output_gradient^T input over all rows of the batch. They stand in the worker's own memory
  /// until its next call.
  struct SliceGradient {
    std::span<const float> weight;
    std::span<const float> bias;
  };
  SliceGradient slice_gradient(std::size_t worker, std::size_t slice, const T* input,
                               const T* output_gradient);

  /// Copies the weights of outputs [begin, end) to T.
  void refresh(const float* weight, std::size_t begin, std::size_t end) {
    if constexpr (type_of<T> != DataType::f32) {
      convert({weight + begin * inputs_, (end - begin) * inputs_}, copy_.data() + begin * inputs_);
    }
  }

 private:
  /// The weights as the matrix products read them: (outputs, inputs).
  const T* operand(const float* weight) const {
    if constexpr (type_of<T> == DataType::f32) {
      return weight;
    } else {
      return copy_.data();
    }
  }

  struct Products {
    Matmul forward;
    Matmul backward;
    Matmul gradient;                       // of a whole slice
    Matmul last_gradient;                  // of the last, which may be smaller
    AlignedVector<float> weight_gradient;  // (slice outputs, inputs)
    AlignedVector<float> bias_gradient;    // (slice outputs)
  };

  Products compile(bool last, std::size_t chunk) const;

  std::size_t inputs_;
  std::size_t outputs_;
  bool relu_;
  std::size_t slice_;  // outputs in a slice
  std::size_t capacity_;
  std::vector<Products> products_;  // one for each worker
  AlignedVector<T> copy_;           // (outputs, inputs); empty where T is f32
};

}  // namespace scrawl
