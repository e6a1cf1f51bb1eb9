// Convolutions of pictures with a single channel, which a network's first layer has: a shape that
// oneDNN runs at a quarter of its rate.
#pragma once

#include <cstddef>
#include <cstdint>

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

  /// Whether the stride is 1 or 2, and this CPU has the instructions (AVX-512 with bfloat16).
  bool is_supported() const;

  /// Pixels of the picture with its padding.
  std::size_t padded_size() const { return (height + 2 * padding) * (width + 2 * padding); }
  /// Kernel columns in pairs, as bfloat16 is multiplied.
  std::size_t column_pairs() const { return (kernel + 1) / 2; }
  std::size_t weight_pairs_size() const { return kernel * column_pairs() * outputs; }
};

/// in (height, width) -> padded (padded size), zeros around it.
void pad_plane(const float* in, const PlaneConvolution& shape, float* padded);
void pad_plane(const Bf16* in, const PlaneConvolution& shape, float* padded);

/// in (height, width) -> out (out height, out width, outputs), with weights (kernel, kernel,
/// outputs) and bias (outputs, or null), then max(out, 0) where relu. `padded` (padded size) is
/// working memory.
void convolve_plane(const float* in, const PlaneConvolution& shape, const float* weights,
                    const float* bias, bool relu, float* padded, float* out);

/// The same in bfloat16, with sums in f32; weights as pair_weights makes them: (kernel, column
/// pairs, outputs), each the bfloat16 numbers of two columns. padded (padded size + 1).
void convolve_plane(const Bf16* in, const PlaneConvolution& shape, const std::uint32_t* weights,
                    const float* bias, bool relu, std::uint32_t* padded, Bf16* out);

void pair_weights(const float* weights, const PlaneConvolution& shape, std::uint32_t* pairs);

}  // namespace scrawl
