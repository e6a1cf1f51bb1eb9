#include "network_training/fused_conv_max_pool_step.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "network/kernels.hpp"

namespace scrawl {

template <typename T>
FusedConvMaxPool FusedConvMaxPoolStep<T>::planes_of(const PlacedLayer& convolution,
                                                    const PlacedLayer& pool) {
  const Conv& conv = std::get<Conv>(convolution.layer);
  return {{convolution.in.height, convolution.in.width, conv.outputs, conv.kernel, conv.stride,
           conv.padding, convolution.out.height, convolution.out.width},
          {pool.in.height, pool.in.width, conv.outputs, std::get<Pool>(pool.layer).size}};
}

template <typename T>
bool FusedConvMaxPoolStep<T>::fits(const PlacedLayer& first, const PlacedLayer& next) {
  const auto* pool = std::get_if<Pool>(&next.layer);
  return std::holds_alternative<Conv>(first.layer) && first.in.channels == 1 && !first.bias &&
         std::get<Conv>(first.layer).dilation == 1 && pool != nullptr &&
         pool->kind == Pool::Kind::max && planes_of(first, next).is_supported();
}

template <typename T>
FusedConvMaxPoolStep<T>::FusedConvMaxPoolStep(const PlacedLayer& convolution,
                                              const PlacedLayer& pool, std::size_t offset,
                                              const Chunking& chunking)
    : planes_(planes_of(convolution, pool)), offset_(offset), outputs_(convolution.out.channels) {
  const PlaneConvolution& plane = planes_.plane;
  copy_.resize(sizeof(T) == 2 ? plane.weight_pairs_size() : 0);
  for (std::size_t i = 0; i < chunking.workers; ++i) {
    Memory& memory = memories_.emplace_back();
    memory.padded.resize(plane.padded_size() + 1);
    memory.maps.resize(convolution.out.size());
    memory.argmax.resize(chunking.images * planes_.out_size());
    memory.images.resize(planes_.padded_size(chunking.images));
  }
}

template <typename T>
std::vector<WeightRange> FusedConvMaxPoolStep<T>::ranges() const {
  const std::size_t taps = planes_.plane.kernel * planes_.plane.kernel;
  return {{offset_, taps * outputs_, WeightRange::Kind::weight}};
}

/// (outputs, 1, kernel, kernel) to (kernel, kernel, outputs).
template <typename T>
void FusedConvMaxPoolStep<T>::import(std::span<const Tensor> tensors, float* weights) const {
  const std::size_t taps = tensors[0].values.size() / outputs_;
  for (std::size_t i = 0; i < tensors[0].values.size(); ++i) {
    weights[offset_ + i % taps * outputs_ + i / taps] = tensors[0].values[i];
  }
}

template <typename T>
void FusedConvMaxPoolStep<T>::export_to(const float* weights, std::span<Tensor> tensors) const {
  const std::size_t taps = tensors[0].values.size() / outputs_;
  for (std::size_t i = 0; i < tensors[0].values.size(); ++i) {
    tensors[0].values[i] = weights[offset_ + i % taps * outputs_ + i / taps];
  }
}

template <typename T>
void FusedConvMaxPoolStep<T>::refresh(const float* weights) {
  if constexpr (sizeof(T) == 2) pair_weights(weights + offset_, planes_.plane, copy_.data());
}

template <typename T>
void FusedConvMaxPoolStep<T>::forward(const Chunk& chunk, const T* in, T* out) {
  Memory& memory = memories_[chunk.worker];
  const Pixels* weights;
  if constexpr (sizeof(T) == 2) {
    weights = copy_.data();
  } else {
    weights = chunk.weights + offset_;
  }
  for (std::size_t i = 0; i < chunk.capacity; ++i) {
    convolve_plane(in + i * planes_.plane.height * planes_.plane.width, planes_.plane, weights,
                   nullptr, false, memory.padded.data(), memory.maps.data());
    const std::size_t at = i * planes_.out_size();
    max_pool(memory.maps.data(), planes_, out + at, memory.argmax.data() + at);
  }
}

template <typename T>
void FusedConvMaxPoolStep<T>::backward(const Chunk& chunk, const T* in, const T* /*out*/,
                                       T* gradient, T* /*in_gradient*/) {
  Memory& memory = memories_[chunk.worker];
  const PlaneConvolution& plane = planes_.plane;
  for (std::size_t i = 0; i < chunk.images; ++i) {
    pad_plane(in + i * plane.height * plane.width, plane,
              memory.images.data() + i * plane.padded_size());
  }
  weight_gradient(memory.images.data(), gradient, memory.argmax.data(), chunk.images, planes_,
                  chunk.gradient + offset_);
}

template class FusedConvMaxPoolStep<float>;
template class FusedConvMaxPoolStep<Bf16>;

}  // namespace scrawl
