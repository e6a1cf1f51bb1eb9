#include "network_training/dense_layer_step.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "network/kernels.hpp"
#include "network_training/relu_mask.hpp"

namespace scrawl {

template <typename T>
DenseLayerStep<T>::DenseLayerStep(const PlacedLayer& placed, std::size_t in_channels, bool relu,
                                  bool first, bool last, std::size_t offset,
                                  const Chunking& chunking)
    : placed_(placed),
      channels_(in_channels),
      inputs_(in_channels * placed.in.pixels()),
      outputs_(placed.out.channels),
      relu_(relu),
      first_(first),
      offset_(offset),
      copy_(outputs_ * inputs_) {
  constexpr DataType type = type_of<T>;
  for (std::size_t i = 0; i < chunking.workers; ++i) {
    products_.push_back(
        {Matmul({chunking.images, inputs_, type}, {inputs_, outputs_, type, MatrixLayout::columns},
                {chunking.images, outputs_, last ? DataType::f32 : type},
                {.bias = placed.bias, .relu = relu}),
         Matmul({chunking.images, outputs_, type}, {outputs_, inputs_, type},
                {chunking.images, inputs_, type}),
         Matmul({outputs_, chunking.images, type, MatrixLayout::columns},
                {chunking.images, inputs_, type}, {outputs_, inputs_, DataType::f32})});
  }
}

template <typename T>
std::vector<WeightRange> DenseLayerStep<T>::ranges() const {
  std::vector<WeightRange> ranges{{offset_, outputs_ * inputs_, WeightRange::Kind::weight}};
  if (placed_.bias) {
    ranges.push_back({offset_ + outputs_ * inputs_, outputs_, WeightRange::Kind::bias});
  }
  return ranges;
}

/// Where the weight of an output and an input stands; inputs are counted as PyTorch flattens them:
/// (channels, height, width).
template <typename T>
std::size_t DenseLayerStep<T>::place_of(std::size_t output, std::size_t input) const {
  const std::size_t pixels = placed_.in.pixels();
  return output * inputs_ + input % pixels * channels_ + input / pixels;
}

template <typename T>
void DenseLayerStep<T>::import(std::span<const Tensor> tensors, float* weights) const {
  const std::size_t inputs = placed_.in.size();
  for (std::size_t o = 0; o < outputs_; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      weights[offset_ + place_of(o, i)] = tensors[0].values[o * inputs + i];
    }
  }
  if (placed_.bias) {
    std::ranges::copy(tensors[1].values, weights + offset_ + outputs_ * inputs_);
  }
}

template <typename T>
void DenseLayerStep<T>::export_to(const float* weights, std::span<Tensor> tensors) const {
  const std::size_t inputs = placed_.in.size();
  for (std::size_t o = 0; o < outputs_; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      tensors[0].values[o * inputs + i] = weights[offset_ + place_of(o, i)];
    }
  }
  if (placed_.bias) {
    std::copy_n(weights + offset_ + outputs_ * inputs_, outputs_, tensors[1].values.data());
  }
}

template <typename T>
void DenseLayerStep<T>::refresh(const float* weights) {
  convert({weights + offset_, copy_.size()}, copy_.data());
}

template <typename T>
void DenseLayerStep<T>::forward(const Chunk& chunk, const T* in, T* out) {
  const float* bias = placed_.bias ? chunk.weights + offset_ + outputs_ * inputs_ : nullptr;
  products_[chunk.worker].forward(in, copy_.data(), bias, out);
}

template <typename T>
void DenseLayerStep<T>::backward(const Chunk& chunk, const T* in, const T* out, T* gradient,
                                 T* in_gradient) {
  mask(relu_, chunk.capacity * outputs_, out, gradient);
  Products& products = products_[chunk.worker];
  float* to = chunk.gradient + offset_;
  products.weight_gradient(gradient, in, nullptr, to);
  if (placed_.bias) {
    sum_columns(gradient, chunk.capacity, outputs_, outputs_, to + outputs_ * inputs_);
  }
  if (!first_) products.input_gradient(gradient, copy_.data(), nullptr, in_gradient);
}

template class DenseLayerStep<float>;
template class DenseLayerStep<Bf16>;

}  // namespace scrawl
