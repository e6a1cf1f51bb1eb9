// A network's first convolution and the max-pooling behind it, as one. Of a square, only the pixel
// that won gets a gradient, so that of the weights is a sum over these alone: with squares of 3x3
// pixels or more, several times less work than over all pixels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "network/bf16.hpp"
#include "network/plane_convolution.hpp"
#include "network/pooling.hpp"

namespace scrawl {

struct FusedConvMaxPool {
  PlaneConvolution plane;
  PoolExtent pool;  ///< of what the convolution gives

  /// Whether this CPU has the instructions, there is code for the kernel's size, and the squares
  /// are large enough for it to pay.
  bool is_supported() const;

  std::size_t squares() const { return pool.out_height() * pool.out_width(); }
  std::size_t out_size() const { return squares() * pool.channels; }
  std::size_t padded_width() const { return plane.width + 2 * plane.padding; }
  /// Pixels of that many images, padded, and some more: a row is read beyond its end.
  std::size_t padded_size(std::size_t images) const { return images * plane.padded_size() + 8; }
};

/// in (height, width, channels) -> out (squares, channels), and for each of its values the place of
/// the first pixel that has it: row * padded width + column, in its square.
void max_pool(const float* in, const FusedConvMaxPool& planes, float* out, std::uint16_t* argmax);
void max_pool(const Bf16* in, const FusedConvMaxPool& planes, Bf16* out, std::uint16_t* argmax);

/// The gradient of the weights (kernel, kernel, outputs), from that of what max_pool gave (images,
/// squares, channels), its argmax, and the images as pad_plane gives them, one behind the other
/// (padded size of them all).
void weight_gradient(const float* padded, const float* gradient, const std::uint16_t* argmax,
                     std::size_t images, const FusedConvMaxPool& planes, float* out);
void weight_gradient(const float* padded, const Bf16* gradient, const std::uint16_t* argmax,
                     std::size_t images, const FusedConvMaxPool& planes, float* out);

}  // namespace scrawl
