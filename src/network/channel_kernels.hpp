// The loops between convolutions. Values lie as (rows, channels), where a row is one pixel of one
// image: what works on channels finds them side by side.
#pragma once

#include <cstddef>
#include <cstdint>

#include "network/bf16.hpp"

namespace scrawl {

/// (rows, channels) values in memory.
struct Extent {
  std::size_t rows = 0;
  std::size_t channels = 0;
};

/// Adds to sum[c] and square[c] what the values of channel c, and their squares, add up to.
void add_moments(const float* in, Extent extent, float* sum, float* square);
void add_moments(const Bf16* in, Extent extent, float* sum, float* square);

/// out = in * scale[c] + shift[c], then max(out, 0) where relu.
void scale_shift(const float* in, Extent extent, const float* scale, const float* shift, bool relu,
                 float* out);
void scale_shift(const Bf16* in, Extent extent, const float* scale, const float* shift, bool relu,
                 Bf16* out);

/// out = in * scale[c] + shift[c] + added, then max(out, 0) where relu.
void scale_shift_add(const float* in, const float* added, Extent extent, const float* scale,
                     const float* shift, bool relu, float* out);
void scale_shift_add(const Bf16* in, const Bf16* added, Extent extent, const float* scale,
                     const float* shift, bool relu, Bf16* out);

/// For the gradient of scale_shift: with g the gradient of its output, 0 where the ReLU gave 0,
/// adds to sum[c] the g of channel c, and to product[c] the g * in.
void add_gradient_moments(const float* in, const float* gradient, Extent extent, const float* scale,
                          const float* shift, bool relu, float* sum, float* product);
void add_gradient_moments(const Bf16* in, const Bf16* gradient, Extent extent, const float* scale,
                          const float* shift, bool relu, float* sum, float* product);

/// For the gradient of scale_shift_add, of which `out` came: adds `also` (may be null) to
/// `gradient`, sets it to 0 where the ReLU gave 0, and sums as add_gradient_moments does.
void take_residual_gradient(const float* in, const float* out, const float* also, Extent extent,
                            bool relu, float* gradient, float* sum, float* product);
void take_residual_gradient(const Bf16* in, const Bf16* out, const Bf16* also, Extent extent,
                            bool relu, Bf16* gradient, float* sum, float* product);

/// The g of add_gradient_moments, and for each channel three numbers: out = a[c] g + b[c] in +
/// d[c].
struct Combination {
  const float* a;
  const float* b;
  const float* d;
};
void combine_gradient(const float* in, const float* gradient, Extent extent, const float* scale,
                      const float* shift, bool relu, Combination combination, float* out);
void combine_gradient(const Bf16* in, const Bf16* gradient, Extent extent, const float* scale,
                      const float* shift, bool relu, Combination combination, Bf16* out);

/// values[i] = max(values[i], 0).
void relu(float* values, std::size_t count);
void relu(Bf16* values, std::size_t count);

/// out[i] = left[i] + right[i]; `out` may be either of them.
void add(const float* left, const float* right, std::size_t count, float* out);
void add(const Bf16* left, const Bf16* right, std::size_t count, Bf16* out);

/// out[i] = tanh(in[i]), within 4e-7.
void hyperbolic_tangent(const float* in, std::size_t count, float* out);
void hyperbolic_tangent(const Bf16* in, std::size_t count, Bf16* out);

/// out[i] = gradient[i] (1 - activation[i]^2): activation came out of the tanh.
void tanh_gradient(const float* activation, const float* gradient, std::size_t count, float* out);
void tanh_gradient(const Bf16* activation, const Bf16* gradient, std::size_t count, Bf16* out);

/// out[i] = in[i] * scale where bits[i] is below `limit`, else 0.
void drop(const float* in, const std::uint32_t* bits, std::uint32_t limit, float scale,
          std::size_t count, float* out);
void drop(const Bf16* in, const std::uint32_t* bits, std::uint32_t limit, float scale,
          std::size_t count, Bf16* out);

}  // namespace scrawl
