#include "network/channel_kernels.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "network/clones.hpp"
#include "network/norm_lanes.hpp"

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
constexpr std::size_t accumulators = 4;

/// Calls add(row, accumulator) for each row; what is added in a accumulator is a sum of its own.
template <typename Add>
SCRAWL_INLINE void for_accumulators(std::size_t rows, Add add) {
  std::size_t row = 0;
  for (; row + accumulators <= rows; row += accumulators) {
    for (std::size_t accumulator = 0; accumulator < accumulators; ++accumulator)
      add(row + accumulator, accumulator);
  }
  for (; row < rows; ++row) add(row, 0);
}

template <typename T>
SCRAWL_INLINE void add_moments_loop(const T* in, Extent extent, float* __restrict sum,
                                    float* __restrict square) {
  for_lanes(
      extent.channels, [&](std::size_t first, auto count) __attribute__((always_inline)) {
        float s[accumulators][lanes] = {};
        float q[accumulators][lanes] = {};
        for_accumulators(
            extent.rows, [&](std::size_t row, std::size_t accumulator)
                             __attribute__((always_inline)) {
                               const T* from = in + row * extent.channels + first;
                               for (std::size_t c = 0; c < count; ++c) {
                                 const float value = load(from[c]);
                                 s[accumulator][c] += value;
                                 q[accumulator][c] += value * value;
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

/// Rarely what takes time: in simple loops.
template <typename T>
SCRAWL_INLINE void scale_shift_add_loop(const T* in, const T* added, Extent extent,
                                        const float* scale, const float* shift, bool relu,
                                        T* __restrict out) {
  const float floor = relu ? 0.0F : -std::numeric_limits<float>::infinity();
  for (std::size_t row = 0; row < extent.rows; ++row) {
    const std::size_t at = row * extent.channels;
    for (std::size_t c = 0; c < extent.channels; ++c) {
      const float value = load(in[at + c]) * scale[c] + shift[c] + load(added[at + c]);
      store(value > floor ? value : floor, out[at + c]);
    }
  }
}

template <typename T>
SCRAWL_INLINE void take_residual_gradient_loop(const T* in, const T* out, const T* also,
                                               Extent extent, bool relu, T* gradient, float* sum,
                                               float* product) {
  for (std::size_t row = 0; row < extent.rows; ++row) {
    for (std::size_t c = 0; c < extent.channels; ++c) {
      const std::size_t at = row * extent.channels + c;
      const float both = load(gradient[at]) + (also != nullptr ? load(also[at]) : 0.0F);
      store(relu && !(load(out[at]) > 0) ? 0.0F : both, gradient[at]);
      sum[c] += load(gradient[at]);
      product[c] += load(gradient[at]) * load(in[at]);
    }
  }
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
        float s[accumulators][lanes] = {};
        float p[accumulators][lanes] = {};
        for (std::size_t c = 0; c < count; ++c) {
          a[c] = scale[first + c];
          b[c] = shift[first + c];
        }
        for_accumulators(
            extent.rows, [&](std::size_t row,
                             std::size_t accumulator) __attribute__((always_inline)) {
              const std::size_t at = row * extent.channels + first;
              for (std::size_t c = 0; c < count; ++c) {
                const float value = load(in[at + c]);
                const float given =
                    load(gradient[at + c]);  // always, so that the loop becomes vectors
                const float g = value * a[c] + b[c] > floor ? given : 0.0F;
                s[accumulator][c] += g;
                p[accumulator][c] += g * value;
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
  for_lanes(
      count, [&](std::size_t first, auto size) __attribute__((always_inline)) {
        for (std::size_t c = 0; c < size; ++c) {
          const float value = load(values[first + c]);
          store(value > 0 ? value : 0.0F, values[first + c]);
        }
      });
}

template <typename T>
SCRAWL_INLINE void add_loop(const T* left, const T* right, std::size_t count, T* out) {
  for_lanes(
      count, [&](std::size_t first, auto size) __attribute__((always_inline)) {
        for (std::size_t c = 0; c < size; ++c) {
          store(load(left[first + c]) + load(right[first + c]), out[first + c]);
        }
      });
}

/// tanh(x) = x P(x^2) / Q(x^2), fitted by weighted least squares; beyond 7.9 it is 1 in f32.
SCRAWL_INLINE float tanh_of(float x) {
  constexpr float one = 7.90531F;
  // Not std::clamp, whose references keep gcc from vectors.
  const float above = x > -one ? x : -one;
  const float bounded = above < one ? above : one;
  const float u = bounded * bounded;
  float p = -1.19044314e-13F;
  p = p * u + 6.47633838e-11F;
  p = p * u - 2.25138467e-08F;
  p = p * u + 1.16869281e-05F;
  p = p * u + 0.00315341181F;
  p = p * u + 0.131279233F;
  p = p * u + 0.999999998F;
  float q = 0.000261898140F;
  q = q * u + 0.0246909565F;
  q = q * u + 0.464612551F;
  q = q * u + 1;
  return bounded * p / q;
}

/// By way of f32 in blocks, each loop of which gcc makes into vectors; all in one, it does not.
template <typename T>
SCRAWL_INLINE void tanh_loop(const T* in, std::size_t count, T* __restrict out) {
  constexpr std::size_t block = 256;
  float values[block];
  for (std::size_t begin = 0; begin < count; begin += block) {
    const std::size_t size = std::min(block, count - begin);
    for (std::size_t i = 0; i < size; ++i) values[i] = load(in[begin + i]);
    for (std::size_t i = 0; i < size; ++i) values[i] = tanh_of(values[i]);
    for (std::size_t i = 0; i < size; ++i) store(values[i], out[begin + i]);
  }
}

template <typename T>
SCRAWL_INLINE void tanh_gradient_loop(const T* activation, const T* gradient, std::size_t count,
                                      T* __restrict out) {
  for_lanes(
      count, [&](std::size_t first, auto size) __attribute__((always_inline)) {
        for (std::size_t c = 0; c < size; ++c) {
          const float a = load(activation[first + c]);
          store(load(gradient[first + c]) * (1 - a * a), out[first + c]);
        }
      });
}

template <typename T>
SCRAWL_INLINE void drop_loop(const T* in, const std::uint32_t* bits, std::uint32_t limit,
                             float scale, std::size_t count, T* __restrict out) {
  for_lanes(
      count, [&](std::size_t first, auto size) __attribute__((always_inline)) {
        for (std::size_t c = 0; c < size; ++c) {
          const float kept = bits[first + c] < limit ? scale : 0.0F;
          store(load(in[first + c]) * kept, out[first + c]);
        }
      });
}

}  // namespace

SCRAWL_CLONES void add_moments(const float* in, Extent extent, float* sum, float* square) {
  add_moments_loop(in, extent, sum, square);
}

SCRAWL_CLONES void scale_shift(const float* in, Extent extent, const float* scale,
                               const float* shift, bool relu, float* out) {
  scale_shift_loop(in, extent, scale, shift, relu, out);
}

SCRAWL_CLONES void scale_shift_add(const float* in, const float* added, Extent extent,
                                   const float* scale, const float* shift, bool relu, float* out) {
  scale_shift_add_loop(in, added, extent, scale, shift, relu, out);
}

SCRAWL_CLONES void add_gradient_moments(const float* in, const float* gradient, Extent extent,
                                        const float* scale, const float* shift, bool relu,
                                        float* sum, float* product) {
  add_gradient_moments_loop(in, gradient, extent, scale, shift, relu, sum, product);
}

SCRAWL_CLONES void take_residual_gradient(const float* in, const float* out, const float* also,
                                          Extent extent, bool relu, float* gradient, float* sum,
                                          float* product) {
  take_residual_gradient_loop(in, out, also, extent, relu, gradient, sum, product);
}

SCRAWL_CLONES void combine_gradient(const float* in, const float* gradient, Extent extent,
                                    const float* scale, const float* shift, bool relu,
                                    Combination combination, float* out) {
  combine_gradient_loop(in, gradient, extent, scale, shift, relu, combination, out);
}

// Of bfloat16, where norm_lanes has no code for it.

SCRAWL_CLONES static void plain_add_moments(const Bf16* in, Extent extent, float* sum,
                                            float* square) {
  add_moments_loop(in, extent, sum, square);
}

SCRAWL_CLONES static void plain_scale_shift(const Bf16* in, Extent extent, const float* scale,
                                            const float* shift, bool relu, Bf16* out) {
  scale_shift_loop(in, extent, scale, shift, relu, out);
}

SCRAWL_CLONES static void plain_add_gradient_moments(const Bf16* in, const Bf16* gradient,
                                                     Extent extent, const float* scale,
                                                     const float* shift, bool relu, float* sum,
                                                     float* product) {
  add_gradient_moments_loop(in, gradient, extent, scale, shift, relu, sum, product);
}

SCRAWL_CLONES static void plain_combine_gradient(const Bf16* in, const Bf16* gradient,
                                                 Extent extent, const float* scale,
                                                 const float* shift, bool relu,
                                                 Combination combination, Bf16* out) {
  combine_gradient_loop(in, gradient, extent, scale, shift, relu, combination, out);
}

void add_moments(const Bf16* in, Extent extent, float* sum, float* square) {
  norm_lanes::fit(extent) ? norm_lanes::add_moments(in, extent, sum, square)
                          : plain_add_moments(in, extent, sum, square);
}

void scale_shift(const Bf16* in, Extent extent, const float* scale, const float* shift, bool relu,
                 Bf16* out) {
  norm_lanes::fit(extent) ? norm_lanes::scale_shift(in, nullptr, extent, scale, shift, relu, out)
                          : plain_scale_shift(in, extent, scale, shift, relu, out);
}

void scale_shift_add(const Bf16* in, const Bf16* added, Extent extent, const float* scale,
                     const float* shift, bool relu, Bf16* out) {
  norm_lanes::fit(extent) ? norm_lanes::scale_shift(in, added, extent, scale, shift, relu, out)
                          : scale_shift_add_loop(in, added, extent, scale, shift, relu, out);
}

void add_gradient_moments(const Bf16* in, const Bf16* gradient, Extent extent, const float* scale,
                          const float* shift, bool relu, float* sum, float* product) {
  norm_lanes::fit(extent)
      ? norm_lanes::add_gradient_moments(in, gradient, extent, scale, shift, relu, sum, product)
      : plain_add_gradient_moments(in, gradient, extent, scale, shift, relu, sum, product);
}

void take_residual_gradient(const Bf16* in, const Bf16* out, const Bf16* also, Extent extent,
                            bool relu, Bf16* gradient, float* sum, float* product) {
  norm_lanes::fit(extent)
      ? norm_lanes::take_residual_gradient(in, out, also, extent, relu, gradient, sum, product)
      : take_residual_gradient_loop(in, out, also, extent, relu, gradient, sum, product);
}

void combine_gradient(const Bf16* in, const Bf16* gradient, Extent extent, const float* scale,
                      const float* shift, bool relu, Combination combination, Bf16* out) {
  norm_lanes::fit(extent)
      ? norm_lanes::combine_gradient(in, gradient, extent, scale, shift, relu, combination, out)
      : plain_combine_gradient(in, gradient, extent, scale, shift, relu, combination, out);
}

SCRAWL_CLONES void relu(float* values, std::size_t count) {
  relu_loop(values, count);
}

SCRAWL_CLONES void relu(Bf16* values, std::size_t count) {
  relu_loop(values, count);
}

SCRAWL_CLONES void add(const float* left, const float* right, std::size_t count, float* out) {
  add_loop(left, right, count, out);
}

SCRAWL_CLONES void add(const Bf16* left, const Bf16* right, std::size_t count, Bf16* out) {
  add_loop(left, right, count, out);
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
