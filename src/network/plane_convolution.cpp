#include "network/plane_convolution.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "network/lanes.hpp"

namespace scrawl {

namespace {

template <typename T>
void pad(const T* in, const PlaneConvolution& s, float* padded) {
  const std::size_t width = s.width + 2 * s.padding;
  std::fill_n(padded, s.padded_size(), 0.0F);
  for (std::size_t y = 0; y < s.height; ++y, in += s.width) {
    float* row = padded + (y + s.padding) * width + s.padding;
    for (std::size_t x = 0; x < s.width; ++x) row[x] = load(in[x]);
  }
}

}  // namespace

void pad_plane(const float* in, const PlaneConvolution& shape, float* padded) {
  pad(in, shape, padded);
}

void pad_plane(const Bf16* in, const PlaneConvolution& shape, float* padded) {
  pad(in, shape, padded);
}

bool PlaneConvolution::is_supported() const {
  return stride <= 2 && has_bf16_lanes();
}

#if SCRAWL_HAS_LANES

namespace {

/// Each pixel (lower half) with its neighbor to the right (upper half).
void pad_in_pairs(const Bf16* in, const PlaneConvolution& s, std::uint32_t* padded) {
  const std::size_t width = s.width + 2 * s.padding;
  std::fill_n(padded, s.padded_size() + 1, 0U);
  for (std::size_t y = 0; y < s.height; ++y) {
    std::uint32_t* row = padded + (y + s.padding) * width + s.padding;
    const Bf16* from = in + y * s.width;
    if (s.padding > 0) row[-1] = std::uint32_t{from[0].bits} << 16;
    for (std::size_t x = 0; x + 1 < s.width; ++x) {
      row[x] = from[x].bits | std::uint32_t{from[x + 1].bits} << 16;
    }
    row[s.width - 1] = from[s.width - 1].bits;
  }
}

SCRAWL_BF16_LANES_INLINE void store_rounded(F32x16 values, float* to, Mask16 mask) {
  store_lanes(values, to, mask);
}

SCRAWL_BF16_LANES_INLINE void store_rounded(F32x16 values, Bf16* to, Mask16 mask) {
  store_bits(round_to_bf16_at_once(values), to, mask);
}

/// What 16 channels, or those of them that there are, add to their sums.
struct Channels {
  Mask16 mask;
  F32x16 bias;
  F32x16 floor;
};

/// `Count` output pixels side by side, the first of which sees the padded picture from `from` on;
/// up to 16 channels of each. N is what the picture is made of: a pixel, or a pair of them.
template <std::size_t Count, std::size_t Stride, typename N, typename T>
SCRAWL_BF16_LANES_INLINE void convolve_pixels(const PlaneConvolution& s, const N* from,
                                              const N* weights, const Channels& own, T* out) {
  constexpr std::size_t columns = std::is_same_v<N, float> ? 1 : 2;  // at a step
  const std::size_t row_size = s.width + 2 * s.padding;
  F32x16 sum[Count];
  for (std::size_t p = 0; p < Count; ++p) sum[p] = own.bias;
  for (std::size_t ky = 0; ky < s.kernel; ++ky) {
    const N* row = from + ky * row_size;
    for (std::size_t kx = 0; kx < s.kernel; kx += columns, weights += s.outputs) {
      const auto factors = load_lanes(weights, own.mask);
      for (std::size_t p = 0; p < Count; ++p) {
        sum[p] = multiply_add(repeat(row[p * Stride + kx]), factors, sum[p]);
      }
    }
  }
  for (std::size_t p = 0; p < Count; ++p) {
    store_rounded(larger_of(sum[p], own.floor), out + p * s.outputs, own.mask);
  }
}

/// The pixels of a row from `x` on, as many at a time, as far as that goes; where the next is.
template <std::size_t Count, std::size_t Stride, typename N, typename T>
SCRAWL_BF16_LANES_INLINE std::size_t convolve_row(const PlaneConvolution& s, const N* from,
                                                  std::size_t x, const N* weights,
                                                  const Channels& own, T* out) {
  for (; x + Count <= s.out_width; x += Count) {
    convolve_pixels<Count, Stride>(s, from + x * Stride, weights, own, out + x * s.outputs);
  }
  return x;
}

template <std::size_t Stride, typename N, typename T>
SCRAWL_BF16_LANES_INLINE void convolve(const PlaneConvolution& s, const N* padded, const N* weights,
                                       const float* bias, bool relu, T* out) {
  const std::size_t row_size = s.width + 2 * s.padding;
  const F32x16 floor = relu ? F32x16{} : repeat(-std::numeric_limits<float>::infinity());
  for (std::size_t first = 0; first < s.outputs; first += lanes) {
    const Mask16 mask = first_lanes(s.outputs - first);
    const Channels own{mask, bias == nullptr ? F32x16{} : load_lanes(bias + first, mask), floor};
    for (std::size_t y = 0; y < s.out_height; ++y) {
      const N* from = padded + y * Stride * row_size;
      T* to = out + y * s.out_width * s.outputs + first;
      std::size_t x = 0;
      // A sum takes a new product only when it has the last, some cycles later: many at once.
      x = convolve_row<8, Stride>(s, from, x, weights + first, own, to);
      x = convolve_row<4, Stride>(s, from, x, weights + first, own, to);
      convolve_row<1, Stride>(s, from, x, weights + first, own, to);
    }
  }
}

}  // namespace

SCRAWL_BF16_LANES_TARGET void convolve_plane(const float* in, const PlaneConvolution& shape,
                                             const float* weights, const float* bias, bool relu,
                                             float* padded, float* out) {
  pad(in, shape, padded);
  shape.stride == 1 ? convolve<1>(shape, padded, weights, bias, relu, out)
                    : convolve<2>(shape, padded, weights, bias, relu, out);
}

SCRAWL_BF16_LANES_TARGET void convolve_plane(const Bf16* in, const PlaneConvolution& shape,
                                             const std::uint32_t* weights, const float* bias,
                                             bool relu, std::uint32_t* padded, Bf16* out) {
  pad_in_pairs(in, shape, padded);
  shape.stride == 1 ? convolve<1>(shape, padded, weights, bias, relu, out)
                    : convolve<2>(shape, padded, weights, bias, relu, out);
}

#else

void convolve_plane(const float*, const PlaneConvolution&, const float*, const float*, bool, float*,
                    float*) {
  fail_without_lanes();
}
void convolve_plane(const Bf16*, const PlaneConvolution&, const std::uint32_t*, const float*, bool,
                    std::uint32_t*, Bf16*) {
  fail_without_lanes();
}

#endif

void pair_weights(const float* weights, const PlaneConvolution& s, std::uint32_t* pairs) {
  for (std::size_t ky = 0; ky < s.kernel; ++ky) {
    for (std::size_t kx = 0; kx < s.kernel; kx += 2) {
      const float* row = weights + (ky * s.kernel + kx) * s.outputs;
      for (std::size_t c = 0; c < s.outputs; ++c, ++pairs) {
        Bf16 left;
        Bf16 right;
        store(row[c], left);
        store(kx + 1 < s.kernel ? row[s.outputs + c] : 0.0F, right);
        *pairs = left.bits | std::uint32_t{right.bits} << 16;
      }
    }
  }
}

}  // namespace scrawl
