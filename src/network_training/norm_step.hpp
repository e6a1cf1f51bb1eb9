// Batch normalization, compiled for training. Its numbers are weight, bias, running mean and
// running variance.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/channel_kernels.hpp"
#include "network/shapes.hpp"
#include "network_training/chunk.hpp"

namespace scrawl {

/// Batch normalization, the residual sum behind it, and the ReLU behind that.
template <typename T>
class NormStep {
 public:
  /// `source` is the place whose input is added, if any.
  NormStep(const PlacedLayer& placed, std::size_t channels, bool relu,
           std::optional<std::size_t> source, std::size_t offset, const Chunking& chunking);

  std::optional<std::size_t> source() const { return source_; }

  std::vector<WeightRange> ranges() const;
  void import(std::span<const Tensor> tensors, float* weights) const;
  void export_to(const float* weights, std::span<Tensor> tensors) const;
  /// `added` is not read where there is no source. Puts the chunk's statistics into its gradient.
  void forward(const Chunk& chunk, const T* in, const T* added, T* out);
  /// Where there is a source, `also` (may be null) is added to the gradient first, which then
  /// becomes that of what was added.
  void backward(const Chunk& chunk, const T* in, const T* out, const T* also, T* gradient,
                T* in_gradient);

 private:
  /// Of one worker's present chunk, each (channels).
  struct Moments {
    std::vector<float> mean;
    std::vector<float> inverse;  // 1 / deviation
    std::vector<float> scale;    // what scale_shift does to the input
    std::vector<float> shift;
    std::vector<float> ratio;   // by which renormalization multiplies the normalized values
    std::vector<float> offset;  // and what it adds to them
  };

  Extent extent(std::size_t images) const { return {images * placed_.in.pixels(), channels_}; }

  PlacedLayer placed_;
  std::size_t channels_;  // as they are stored
  bool relu_;
  std::optional<std::size_t> source_;
  std::size_t offset_;
  std::vector<Moments> moments_;  // one for each worker
};

}  // namespace scrawl
