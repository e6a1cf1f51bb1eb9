#include "network/norm_lanes.hpp"

#include <cstddef>
#include <type_traits>

#include "network/lanes.hpp"

namespace scrawl::norm_lanes {

bool fit(Extent extent) {
  return extent.channels % lanes == 0 && has_bf16_lanes();
}

#if SCRAWL_HAS_LANES

namespace {

/// Rows whose sums are kept apart, since one sum can take a new value only when it has the last:
/// as many as the plain loops have, so that sums are the same.
constexpr std::size_t accumulators = 4;

/// Registers of channels that a loop has at once: two are a cache line of a row.
template <std::size_t width>
struct Channels {
  F32x16 part[width];
};

template <std::size_t width>
SCRAWL_BF16_LANES_INLINE Channels<width> load_channels(const float* from) {
  Channels<width> channels;
  for (std::size_t i = 0; i < width; ++i) channels.part[i] = load_lanes(from + i * lanes);
  return channels;
}

SCRAWL_BF16_LANES_INLINE F32x16 load_values(const Bf16* from) {
  return to_f32(load_bits(from));
}

SCRAWL_BF16_LANES_INLINE void store_values(F32x16 values, Bf16* to) {
  store_bits(round_to_bf16_at_once(values), to);
}

/// Two sums for each channel, each in `accumulators` parts.
template <std::size_t width>
struct Sums {
  F32x16 first[accumulators][width] = {};
  F32x16 second[accumulators][width] = {};

  SCRAWL_BF16_LANES_INLINE void add(std::size_t accumulator, std::size_t i, F32x16 value,
                                    F32x16 factor) {
    first[accumulator][i] += value;
    second[accumulator][i] = multiply_add(value, factor, second[accumulator][i]);
  }

  SCRAWL_BF16_LANES_INLINE void add_to(float* sum, float* product) const {
    for (std::size_t i = 0; i < width; ++i) {
      const F32x16 s = (first[0][i] + first[1][i]) + (first[2][i] + first[3][i]);
      const F32x16 p = (second[0][i] + second[1][i]) + (second[2][i] + second[3][i]);
      store_lanes(load_lanes(sum + i * lanes) + s, sum + i * lanes);
      store_lanes(load_lanes(product + i * lanes) + p, product + i * lanes);
    }
  }
};

template <std::size_t width>
SCRAWL_BF16_LANES_INLINE void add_moments_row(const Bf16* in, std::size_t accumulator,
                                              Sums<width>& sums) {
  for (std::size_t i = 0; i < width; ++i) {
    const F32x16 value = load_values(in + i * lanes);
    sums.add(accumulator, i, value, value);
  }
}

template <std::size_t width>
SCRAWL_BF16_LANES_TARGET void add_moments_of(const Bf16* in, Extent extent, float* sum,
                                             float* square) {
  Sums<width> sums;
  std::size_t row = 0;
  for (; row + accumulators <= extent.rows;
       row += accumulators, in += accumulators * extent.channels) {
    add_moments_row<width>(in, 0, sums);
    add_moments_row<width>(in + extent.channels, 1, sums);
    add_moments_row<width>(in + 2 * extent.channels, 2, sums);
    add_moments_row<width>(in + 3 * extent.channels, 3, sums);
  }
  for (; row < extent.rows; ++row, in += extent.channels) add_moments_row<width>(in, 0, sums);
  sums.add_to(sum, square);
}

template <std::size_t width, bool relu, bool adds>
SCRAWL_BF16_LANES_TARGET void scale_shift_of(const Bf16* in, const Bf16* added, Extent extent,
                                             const float* scale, const float* shift, Bf16* out) {
  const Channels<width> a = load_channels<width>(scale);
  const Channels<width> b = load_channels<width>(shift);
  for (std::size_t row = 0; row < extent.rows; ++row) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t at = row * extent.channels + i * lanes;
      F32x16 value = multiply_add(load_values(in + at), a.part[i], b.part[i]);
      if (adds) value += load_values(added + at);
      if (relu) value = larger_of(value, F32x16{});
      store_values(value, out + at);
    }
  }
}

/// The gradient where the ReLU gave something, 0 elsewhere.
template <bool relu>
SCRAWL_BF16_LANES_INLINE F32x16 masked(F32x16 gradient, F32x16 value, F32x16 scale, F32x16 shift) {
  if (!relu) return gradient;
  const Mask16 passed = is_larger(multiply_add(value, scale, shift), F32x16{});
  return choose(passed, gradient, F32x16{});
}

template <std::size_t width, bool relu>
SCRAWL_BF16_LANES_INLINE void add_gradient_row(const Bf16* in, const Bf16* gradient,
                                               const Channels<width>& a, const Channels<width>& b,
                                               std::size_t accumulator, Sums<width>& sums) {
  for (std::size_t i = 0; i < width; ++i) {
    const F32x16 value = load_values(in + i * lanes);
    const F32x16 g = masked<relu>(load_values(gradient + i * lanes), value, a.part[i], b.part[i]);
    sums.add(accumulator, i, g, value);
  }
}

template <std::size_t width, bool relu>
SCRAWL_BF16_LANES_TARGET void add_gradient_moments_of(const Bf16* in, const Bf16* gradient,
                                                      Extent extent, const float* scale,
                                                      const float* shift, float* sum,
                                                      float* product) {
  const Channels<width> a = load_channels<width>(scale);
  const Channels<width> b = load_channels<width>(shift);
  const std::size_t step = extent.channels;
  Sums<width> sums;
  std::size_t row = 0;
  for (; row + accumulators <= extent.rows; row += accumulators) {
    add_gradient_row<width, relu>(in, gradient, a, b, 0, sums);
    add_gradient_row<width, relu>(in + step, gradient + step, a, b, 1, sums);
    add_gradient_row<width, relu>(in + 2 * step, gradient + 2 * step, a, b, 2, sums);
    add_gradient_row<width, relu>(in + 3 * step, gradient + 3 * step, a, b, 3, sums);
    in += accumulators * step;
    gradient += accumulators * step;
  }
  for (; row < extent.rows; ++row, in += step, gradient += step) {
    add_gradient_row<width, relu>(in, gradient, a, b, 0, sums);
  }
  sums.add_to(sum, product);
}

template <std::size_t width, bool relu, bool adds>
SCRAWL_BF16_LANES_INLINE void take_residual_row(const Bf16* in, const Bf16* out, const Bf16* also,
                                                Bf16* gradient, std::size_t accumulator,
                                                Sums<width>& sums) {
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t at = i * lanes;
    F32x16 g = load_values(gradient + at);
    if (adds) g += load_values(also + at);
    if (relu) g = choose(is_larger(load_values(out + at), F32x16{}), g, F32x16{});
    const I16x16 rounded = round_to_bf16_at_once(g);
    store_bits(rounded, gradient + at);
    sums.add(accumulator, i, to_f32(rounded), load_values(in + at));
  }
}

template <std::size_t width, bool relu, bool adds>
SCRAWL_BF16_LANES_TARGET void take_residual_of(const Bf16* in, const Bf16* out, const Bf16* also,
                                               Extent extent, Bf16* gradient, float* sum,
                                               float* product) {
  const std::size_t step = extent.channels;
  Sums<width> sums;
  std::size_t at = 0;
  std::size_t row = 0;
  const auto also_at = [&](std::size_t place) { return adds ? also + place : nullptr; };
  for (; row + accumulators <= extent.rows; row += accumulators) {
    take_residual_row<width, relu, adds>(in + at, out + at, also_at(at), gradient + at, 0, sums);
    at += step;
    take_residual_row<width, relu, adds>(in + at, out + at, also_at(at), gradient + at, 1, sums);
    at += step;
    take_residual_row<width, relu, adds>(in + at, out + at, also_at(at), gradient + at, 2, sums);
    at += step;
    take_residual_row<width, relu, adds>(in + at, out + at, also_at(at), gradient + at, 3, sums);
    at += step;
  }
  for (; row < extent.rows; ++row, at += step) {
    take_residual_row<width, relu, adds>(in + at, out + at, also_at(at), gradient + at, 0, sums);
  }
  sums.add_to(sum, product);
}

template <std::size_t width, bool relu>
SCRAWL_BF16_LANES_TARGET void combine_gradient_of(const Bf16* in, const Bf16* gradient,
                                                  Extent extent, const float* scale,
                                                  const float* shift, Combination k, Bf16* out) {
  const Channels<width> s = load_channels<width>(scale);
  const Channels<width> t = load_channels<width>(shift);
  const Channels<width> a = load_channels<width>(k.a);
  const Channels<width> b = load_channels<width>(k.b);
  const Channels<width> d = load_channels<width>(k.d);
  for (std::size_t row = 0; row < extent.rows; ++row) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t at = row * extent.channels + i * lanes;
      const F32x16 value = load_values(in + at);
      const F32x16 g = masked<relu>(load_values(gradient + at), value, s.part[i], t.part[i]);
      const F32x16 rest = multiply_add(a.part[i], g, b.part[i] * value) + d.part[i];
      store_values(rest, out + at);
    }
  }
}

/// Calls body(first channel, width as a constant) for groups of two registers of channels, and
/// for one that is left.
template <typename Body>
void for_groups(std::size_t channels, Body body) {
  std::size_t c = 0;
  for (; c + 2 * lanes <= channels; c += 2 * lanes) {
    body(c, std::integral_constant<std::size_t, 2>());
  }
  if (c < channels) body(c, std::integral_constant<std::size_t, 1>());
}

/// Calls run with both as constants.
template <typename Run>
void choose_code(bool first, bool second, Run run) {
  using Yes = std::true_type;
  using No = std::false_type;
  if (first) return second ? run(Yes(), Yes()) : run(Yes(), No());
  second ? run(No(), Yes()) : run(No(), No());
}

}  // namespace

void add_moments(const Bf16* in, Extent extent, float* sum, float* square) {
  for_groups(extent.channels, [&](std::size_t c, auto width) {
    add_moments_of<width>(in + c, extent, sum + c, square + c);
  });
}

void scale_shift(const Bf16* in, const Bf16* added, Extent extent, const float* scale,
                 const float* shift, bool relu, Bf16* out) {
  for_groups(extent.channels, [&](std::size_t c, auto width) {
    const auto run = [&](auto with_relu, auto adds) {
      scale_shift_of<width, with_relu, adds>(in + c, adds ? added + c : nullptr, extent, scale + c,
                                             shift + c, out + c);
    };
    choose_code(relu, added != nullptr, run);
  });
}

void add_gradient_moments(const Bf16* in, const Bf16* gradient, Extent extent, const float* scale,
                          const float* shift, bool relu, float* sum, float* product) {
  for_groups(extent.channels, [&](std::size_t c, auto width) {
    const auto run = [&](auto with_relu) {
      add_gradient_moments_of<width, with_relu>(in + c, gradient + c, extent, scale + c, shift + c,
                                                sum + c, product + c);
    };
    relu ? run(std::true_type()) : run(std::false_type());
  });
}

void take_residual_gradient(const Bf16* in, const Bf16* out, const Bf16* also, Extent extent,
                            bool relu, Bf16* gradient, float* sum, float* product) {
  for_groups(extent.channels, [&](std::size_t c, auto width) {
    const auto run = [&](auto with_relu, auto adds) {
      take_residual_of<width, with_relu, adds>(in + c, out + c, adds ? also + c : nullptr, extent,
                                               gradient + c, sum + c, product + c);
    };
    choose_code(relu, also != nullptr, run);
  });
}

void combine_gradient(const Bf16* in, const Bf16* gradient, Extent extent, const float* scale,
                      const float* shift, bool relu, Combination k, Bf16* out) {
  for_groups(extent.channels, [&](std::size_t c, auto width) {
    const auto run = [&](auto with_relu) {
      combine_gradient_of<width, with_relu>(in + c, gradient + c, extent, scale + c, shift + c,
                                            {k.a + c, k.b + c, k.d + c}, out + c);
    };
    relu ? run(std::true_type()) : run(std::false_type());
  });
}

#else

void add_moments(const Bf16*, Extent, float*, float*) {
  fail_without_lanes();
}

void scale_shift(const Bf16*, const Bf16*, Extent, const float*, const float*, bool, Bf16*) {
  fail_without_lanes();
}

void add_gradient_moments(const Bf16*, const Bf16*, Extent, const float*, const float*, bool,
                          float*, float*) {
  fail_without_lanes();
}

void take_residual_gradient(const Bf16*, const Bf16*, const Bf16*, Extent, bool, Bf16*, float*,
                            float*) {
  fail_without_lanes();
}

void combine_gradient(const Bf16*, const Bf16*, Extent, const float*, const float*, bool,
                      Combination, Bf16*) {
  fail_without_lanes();
}

#endif

}  // namespace scrawl::norm_lanes
