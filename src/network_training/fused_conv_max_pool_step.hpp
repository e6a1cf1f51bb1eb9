// A first convolution and its pooling, compiled for training.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/shapes.hpp"
#include "network_training/chunk.hpp"
#include "network_training/fused_conv_max_pool.hpp"

namespace scrawl {

/// A first convolution without a bias, and the max-pooling behind it.
template <typename T>
class FusedConvMaxPoolStep {
 public:
  static bool fits(const PlacedLayer& first, const PlacedLayer& next);
  FusedConvMaxPoolStep(const PlacedLayer& convolution, const PlacedLayer& pool, std::size_t offset,
                       const Chunking& chunking);

  std::vector<WeightRange> ranges() const;
  void import(std::span<const Tensor> tensors, float* weights) const;
  void export_to(const float* weights, std::span<Tensor> tensors) const;
  void refresh(const float* weights);
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  /// What pixels are as they are multiplied: one by one, or in pairs.
  using Pixels = std::conditional_t<std::is_same_v<T, float>, float, std::uint32_t>;

  /// A worker's.
  struct Memory {
    AlignedVector<Pixels> padded;         // one image
    AlignedVector<T> maps;                // what the convolution makes of it
    AlignedVector<std::uint16_t> argmax;  // (chunk, squares, outputs)
    AlignedVector<float> images;          // (chunk), padded
  };

  static FusedConvMaxPool planes_of(const PlacedLayer& convolution, const PlacedLayer& pool);

  FusedConvMaxPool planes_;
  std::size_t offset_;
  std::size_t outputs_;
  AlignedVector<Pixels> copy_;  // of the weights (kernel, kernel, outputs), as they are multiplied
  std::vector<Memory> memories_;
};

}  // namespace scrawl
