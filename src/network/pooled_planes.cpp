#include "network/pooled_planes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include "network/lanes.hpp"
#endif

namespace scrawl {

#if defined(__x86_64__)

bool PooledPlanes::is_supported() const {
  const bool has_code = (plane.kernel == 3 || plane.kernel == 5) && plane.stride == 1;
  return plane.is_supported() && has_code && plane.outputs % 16 == 0 && pool.size >= 3;
}

namespace {

// 16 channels of a pixel, in an order that integers or floats compare, and who is larger.

SCRAWL_LANES_INLINE __m512 load_lanes(const float* from) {
  return _mm512_loadu_ps(from);
}

SCRAWL_LANES_INLINE __mmask16 is_larger(__m512 a, __m512 b) {
  return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ);
}

SCRAWL_LANES_INLINE __m512 choose(__mmask16 which, __m512 others, __m512 those) {
  return _mm512_mask_mov_ps(others, which, those);
}

SCRAWL_LANES_INLINE void store_lanes(__m512 values, float* to) {
  _mm512_storeu_ps(to, values);
}

SCRAWL_LANES_INLINE __m256i load_lanes(const Bf16* from) {
  return change_order(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}

SCRAWL_LANES_INLINE __mmask16 is_larger(__m256i a, __m256i b) {
  return _mm256_cmpgt_epi16_mask(a, b);
}

SCRAWL_LANES_INLINE __m256i choose(__mmask16 which, __m256i others, __m256i those) {
  return _mm256_mask_mov_epi16(others, which, those);
}

SCRAWL_LANES_INLINE void store_lanes(__m256i values, Bf16* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), change_order(values));
}

template <typename T>
SCRAWL_LANES_INLINE void max_pool_square(const T* corner, const PooledPlanes& planes, T* out,
                                         std::uint16_t* winners) {
  const PoolExtent& pool = planes.pool;
  auto largest = load_lanes(corner);
  __m256i winner = _mm256_setzero_si256();
  for (std::size_t y = 0; y < pool.size; ++y) {
    const T* row = corner + y * pool.width * pool.channels;
    for (std::size_t x = 0; x < pool.size; ++x) {
      const auto values = load_lanes(row + x * pool.channels);
      const __mmask16 wins = is_larger(values, largest);
      const auto place = static_cast<std::int16_t>(y * planes.padded_width() + x);
      largest = choose(wins, largest, values);
      winner = choose(wins, winner, _mm256_set1_epi16(place));
    }
  }
  store_lanes(largest, out);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(winners), winner);
}

template <typename T>
SCRAWL_LANES_INLINE void max_pool_all(const T* in, const PooledPlanes& planes, T* out,
                                      std::uint16_t* winners) {
  const PoolExtent& pool = planes.pool;
  for (std::size_t y = 0; y < pool.out_height(); ++y) {
    for (std::size_t x = 0; x < pool.out_width(); ++x) {
      const T* corner = in + (y * pool.width + x) * pool.size * pool.channels;
      for (std::size_t c = 0; c < pool.channels; c += 16, out += 16, winners += 16) {
        max_pool_square(corner + c, planes, out, winners);
      }
    }
  }
}

/// Channels whose sums stay in registers together, one for each kernel row.
constexpr std::size_t at_once = 4;

/// The sums of some channels: each register holds a kernel row, and beyond it what nobody needs.
template <std::size_t Kernel, typename T>
SCRAWL_LANES_INLINE void add_winners(const float* padded, const T* gradient,
                                     const std::uint16_t* winners, std::size_t images,
                                     const PooledPlanes& planes, __m256 (&sums)[at_once][Kernel]) {
  const PoolExtent& pool = planes.pool;
  const std::size_t row_size = planes.padded_width();
  for (std::size_t i = 0; i < images; ++i, padded += planes.plane.padded_size()) {
    for (std::size_t y = 0; y < pool.out_height(); ++y) {
      const float* corner = padded + y * pool.size * row_size;
      for (std::size_t x = 0; x < pool.out_width(); ++x, corner += pool.size) {
        for (std::size_t c = 0; c < at_once; ++c) {
          const float* seen = corner + winners[c];
          const __m256 factor = _mm256_set1_ps(load(gradient[c]));
          for (std::size_t ky = 0; ky < Kernel; ++ky) {
            const __m256 pixels = _mm256_loadu_ps(seen + ky * row_size);
            sums[c][ky] = _mm256_fmadd_ps(pixels, factor, sums[c][ky]);
          }
        }
        winners += pool.channels;
        gradient += pool.channels;
      }
    }
  }
}

template <std::size_t Kernel, typename T>
SCRAWL_LANES_INLINE void weight_gradient_of(const float* padded, const T* gradient,
                                            const std::uint16_t* winners, std::size_t images,
                                            const PooledPlanes& planes, float* out) {
  const std::size_t channels = planes.pool.channels;
  for (std::size_t first = 0; first < channels; first += at_once) {
    __m256 sums[at_once][Kernel];
    for (auto& of_channel : sums) {
      for (__m256& row : of_channel) row = _mm256_setzero_ps();
    }
    add_winners<Kernel>(padded, gradient + first, winners + first, images, planes, sums);
    for (std::size_t c = 0; c < at_once; ++c) {
      for (std::size_t ky = 0; ky < Kernel; ++ky) {
        alignas(32) float row[8];
        _mm256_store_ps(row, sums[c][ky]);
        for (std::size_t kx = 0; kx < Kernel; ++kx) {
          out[(ky * Kernel + kx) * channels + first + c] = row[kx];
        }
      }
    }
  }
}

}  // namespace

SCRAWL_LANES_TARGET void max_pool(const float* in, const PooledPlanes& planes, float* out,
                                  std::uint16_t* winners) {
  max_pool_all(in, planes, out, winners);
}

SCRAWL_LANES_TARGET void max_pool(const Bf16* in, const PooledPlanes& planes, Bf16* out,
                                  std::uint16_t* winners) {
  max_pool_all(in, planes, out, winners);
}

SCRAWL_LANES_TARGET void weight_gradient(const float* padded, const float* gradient,
                                         const std::uint16_t* winners, std::size_t images,
                                         const PooledPlanes& planes, float* out) {
  planes.plane.kernel == 3 ? weight_gradient_of<3>(padded, gradient, winners, images, planes, out)
                           : weight_gradient_of<5>(padded, gradient, winners, images, planes, out);
}

SCRAWL_LANES_TARGET void weight_gradient(const float* padded, const Bf16* gradient,
                                         const std::uint16_t* winners, std::size_t images,
                                         const PooledPlanes& planes, float* out) {
  planes.plane.kernel == 3 ? weight_gradient_of<3>(padded, gradient, winners, images, planes, out)
                           : weight_gradient_of<5>(padded, gradient, winners, images, planes, out);
}

#else

bool PooledPlanes::is_supported() const {
  return false;
}

void max_pool(const float*, const PooledPlanes&, float*, std::uint16_t*) {}
void max_pool(const Bf16*, const PooledPlanes&, Bf16*, std::uint16_t*) {}
void weight_gradient(const float*, const float*, const std::uint16_t*, std::size_t,
                     const PooledPlanes&, float*) {}
void weight_gradient(const float*, const Bf16*, const std::uint16_t*, std::size_t,
                     const PooledPlanes&, float*) {}

#endif

}  // namespace scrawl
