// Convolutions of pictures with a single channel, which a network's first layer has: a shape that
// oneDNN runs at a quarter of its rate.
#pragma once

#include <cstddef>

#include "network/bf16.hpp"

namespace scrawl {

struct PlaneConvolution {
  std::size_t height = 0;  ///< of the input
  std::size_t width = 0;
  std::size_t outputs = 0;  ///< channels
  std::size_t kernel = 0;
  std::size_t stride = 1;
  std::size_t padding = 0;
  std::size_t out_height = 0;
  std::size_t out_width = 0;

  /// Whether this CPU has the instructions for it (AVX-512 with bfloat16), and the outputs fill its
  /// registers.
  bool is_supported() const;

  /// Floats of working memory that a call needs.
  std::size_t padded_size() const { return (height + 2 * padding) * (width + 2 * padding); }
};

/// in (height, width) -> out (out height, out width, outputs), with weights (kernel, kernel,
/// outputs) and bias (outputs, or null), then max(out, 0) where relu. `padded` is working memory.
void convolve_plane(const float* in, const PlaneConvolution& shape, const float* weights,
                    const float* bias, bool relu, float* padded, float* out);
void convolve_plane(const Bf16* in, const PlaneConvolution& shape, const float* weights,
                    const float* bias, bool relu, float* padded, Bf16* out);

}  // namespace scrawl
