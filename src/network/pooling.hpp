// Pooling, and its gradient. Values lie as (height, width, channels).
#pragma once

#include <cstddef>
#include <cstdint>

#include "network/bf16.hpp"

namespace scrawl {

/// One image to be pooled: squares of `size` pixels, without overlap.
struct PoolExtent {
  std::size_t height = 0;  ///< of the input
  std::size_t width = 0;
  std::size_t channels = 0;
  std::size_t size = 0;

  std::size_t out_height() const { return height / size; }
  std::size_t out_width() const { return width / size; }
};

/// in (height, width, channels) -> out (out height, out width, channels).
void max_pool(const float* in, const PoolExtent& extent, float* out);
void max_pool(const Bf16* in, const PoolExtent& extent, Bf16* out);
void max_pool(const std::uint8_t* in, const PoolExtent& extent, std::uint8_t* out);
void average_pool(const float* in, const PoolExtent& extent, float* out);
void average_pool(const Bf16* in, const PoolExtent& extent, Bf16* out);

/// The gradient of the input: the first of the largest values of a square gets it all.
void max_pool_gradient(const float* in, const float* gradient, const PoolExtent& extent,
                       float* out);
void max_pool_gradient(const Bf16* in, const Bf16* gradient, const PoolExtent& extent, Bf16* out);
/// Each value of a square gets its share.
void average_pool_gradient(const float* gradient, const PoolExtent& extent, float* out);
void average_pool_gradient(const Bf16* gradient, const PoolExtent& extent, Bf16* out);

}  // namespace scrawl
