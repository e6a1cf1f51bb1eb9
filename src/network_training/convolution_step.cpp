#include "network_training/convolution_step.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "network/kernels.hpp"
#include "network_training/relu_mask.hpp"

namespace scrawl {

template <typename T>
ConvolutionStep<T>::ConvolutionStep(const PlacedLayer& placed, std::size_t in_channels, bool relu,
                                    bool first, std::size_t offset, const Chunking& chunking)
    : placed_(placed),
      inputs_(in_channels),
      outputs_(stored_channels(placed)),
      relu_(relu),
      first_(first),
      offset_(offset) {
  const Conv& conv = std::get<Conv>(placed.layer);
  const ConvolutionShape shape{chunking.images,  inputs_,         outputs_,
                               placed.in.height, placed.in.width, conv.kernel,
                               conv.stride,      conv.padding,    conv.dilation};
  convolution_ =
      std::make_unique<Convolution>(shape, type_of<T>, Epilogue{.bias = placed.bias, .relu = relu});
  convolution_->prepare_training(!first);
  for (std::size_t i = 0; i < chunking.workers; ++i) runs_.emplace_back(*convolution_);
}

template <typename T>
std::vector<WeightRange> ConvolutionStep<T>::ranges() const {
  std::vector<WeightRange> ranges{
      {offset_, convolution_->trained_size(), WeightRange::Kind::weight}};
  if (placed_.bias) ranges.push_back({bias_offset(), outputs_, WeightRange::Kind::bias});
  return ranges;
}

/// Between (outputs, inputs, kernel, kernel) of the layer and of what is stored.
template <typename Visit>
void for_each_kernel(const Tensor& weight, std::size_t inputs, Visit visit) {
  const std::size_t size = weight.shape[2] * weight.shape[3];
  for (std::size_t o = 0; o < weight.shape[0]; ++o) {
    for (std::size_t i = 0; i < weight.shape[1]; ++i) {
      visit((o * weight.shape[1] + i) * size, (o * inputs + i) * size, size);
    }
  }
}

template <typename T>
void ConvolutionStep<T>::import(std::span<const Tensor> tensors, float* weights) const {
  const Tensor& weight = tensors[0];
  std::vector<float> plain(outputs_ * inputs_ * weight.shape[2] * weight.shape[3]);
  for_each_kernel(weight, inputs_, [&](std::size_t from, std::size_t to, std::size_t size) {
    std::copy_n(weight.values.data() + from, size, plain.data() + to);
  });
  convolution_->import_trained(plain.data(), weights + offset_);
  if (placed_.bias) std::ranges::copy(tensors[1].values, weights + bias_offset());
}

template <typename T>
void ConvolutionStep<T>::export_to(const float* weights, std::span<Tensor> tensors) const {
  Tensor& weight = tensors[0];
  std::vector<float> plain(outputs_ * inputs_ * weight.shape[2] * weight.shape[3]);
  convolution_->export_trained(weights + offset_, plain.data());
  for_each_kernel(weight, inputs_, [&](std::size_t to, std::size_t from, std::size_t size) {
    std::copy_n(plain.data() + from, size, weight.values.data() + to);
  });
  if (placed_.bias)
    std::copy_n(weights + bias_offset(), placed_.out.channels, tensors[1].values.data());
}

template <typename T>
void ConvolutionStep<T>::forward(const Chunk& chunk, const T* in, T* out) {
  runs_[chunk.worker].forward(in, placed_.bias ? chunk.weights + bias_offset() : nullptr, out);
}

template <typename T>
void ConvolutionStep<T>::backward(const Chunk& chunk, const T* in, const T* out, T* gradient,
                                  T* in_gradient) {
  const std::size_t rows = chunk.capacity * placed_.out.pixels();
  mask(relu_, rows * outputs_, out, gradient);
  ConvolutionRun& run = runs_[chunk.worker];
  run.weight_gradient(in, gradient, chunk.gradient + offset_);
  if (placed_.bias) {
    sum_columns(gradient, rows, outputs_, outputs_, chunk.gradient + bias_offset());
  }
  if (!first_) run.input_gradient(gradient, in_gradient);
}

template class ConvolutionStep<float>;
template class ConvolutionStep<Bf16>;

}  // namespace scrawl
