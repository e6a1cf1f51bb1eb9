#include "network_training/dense_step.hpp"

#include <cstddef>

namespace scrawl {

namespace {

/// Outputs in a slice of the weights' gradient: enough for oneDNN to run at full rate, few enough
/// that the tutorial's first layer makes four tasks. Slices of a layer are as even as can be.
std::size_t slice_size(std::size_t outputs) {
  constexpr std::size_t most = 64;
  const std::size_t slices = (outputs + most - 1) / most;
  return (outputs + slices - 1) / slices;
}

}  // namespace

template <typename T>
DenseStep<T>::DenseStep(std::size_t inputs, std::size_t outputs, bool relu, bool last,
                        std::size_t chunk, std::size_t capacity, std::size_t workers)
    : inputs_(inputs),
      outputs_(outputs),
      relu_(relu),
      slice_(slice_size(outputs)),
      capacity_(capacity) {
  for (std::size_t worker = 0; worker < workers; ++worker) {
    products_.push_back(compile(last, chunk));
  }
  if (type_of<T> != DataType::f32 && workers > 0) copy_.resize(outputs * inputs);
}

template <typename T>
typename DenseStep<T>::Products DenseStep<T>::compile(bool last, std::size_t chunk) const {
  constexpr DataType type = type_of<T>;
  const DataType out = last ? DataType::f32 : type;
  const auto gradient = [&](std::size_t width) {
    return Matmul({width, capacity_, type, MatrixLayout::columns, outputs_},
                  {capacity_, inputs_, type, MatrixLayout::rows},
                  {width, inputs_, DataType::f32, MatrixLayout::rows});
  };
  return {Matmul({chunk, inputs_, type}, {inputs_, outputs_, type, MatrixLayout::columns},
                 {chunk, outputs_, out}, {.bias = true, .relu = relu_}),
          Matmul({chunk, outputs_, type}, {outputs_, inputs_, type}, {chunk, inputs_, type}),
          gradient(slice_),
          gradient(outputs_ - (slices() - 1) * slice_),
          AlignedVector<float>(slice_ * inputs_),
          AlignedVector<float>(slice_)};
}

template <typename T>
void DenseStep<T>::forward(std::size_t worker, const T* input, const float* weight,
                           const float* bias, void* out) {
  products_[worker].forward(input, operand(weight), bias, out);
}

template <typename T>
void DenseStep<T>::backward(std::size_t worker, const T* output_gradient, const float* weight,
                            T* input_gradient) {
  products_[worker].backward(output_gradient, operand(weight), nullptr, input_gradient);
}

template <typename T>
typename DenseStep<T>::SliceGradient DenseStep<T>::slice_gradient(std::size_t worker,
                                                                  std::size_t slice, const T* input,
                                                                  const T* output_gradient) {
  Products& own = products_[worker];
  const std::size_t begin = slice_begin(slice);
  const std::size_t width = slice_end(slice) - begin;
  auto& product = slice + 1 == slices() ? own.last_gradient : own.gradient;
  product(output_gradient + begin, input, nullptr, own.weight_gradient.data());
  sum_columns(output_gradient + begin, capacity_, width, outputs_, own.bias_gradient.data());
  return {{own.weight_gradient.data(), width * inputs_}, {own.bias_gradient.data(), width}};
}

template class DenseStep<float>;
template class DenseStep<Bf16>;

}  // namespace scrawl
