#include "network/channel_kernels.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "network/clones.hpp"

// Each loop is written once, as a template that is built into a function for each type; the
// functions are cloned for several CPUs.
#define SCRAWL_INLINE [[gnu::always_inline]] inline

namespace scrawl {

namespace {

/// Channels that a loop works on at once, in registers.
constexpr std::size_t lanes = 16;

/// Calls body(first, count) for the channels in groups of `lanes`; the last may be smaller.
template <typename Body>
SCRAWL_INLINE void for_lanes(std::size_t channels, Body body) {
  std::size_t c = 0;
  for (; c + lanes <= channels; c += lanes) body(c, std::integral_constant<std::size_t, lanes>());
  if (c < channels) body(c, channels - c);
}

/// Rows whose sums are kept apart, since one sum can take a new value only when it has the last.
constexpr std::size_t strands = 4;

/// Calls add(row, strand) for each row; what is added in a strand is a sum of its own.
template <typename Add>
SCRAWL_INLINE void for_strands(std::size_t rows, Add add) {
  std::size_t row = 0;
  for (; row + strands <= rows; row += strands) {
    for (std::size_t strand = 0; strand < strands; ++strand) add(row + strand, strand);
  }
  for (; row < rows; ++row) add(row, 0);
}

template <typename T>
SCRAWL_INLINE void add_moments_loop(const T* in, Extent extent, float* __restrict sum,
                                    float* __restrict square) {
  for_lanes(
      extent.channels, [&](std::size_t first, auto count) __attribute__((always_inline)) {
        float s[strands][lanes] = {};
        float q[strands][lanes] = {};
        for_strands(
            extent.rows, [&](std::size_t row, std::size_t strand) __attribute__((always_inline)) {
              const T* from = in + row * extent.channels + first;
              for (std::size_t c = 0; c < count; ++c) {
                const float value = load(from[c]);
                s[strand][c] += value;
                q[strand][c] += value * value;
              }
            });
        for (std::size_t c = 0; c < count; ++c) {
          sum[first + c] += (s[0][c] + s[1][c]) + (s[2][c] + s[3][c]);
          square[first + c] += (q[0][c] + q[1][c]) + (q[2][c] + q[3][c]);
        }
      });
}

template <typename T>
SCRAWL_INLINE void scale_shift_loop(const T* in, Extent extent, const float* scale,
                                    const float* shift, bool relu, T* __restrict out) {
  const float floor = relu ? 0.0F : -std::numeric_limits<float>::infinity();
  for_lanes(
      extent.channels, [&](std::size_t first, auto count) __attribute__((always_inline)) {
        float a[lanes];
        float b[lanes];
        for (std::size_t c = 0; c < count; ++c) {
          a[c] = scale[first + c];
          b[c] = shift[first + c];
        }
        for (std::size_t row = 0; row < extent.rows; ++row) {
          const std::size_t at = row * extent.channels + first;
          for (std::size_t c = 0; c < count; ++c) {
            const float value = load(in[at + c]) * a[c] + b[c];
            store(value > floor ? value : floor, out[at + c]);
          }
        }
      });
}

template <typename T>
SCRAWL_INLINE void add_gradient_moments_loop(const T* in, const T* gradient, Extent extent,
                                             const float* scale, const float* shift, bool relu,
                                             float* __restrict sum, float* __restrict product) {
  const float floor = relu ? 0.0F : -std::numeric_limits<float>::infinity();
  for_lanes(
      extent.channels, [&](std::size_t first, auto count) __attribute__((always_inline)) {
        float a[lanes];
        float b[lanes];
        float s[strands][lanes] = {};
        float p[strands][lanes] = {};
        for (std::size_t c = 0; c < count; ++c) {
          a[c] = scale[first + c];
          b[c] = shift[first + c];
        }
        for_strands(
            extent.rows, [&](std::size_t row, std::size_t strand) __attribute__((always_inline)) {
              const std::size_t at = row * extent.channels + first;
              for (std::size_t c = 0; c < count; ++c) {
                const float value = load(in[at + c]);
                const float given =
                    load(gradient[at + c]);  // always, so that the loop becomes vectors
                const float g = value * a[c] + b[c] > floor ? given : 0.0F;
                s[strand][c] += g;
                p[strand][c] += g * value;
              }
            });
        for (std::size_t c = 0; c < count; ++c) {
          sum[first + c] += (s[0][c] + s[1][c]) + (s[2][c] + s[3][c]);
          product[first + c] += (p[0][c] + p[1][c]) + (p[2][c] + p[3][c]);
        }
      });
}

template <typename T>
SCRAWL_INLINE void combine_gradient_loop(const T* in, const T* gradient, Extent extent,
                                         const float* scale, const float* shift, bool relu,
                                         Combination k, T* __restrict out) {
  const float floor = relu ? 0.0F : -std::numeric_limits<float>::infinity();
  for_lanes(
      extent.channels, [&](std::size_t first, auto count) __attribute__((always_inline)) {
        float constants[5][lanes];
        for (std::size_t c = 0; c < count; ++c) {
          constants[0][c] = scale[first + c];
          constants[1][c] = shift[first + c];
          constants[2][c] = k.a[first + c];
          constants[3][c] = k.b[first + c];
          constants[4][c] = k.d[first + c];
        }
        for (std::size_t row = 0; row < extent.rows; ++row) {
          const std::size_t at = row * extent.channels + first;
          for (std::size_t c = 0; c < count; ++c) {
            const float value = load(in[at + c]);
            const float given = load(gradient[at + c]);
            const float g = value * constants[0][c] + constants[1][c] > floor ? given : 0.0F;
            store(constants[2][c] * g + constants[3][c] * value + constants[4][c], out[at + c]);
          }
        }
      });
}

template <typename T>
SCRAWL_INLINE void relu_loop(T* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float value = load(values[i]);
    store(value > 0 ? value : 0.0F, values[i]);
  }
}

/// tanh(x) = 1 - 2 / (exp(2x) + 1), with exp(2x) = 2^n 2^f and 2^f by its Taylor polynomial. Near
/// 0, where that loses digits, by tanh's own: x - x^3/3 + 2x^5/15 - 17x^7/315.
SCRAWL_INLINE float tanh_of(float x) {
  const float bounded = std::clamp(x, -9.0F, 9.0F);
  const float power = bounded * 2.885390082F;  // 2 / ln 2
  const float whole = static_cast<float>(static_cast<std::int32_t>(power + 1024.5F) - 1024);
  const float f = (power - whole) * 0.6931471806F;
  const float exponential =
      1 + f * (1 + f * (1 / 2.0F + f * (1 / 6.0F + f * (1 / 24.0F + f * (1 / 120.0F + f / 720)))));
  const auto exponent = static_cast<std::uint32_t>(static_cast<std::int32_t>(whole) + 127) << 23;
  const float far = 1 - 2 / (exponential * std::bit_cast<float>(exponent) + 1);
  const float square = bounded * bounded;
  const float near =
      bounded * (1 + square * (-1 / 3.0F + square * (2 / 15.0F - square * (17 / 315.0F))));
  return square < 0.01F ? near : far;
}

template <typename T>
SCRAWL_INLINE void tanh_loop(const T* in, std::size_t count, T* __restrict out) {
  for (std::size_t i = 0; i < count; ++i) store(tanh_of(load(in[i])), out[i]);
}

template <typename T>
SCRAWL_INLINE void tanh_gradient_loop(const T* activation, const T* gradient, std::size_t count,
                                      T* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const float a = load(activation[i]);
    store(load(gradient[i]) * (1 - a * a), out[i]);
  }
}

template <typename T>
SCRAWL_INLINE void drop_loop(const T* in, const std::uint32_t* bits, std::uint32_t limit,
                             float scale, std::size_t count, T* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const float value = load(in[i]) * scale;
    store(bits[i] < limit ? value : 0.0F, out[i]);
  }
}

}  // namespace

SCRAWL_CLONES void add_moments(const float* in, Extent extent, float* sum, float* square) {
  add_moments_loop(in, extent, sum, square);
}

SCRAWL_CLONES void add_moments(const Bf16* in, Extent extent, float* sum, float* square) {
  add_moments_loop(in, extent, sum, square);
}

SCRAWL_CLONES void scale_shift(const float* in, Extent extent, const float* scale,
                               const float* shift, bool relu, float* out) {
  scale_shift_loop(in, extent, scale, shift, relu, out);
}

SCRAWL_CLONES void scale_shift(const Bf16* in, Extent extent, const float* scale,
                               const float* shift, bool relu, Bf16* out) {
  scale_shift_loop(in, extent, scale, shift, relu, out);
}

SCRAWL_CLONES void add_gradient_moments(const float* in, const float* gradient, Extent extent,
                                        const float* scale, const float* shift, bool relu,
                                        float* sum, float* product) {
  add_gradient_moments_loop(in, gradient, extent, scale, shift, relu, sum, product);
}

SCRAWL_CLONES void add_gradient_moments(const Bf16* in, const Bf16* gradient, Extent extent,
                                        const float* scale, const float* shift, bool relu,
                                        float* sum, float* product) {
  add_gradient_moments_loop(in, gradient, extent, scale, shift, relu, sum, product);
}

SCRAWL_CLONES void combine_gradient(const float* in, const float* gradient, Extent extent,
                                    const float* scale, const float* shift, bool relu,
                                    Combination combination, float* out) {
  combine_gradient_loop(in, gradient, extent, scale, shift, relu, combination, out);
}

SCRAWL_CLONES void combine_gradient(const Bf16* in, const Bf16* gradient, Extent extent,
                                    const float* scale, const float* shift, bool relu,
                                    Combination combination, Bf16* out) {
  combine_gradient_loop(in, gradient, extent, scale, shift, relu, combination, out);
}

SCRAWL_CLONES void relu(float* values, std::size_t count) {
  relu_loop(values, count);
}

SCRAWL_CLONES void relu(Bf16* values, std::size_t count) {
  relu_loop(values, count);
}

SCRAWL_CLONES void hyperbolic_tangent(const float* in, std::size_t count, float* out) {
  tanh_loop(in, count, out);
}

SCRAWL_CLONES void hyperbolic_tangent(const Bf16* in, std::size_t count, Bf16* out) {
  tanh_loop(in, count, out);
}

SCRAWL_CLONES void tanh_gradient(const float* activation, const float* gradient, std::size_t count,
                                 float* out) {
  tanh_gradient_loop(activation, gradient, count, out);
}

SCRAWL_CLONES void tanh_gradient(const Bf16* activation, const Bf16* gradient, std::size_t count,
                                 Bf16* out) {
  tanh_gradient_loop(activation, gradient, count, out);
}

SCRAWL_CLONES void drop(const float* in, const std::uint32_t* bits, std::uint32_t limit,
                        float scale, std::size_t count, float* out) {
  drop_loop(in, bits, limit, scale, count, out);
}

SCRAWL_CLONES void drop(const Bf16* in, const std::uint32_t* bits, std::uint32_t limit, float scale,
                        std::size_t count, Bf16* out) {
  drop_loop(in, bits, limit, scale, count, out);
}

}  // namespace scrawl
