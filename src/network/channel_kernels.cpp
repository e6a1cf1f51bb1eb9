#include "network/channel_kernels.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// The usual size of a pooling, for the compiler to know.
constexpr std::integral_constant<std::size_t, 2> two;

/// The pixel at the upper left of the square that gives output pixel (y, x).
SCRAWL_INLINE std::size_t corner_of(const PoolExtent& e, std::size_t y, std::size_t x) {
  return (y * e.size * e.width + x * e.size) * e.channels;
}

/// The bits of a number, as an integer.
template <typename T>
using Bits = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int16_t>;

/// Integers in the order of the numbers (sign and magnitude become a two's complement): no CPU
/// compares bfloat16, and loops over integers of one width become vectors. The same change once
/// more undoes it.
template <typename Integer>
SCRAWL_INLINE Integer order_of(Integer bits) {
  constexpr int sign = 8 * sizeof(Integer) - 1;
  return static_cast<Integer>(bits ^ ((bits >> sign) & std::numeric_limits<Integer>::max()));
}

SCRAWL_INLINE std::int32_t bits_of(float value) {
  return std::bit_cast<std::int32_t>(value);
}

SCRAWL_INLINE std::int16_t bits_of(Bf16 value) {
  return static_cast<std::int16_t>(value.bits);
}

SCRAWL_INLINE void set_bits(std::int32_t bits, float& value) {
  value = std::bit_cast<float>(bits);
}

SCRAWL_INLINE void set_bits(std::int16_t bits, Bf16& value) {
  value.bits = static_cast<std::uint16_t>(bits);
}

/// Pixel i of the square whose upper left one is at `corner`.
template <typename Size>
SCRAWL_INLINE std::size_t pixel_of(const PoolExtent& e, Size size, std::size_t corner,
                                   std::size_t i) {
  return corner + (i / size * e.width + i % size) * e.channels;
}

/// The largest of a square, channel by channel, in order_of.
template <typename T, typename Size, typename Count>
SCRAWL_INLINE void find_largest(const T* in, const PoolExtent& e, Size size, std::size_t corner,
                                Count count, Bits<T>* largest) {
  for (std::size_t c = 0; c < count; ++c) largest[c] = order_of(bits_of(in[corner + c]));
  for (std::size_t i = 1; i < size * size; ++i) {
    const T* from = in + pixel_of(e, size, corner, i);
    for (std::size_t c = 0; c < count; ++c) {
      const Bits<T> order = order_of(bits_of(from[c]));
      largest[c] = order > largest[c] ? order : largest[c];
    }
  }
}

template <typename T, typename Size>
SCRAWL_INLINE void max_pool_of_size(const T* in, const PoolExtent& e, Size size,
                                    T* __restrict out) {
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, out += e.channels) {
      const std::size_t corner = corner_of(e, y, x);
      for_lanes(
          e.channels, [&](std::size_t first, auto count) __attribute__((always_inline)) {
            Bits<T> largest[lanes];
            find_largest(in, e, size, corner + first, count, largest);
            for (std::size_t c = 0; c < count; ++c) set_bits(order_of(largest[c]), out[first + c]);
          });
    }
  }
}

template <typename T>
SCRAWL_INLINE void max_pool_loop(const T* in, const PoolExtent& e, T* __restrict out) {
  if (e.size == 2) return max_pool_of_size(in, e, two, out);
  max_pool_of_size(in, e, e.size, out);
}

template <typename T>
SCRAWL_INLINE void average_pool_loop(const T* in, const PoolExtent& e, T* __restrict out) {
  const float share = 1.0F / static_cast<float>(e.size * e.size);
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, out += e.channels) {
      const T* corner = in + corner_of(e, y, x);
      for_lanes(
          e.channels, [&](std::size_t first, auto count) __attribute__((always_inline)) {
            float sum[lanes] = {};
            for (std::size_t i = 0; i < e.size * e.size; ++i) {
              const T* from = corner + (i / e.size * e.width + i % e.size) * e.channels + first;
              for (std::size_t c = 0; c < count; ++c) sum[c] += load(from[c]);
            }
            for (std::size_t c = 0; c < count; ++c) store(sum[c] * share, out[first + c]);
          });
    }
  }
}

template <typename T, typename Size>
SCRAWL_INLINE void max_pool_gradient_of_size(const T* in, const T* gradient, const PoolExtent& e,
                                             Size size, T* __restrict out) {
  using Integer = Bits<T>;
  if (e.height % size != 0 || e.width % size != 0) {
    std::fill_n(out, e.height * e.width * e.channels, T{});
  }
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, gradient += e.channels) {
      const std::size_t corner = corner_of(e, y, x);
      for_lanes(
          e.channels, [&](std::size_t first, auto count) __attribute__((always_inline)) {
            Integer largest[lanes];
            Integer given[lanes];
            Integer open[lanes];  // all bits where the winner is still to come
            find_largest(in, e, size, corner + first, count, largest);
            for (std::size_t c = 0; c < count; ++c) given[c] = bits_of(gradient[first + c]);
            for (std::size_t c = 0; c < count; ++c) open[c] = -1;
            for (std::size_t i = 0; i < size * size; ++i) {
              const std::size_t at = pixel_of(e, size, corner, i) + first;
              Integer own[lanes];  // apart from `out`, which gcc cannot tell from the rest
              for (std::size_t c = 0; c < count; ++c) own[c] = order_of(bits_of(in[at + c]));
              for (std::size_t c = 0; c < count; ++c) {
                const auto wins = static_cast<Integer>(open[c] & (own[c] == largest[c] ? -1 : 0));
                own[c] = static_cast<Integer>(given[c] & wins);
                open[c] = static_cast<Integer>(open[c] & ~wins);
              }
              std::memcpy(static_cast<void*>(out + at), own, count * sizeof(T));
            }
          });
    }
  }
}

template <typename T>
SCRAWL_INLINE void max_pool_gradient_loop(const T* in, const T* gradient, const PoolExtent& e,
                                          T* __restrict out) {
  if (e.size == 2) return max_pool_gradient_of_size(in, gradient, e, two, out);
  max_pool_gradient_of_size(in, gradient, e, e.size, out);
}

template <typename T>
SCRAWL_INLINE void average_pool_gradient_loop(const T* gradient, const PoolExtent& e,
                                              T* __restrict out) {
  const float share = 1.0F / static_cast<float>(e.size * e.size);
  if (e.height % e.size != 0 || e.width % e.size != 0) {
    std::fill_n(out, e.height * e.width * e.channels, T{});
  }
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, gradient += e.channels) {
      const std::size_t corner = corner_of(e, y, x);
      for (std::size_t i = 0; i < e.size * e.size; ++i) {
        T* to = out + corner + (i / e.size * e.width + i % e.size) * e.channels;
        for (std::size_t c = 0; c < e.channels; ++c) store(load(gradient[c]) * share, to[c]);
      }
    }
  }
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

SCRAWL_CLONES void max_pool(const float* in, const PoolExtent& extent, float* out) {
  max_pool_loop(in, extent, out);
}

SCRAWL_CLONES void max_pool(const Bf16* in, const PoolExtent& extent, Bf16* out) {
  max_pool_loop(in, extent, out);
}

SCRAWL_CLONES void average_pool(const float* in, const PoolExtent& extent, float* out) {
  average_pool_loop(in, extent, out);
}

SCRAWL_CLONES void average_pool(const Bf16* in, const PoolExtent& extent, Bf16* out) {
  average_pool_loop(in, extent, out);
}

SCRAWL_CLONES void max_pool_gradient(const float* in, const float* gradient,
                                     const PoolExtent& extent, float* out) {
  max_pool_gradient_loop(in, gradient, extent, out);
}

SCRAWL_CLONES void max_pool_gradient(const Bf16* in, const Bf16* gradient, const PoolExtent& extent,
                                     Bf16* out) {
  max_pool_gradient_loop(in, gradient, extent, out);
}

SCRAWL_CLONES void average_pool_gradient(const float* gradient, const PoolExtent& extent,
                                         float* out) {
  average_pool_gradient_loop(gradient, extent, out);
}

SCRAWL_CLONES void average_pool_gradient(const Bf16* gradient, const PoolExtent& extent,
                                         Bf16* out) {
  average_pool_gradient_loop(gradient, extent, out);
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
