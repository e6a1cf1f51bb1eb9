#include "network/pooling.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "network/clones.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace scrawl {

namespace {

/// The upper left pixel of the square that gives output pixel (y, x).
std::size_t corner_of(const PoolExtent& e, std::size_t y, std::size_t x) {
  return (y * e.size * e.width + x * e.size) * e.channels;
}

/// Pixel i of the square whose upper left one is at `corner`.
std::size_t pixel_of(const PoolExtent& e, std::size_t corner, std::size_t i) {
  return corner + (i / e.size * e.width + i % e.size) * e.channels;
}

/// Calls body(corner in the input, pixel in the output) for each output pixel.
template <typename Body>
[[gnu::always_inline]] inline void for_squares(const PoolExtent& e, Body body) {
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x) {
      body(corner_of(e, y, x), (y * e.out_width() + x) * e.channels);
    }
  }
}

/// Zeros for what no square covers.
template <typename T>
void clear_edges(const PoolExtent& e, T* out) {
  if (e.height % e.size != 0 || e.width % e.size != 0) {
    std::fill_n(out, e.height * e.width * e.channels, T{});
  }
}

template <typename T>
void max_pool_any(const T* in, const PoolExtent& e, T* out) {
  for_squares(e, [&](std::size_t corner, std::size_t to) {
    for (std::size_t c = 0; c < e.channels; ++c) {
      float largest = load(in[corner + c]);
      for (std::size_t i = 1; i < e.size * e.size; ++i) {
        largest = std::max(largest, load(in[pixel_of(e, corner, i) + c]));
      }
      store(largest, out[to + c]);
    }
  });
}

[[gnu::always_inline]] inline void max_pool_bytes(const std::uint8_t* in, const PoolExtent& e,
                                                  std::uint8_t* __restrict out) {
  for_squares(
      e, [&](std::size_t corner, std::size_t to) __attribute__((always_inline)) {
        std::copy_n(in + corner, e.channels, out + to);
        for (std::size_t i = 1; i < e.size * e.size; ++i) {
          const std::uint8_t* from = in + pixel_of(e, corner, i);
          for (std::size_t c = 0; c < e.channels; ++c) {
            out[to + c] = std::max(out[to + c], from[c]);
          }
        }
      });
}

template <typename T>
void max_pool_gradient_any(const T* in, const T* gradient, const PoolExtent& e, T* out) {
  clear_edges(e, out);
  for_squares(e, [&](std::size_t corner, std::size_t from) {
    for (std::size_t c = 0; c < e.channels; ++c) {
      std::size_t winner = 0;
      for (std::size_t i = 1; i < e.size * e.size; ++i) {
        const float best = load(in[pixel_of(e, corner, winner) + c]);
        if (load(in[pixel_of(e, corner, i) + c]) > best) winner = i;
      }
      for (std::size_t i = 0; i < e.size * e.size; ++i) {
        out[pixel_of(e, corner, i) + c] = i == winner ? gradient[from + c] : T{};
      }
    }
  });
}

#if defined(__x86_64__)

// Where bfloat16 is used, the CPU has AVX-512, but no instructions to compare bfloat16: the numbers
// become 16-bit integers of the same order (sign and magnitude become a two's complement; the same
// change once more undoes it).

#define SCRAWL_LANES_TARGET __attribute__((target("avx2,avx512f,avx512bw,avx512vl")))
#define SCRAWL_LANES_INLINE SCRAWL_LANES_TARGET inline __attribute__((always_inline))

constexpr std::size_t lanes = 16;  // channels at once

bool has_lanes(const PoolExtent& e) {
  return e.channels % lanes == 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0;
}

SCRAWL_LANES_INLINE __m256i change_order(__m256i bits) {
  const __m256i sign = _mm256_srai_epi16(bits, 15);
  return _mm256_xor_si256(bits, _mm256_and_si256(sign, _mm256_set1_epi16(0x7FFF)));
}

SCRAWL_LANES_INLINE __m256i load_lanes(const Bf16* from) {
  __m256i bits;
  std::memcpy(&bits, static_cast<const void*>(from), sizeof bits);
  return bits;
}

SCRAWL_LANES_INLINE void store_lanes(__m256i bits, Bf16* to) {
  std::memcpy(static_cast<void*>(to), &bits, sizeof bits);
}

/// In change_order.
SCRAWL_LANES_INLINE __m256i largest_of(const Bf16* corner, const PoolExtent& e) {
  __m256i largest = change_order(load_lanes(corner));
  for (std::size_t y = 0; y < e.size; ++y) {
    const Bf16* row = corner + y * e.width * e.channels;
    for (std::size_t x = 0; x < e.size; ++x) {
      largest = _mm256_max_epi16(largest, change_order(load_lanes(row + x * e.channels)));
    }
  }
  return largest;
}

SCRAWL_LANES_TARGET void max_pool_lanes(const Bf16* in, const PoolExtent& e, Bf16* out) {
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, out += e.channels) {
      const Bf16* corner = in + corner_of(e, y, x);
      for (std::size_t c = 0; c < e.channels; c += lanes) {
        store_lanes(change_order(largest_of(corner + c, e)), out + c);
      }
    }
  }
}

SCRAWL_LANES_TARGET void max_pool_gradient_lanes(const Bf16* in, const Bf16* gradient,
                                                 const PoolExtent& e, Bf16* out) {
  clear_edges(e, out);
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, gradient += e.channels) {
      for (std::size_t c = 0; c < e.channels; c += lanes) {
        const std::size_t corner = corner_of(e, y, x) + c;
        const __m256i largest = largest_of(in + corner, e);
        const __m256i given = load_lanes(gradient + c);
        __mmask16 open = 0xFFFF;  // channels whose winner is still to come
        for (std::size_t i = 0; i < e.size; ++i) {
          for (std::size_t j = 0; j < e.size; ++j) {
            const std::size_t at = corner + (i * e.width + j) * e.channels;
            const __mmask16 wins =
                _mm256_mask_cmpeq_epi16_mask(open, change_order(load_lanes(in + at)), largest);
            store_lanes(_mm256_maskz_mov_epi16(wins, given), out + at);
            open = static_cast<__mmask16>(open & ~wins);
          }
        }
      }
    }
  }
}

#else

bool has_lanes(const PoolExtent&) {
  return false;
}

void max_pool_lanes(const Bf16*, const PoolExtent&, Bf16*) {}
void max_pool_gradient_lanes(const Bf16*, const Bf16*, const PoolExtent&, Bf16*) {}

#endif

template <typename T>
[[gnu::always_inline]] inline void average_pool_loop(const T* in, const PoolExtent& e,
                                                     T* __restrict out) {
  const float share = 1.0F / static_cast<float>(e.size * e.size);
  for_squares(
      e, [&](std::size_t corner, std::size_t to) __attribute__((always_inline)) {
        constexpr std::size_t block = 16;
        for (std::size_t first = 0; first < e.channels; first += block) {
          const std::size_t count = std::min(block, e.channels - first);
          float sum[block] = {};
          for (std::size_t i = 0; i < e.size * e.size; ++i) {
            const T* from = in + pixel_of(e, corner, i) + first;
            for (std::size_t c = 0; c < count; ++c) sum[c] += load(from[c]);
          }
          for (std::size_t c = 0; c < count; ++c) store(sum[c] * share, out[to + first + c]);
        }
      });
}

template <typename T>
[[gnu::always_inline]] inline void average_pool_gradient_loop(const T* gradient,
                                                              const PoolExtent& e,
                                                              T* __restrict out) {
  const float share = 1.0F / static_cast<float>(e.size * e.size);
  clear_edges(e, out);
  for_squares(
      e, [&](std::size_t corner, std::size_t from) __attribute__((always_inline)) {
        for (std::size_t i = 0; i < e.size * e.size; ++i) {
          T* to = out + pixel_of(e, corner, i);
          for (std::size_t c = 0; c < e.channels; ++c)
            store(load(gradient[from + c]) * share, to[c]);
        }
      });
}

}  // namespace

SCRAWL_CLONES void max_pool(const float* in, const PoolExtent& extent, float* out) {
  max_pool_any(in, extent, out);
}

void max_pool(const Bf16* in, const PoolExtent& extent, Bf16* out) {
  has_lanes(extent) ? max_pool_lanes(in, extent, out) : max_pool_any(in, extent, out);
}

SCRAWL_CLONES void max_pool(const std::uint8_t* in, const PoolExtent& extent, std::uint8_t* out) {
  max_pool_bytes(in, extent, out);
}

SCRAWL_CLONES void max_pool_gradient(const float* in, const float* gradient,
                                     const PoolExtent& extent, float* out) {
  max_pool_gradient_any(in, gradient, extent, out);
}

void max_pool_gradient(const Bf16* in, const Bf16* gradient, const PoolExtent& extent, Bf16* out) {
  has_lanes(extent) ? max_pool_gradient_lanes(in, gradient, extent, out)
                    : max_pool_gradient_any(in, gradient, extent, out);
}

SCRAWL_CLONES void average_pool(const float* in, const PoolExtent& extent, float* out) {
  average_pool_loop(in, extent, out);
}

SCRAWL_CLONES void average_pool(const Bf16* in, const PoolExtent& extent, Bf16* out) {
  average_pool_loop(in, extent, out);
}

SCRAWL_CLONES void average_pool_gradient(const float* gradient, const PoolExtent& extent,
                                         float* out) {
  average_pool_gradient_loop(gradient, extent, out);
}

SCRAWL_CLONES void average_pool_gradient(const Bf16* gradient, const PoolExtent& extent,
                                         Bf16* out) {
  average_pool_gradient_loop(gradient, extent, out);
}

}  // namespace scrawl
