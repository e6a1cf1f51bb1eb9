#include "network/plane_convolution.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#define SCRAWL_BF16_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#endif

namespace scrawl {

namespace {

constexpr std::size_t lanes = 16;  // floats in a register

/// The picture with zeros around it, in f32.
template <typename T>
void pad(const T* in, const PlaneConvolution& s, float* padded) {
  const std::size_t width = s.width + 2 * s.padding;
  std::fill_n(padded, s.padded_size(), 0.0F);
  for (std::size_t y = 0; y < s.height; ++y) {
    float* row = padded + (y + s.padding) * width + s.padding;
    for (std::size_t x = 0; x < s.width; ++x) row[x] = load(in[y * s.width + x]);
  }
}

}  // namespace

#if defined(__x86_64__)

bool PlaneConvolution::is_supported() const {
  return outputs % lanes == 0 && __builtin_cpu_supports("avx512bf16") != 0;
}

namespace {

SCRAWL_BF16_TARGET inline __attribute__((always_inline)) void store_lanes(__m512 values,
                                                                          float* to) {
  _mm512_storeu_ps(to, values);
}

SCRAWL_BF16_TARGET inline __attribute__((always_inline)) void store_lanes(__m512 values, Bf16* to) {
  const __m256bh rounded = _mm512_cvtneps_pbh(values);
  std::memcpy(static_cast<void*>(to), &rounded, sizeof rounded);
}

/// `Count` output pixels side by side, the first of which sees the padded picture from `from` on;
/// 16 channels of each.
template <int Count, typename T>
SCRAWL_BF16_TARGET inline __attribute__((always_inline)) void convolve_pixels(
    const PlaneConvolution& s, const float* from, const float* weights, __m512 bias, __m512 floor,
    T* out) {
  const std::size_t row_size = s.width + 2 * s.padding;
  __m512 sum[Count];
  for (int p = 0; p < Count; ++p) sum[p] = bias;
  for (std::size_t ky = 0; ky < s.kernel; ++ky) {
    const float* row = from + ky * row_size;
    for (std::size_t kx = 0; kx < s.kernel; ++kx, weights += s.outputs) {
      const __m512 weight = _mm512_loadu_ps(weights);
      for (int p = 0; p < Count; ++p) {
        const __m512 value = _mm512_set1_ps(row[static_cast<std::size_t>(p) * s.stride + kx]);
        sum[p] = _mm512_fmadd_ps(value, weight, sum[p]);
      }
    }
  }
  for (int p = 0; p < Count; ++p) {
    store_lanes(_mm512_max_ps(sum[p], floor), out + static_cast<std::size_t>(p) * s.outputs);
  }
}

template <typename T>
SCRAWL_BF16_TARGET inline __attribute__((always_inline)) void convolve(const PlaneConvolution& s,
                                                                       const float* padded,
                                                                       const float* weights,
                                                                       const float* bias, bool relu,
                                                                       T* out) {
  // A sum takes a new product only when it has the last, four cycles later.
  constexpr int at_once = 4;
  const std::size_t row_size = s.width + 2 * s.padding;
  const __m512 floor =
      relu ? _mm512_setzero_ps() : _mm512_set1_ps(-std::numeric_limits<float>::infinity());
  for (std::size_t first = 0; first < s.outputs; first += lanes) {
    const __m512 own_bias = bias == nullptr ? _mm512_setzero_ps() : _mm512_loadu_ps(bias + first);
    for (std::size_t y = 0; y < s.out_height; ++y) {
      const float* from = padded + y * s.stride * row_size;
      T* to = out + y * s.out_width * s.outputs + first;
      std::size_t x = 0;
      for (; x + at_once <= s.out_width; x += at_once) {
        convolve_pixels<at_once>(s, from + x * s.stride, weights + first, own_bias, floor,
                                 to + x * s.outputs);
      }
      for (; x < s.out_width; ++x) {
        convolve_pixels<1>(s, from + x * s.stride, weights + first, own_bias, floor,
                           to + x * s.outputs);
      }
    }
  }
}

}  // namespace

SCRAWL_BF16_TARGET void convolve_plane(const float* in, const PlaneConvolution& shape,
                                       const float* weights, const float* bias, bool relu,
                                       float* padded, float* out) {
  pad(in, shape, padded);
  convolve(shape, padded, weights, bias, relu, out);
}

SCRAWL_BF16_TARGET void convolve_plane(const Bf16* in, const PlaneConvolution& shape,
                                       const float* weights, const float* bias, bool relu,
                                       float* padded, Bf16* out) {
  pad(in, shape, padded);
  convolve(shape, padded, weights, bias, relu, out);
}

#else

bool PlaneConvolution::is_supported() const {
  return false;
}

void convolve_plane(const float*, const PlaneConvolution&, const float*, const float*, bool, float*,
                    float*) {}
void convolve_plane(const Bf16*, const PlaneConvolution&, const float*, const float*, bool, float*,
                    Bf16*) {}

#endif

}  // namespace scrawl
