#include "network/pooling.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "network/clones.hpp"

#if defined(__x86_64__)
#include "network/lanes.hpp"
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

constexpr std::size_t lanes = 16;  // channels at once

bool has_lanes() {
  return __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

/// The lanes of the channels from `first` on.
SCRAWL_LANES_INLINE __mmask16 lanes_from(const PoolExtent& e, std::size_t first) {
  return static_cast<__mmask16>((1U << std::min(lanes, e.channels - first)) - 1);
}

SCRAWL_LANES_INLINE __m256i load_lanes(const Bf16* from, __mmask16 mask) {
  return _mm256_maskz_loadu_epi16(mask, from);
}

SCRAWL_LANES_INLINE void store_lanes(__m256i bits, __mmask16 mask, Bf16* to) {
  _mm256_mask_storeu_epi16(to, mask, bits);
}

/// In change_order.
SCRAWL_LANES_INLINE __m256i largest_of(const Bf16* corner, const PoolExtent& e, __mmask16 mask) {
  __m256i largest = change_order(load_lanes(corner, mask));
  for (std::size_t y = 0; y < e.size; ++y) {
    const Bf16* row = corner + y * e.width * e.channels;
    for (std::size_t x = 0; x < e.size; ++x) {
      largest = _mm256_max_epi16(largest, change_order(load_lanes(row + x * e.channels, mask)));
    }
  }
  return largest;
}

SCRAWL_LANES_TARGET void max_pool_lanes(const Bf16* in, const PoolExtent& e, Bf16* out) {
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, out += e.channels) {
      const Bf16* corner = in + corner_of(e, y, x);
      for (std::size_t c = 0; c < e.channels; c += lanes) {
        const __mmask16 mask = lanes_from(e, c);
        store_lanes(change_order(largest_of(corner + c, e, mask)), mask, out + c);
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
        const __mmask16 mask = lanes_from(e, c);
        const std::size_t corner = corner_of(e, y, x) + c;
        const __m256i largest = largest_of(in + corner, e, mask);
        const __m256i given = load_lanes(gradient + c, mask);
        __mmask16 open = mask;  // channels whose winner is still to come
        for (std::size_t i = 0; i < e.size; ++i) {
          for (std::size_t j = 0; j < e.size; ++j) {
            const std::size_t at = corner + (i * e.width + j) * e.channels;
            const __mmask16 wins = _mm256_mask_cmpeq_epi16_mask(
                open, change_order(load_lanes(in + at, mask)), largest);
            store_lanes(_mm256_maskz_mov_epi16(wins, given), mask, out + at);
            open = static_cast<__mmask16>(open & ~wins);
          }
        }
      }
    }
  }
}

SCRAWL_LANES_INLINE __m512 load_values(const float* from, __mmask16 mask) {
  return _mm512_maskz_loadu_ps(mask, from);
}

SCRAWL_LANES_INLINE __m512 load_values(const Bf16* from, __mmask16 mask) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_lanes(from, mask)), 16));
}

SCRAWL_LANES_INLINE void store_values(__m512 values, __mmask16 mask, float* to) {
  _mm512_mask_storeu_ps(to, mask, values);
}

/// As store() rounds.
SCRAWL_LANES_INLINE void store_values(__m512 values, __mmask16 mask, Bf16* to) {
  const __m512i bits = _mm512_castps_si512(values);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7FFF)), odd);
  store_lanes(_mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)), mask, to);
}

template <typename T>
SCRAWL_LANES_TARGET void average_pool_lanes(const T* in, const PoolExtent& e, T* out) {
  const __m512 share = _mm512_set1_ps(1.0F / static_cast<float>(e.size * e.size));
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, out += e.channels) {
      const T* corner = in + corner_of(e, y, x);
      for (std::size_t c = 0; c < e.channels; c += lanes) {
        const __mmask16 mask = lanes_from(e, c);
        __m512 sum = _mm512_setzero_ps();
        for (std::size_t i = 0; i < e.size; ++i) {
          const T* row = corner + i * e.width * e.channels + c;
          for (std::size_t j = 0; j < e.size; ++j) {
            sum = _mm512_add_ps(sum, load_values(row + j * e.channels, mask));
          }
        }
        store_values(_mm512_mul_ps(sum, share), mask, out + c);
      }
    }
  }
}

template <typename T>
SCRAWL_LANES_TARGET void average_pool_gradient_lanes(const T* gradient, const PoolExtent& e,
                                                     T* out) {
  const __m512 share = _mm512_set1_ps(1.0F / static_cast<float>(e.size * e.size));
  clear_edges(e, out);
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, gradient += e.channels) {
      T* corner = out + corner_of(e, y, x);
      for (std::size_t c = 0; c < e.channels; c += lanes) {
        const __mmask16 mask = lanes_from(e, c);
        const __m512 part = _mm512_mul_ps(load_values(gradient + c, mask), share);
        for (std::size_t i = 0; i < e.size; ++i) {
          T* row = corner + i * e.width * e.channels + c;
          for (std::size_t j = 0; j < e.size; ++j) store_values(part, mask, row + j * e.channels);
        }
      }
    }
  }
}

#else

bool has_lanes() {
  return false;
}

void max_pool_lanes(const Bf16*, const PoolExtent&, Bf16*) {}
void max_pool_gradient_lanes(const Bf16*, const Bf16*, const PoolExtent&, Bf16*) {}
template <typename T>
void average_pool_lanes(const T*, const PoolExtent&, T*) {}
template <typename T>
void average_pool_gradient_lanes(const T*, const PoolExtent&, T*) {}

#endif

template <typename T>
void average_pool_any(const T* in, const PoolExtent& e, T* out) {
  const float share = 1.0F / static_cast<float>(e.size * e.size);
  for_squares(e, [&](std::size_t corner, std::size_t to) {
    for (std::size_t c = 0; c < e.channels; ++c) {
      float sum = 0;
      for (std::size_t i = 0; i < e.size * e.size; ++i) sum += load(in[pixel_of(e, corner, i) + c]);
      store(sum * share, out[to + c]);
    }
  });
}

template <typename T>
void average_pool_gradient_any(const T* gradient, const PoolExtent& e, T* out) {
  const float share = 1.0F / static_cast<float>(e.size * e.size);
  clear_edges(e, out);
  for_squares(e, [&](std::size_t corner, std::size_t from) {
    for (std::size_t i = 0; i < e.size * e.size; ++i) {
      T* to = out + pixel_of(e, corner, i);
      for (std::size_t c = 0; c < e.channels; ++c) store(load(gradient[from + c]) * share, to[c]);
    }
  });
}

}  // namespace

SCRAWL_CLONES void max_pool(const float* in, const PoolExtent& extent, float* out) {
  max_pool_any(in, extent, out);
}

void max_pool(const Bf16* in, const PoolExtent& extent, Bf16* out) {
  has_lanes() ? max_pool_lanes(in, extent, out) : max_pool_any(in, extent, out);
}

SCRAWL_CLONES void max_pool(const std::uint8_t* in, const PoolExtent& extent, std::uint8_t* out) {
  max_pool_bytes(in, extent, out);
}

SCRAWL_CLONES void max_pool_gradient(const float* in, const float* gradient,
                                     const PoolExtent& extent, float* out) {
  max_pool_gradient_any(in, gradient, extent, out);
}

void max_pool_gradient(const Bf16* in, const Bf16* gradient, const PoolExtent& extent, Bf16* out) {
  has_lanes() ? max_pool_gradient_lanes(in, gradient, extent, out)
              : max_pool_gradient_any(in, gradient, extent, out);
}

void average_pool(const float* in, const PoolExtent& extent, float* out) {
  has_lanes() ? average_pool_lanes(in, extent, out) : average_pool_any(in, extent, out);
}

void average_pool(const Bf16* in, const PoolExtent& extent, Bf16* out) {
  has_lanes() ? average_pool_lanes(in, extent, out) : average_pool_any(in, extent, out);
}

void average_pool_gradient(const float* gradient, const PoolExtent& extent, float* out) {
  has_lanes() ? average_pool_gradient_lanes(gradient, extent, out)
              : average_pool_gradient_any(gradient, extent, out);
}

void average_pool_gradient(const Bf16* gradient, const PoolExtent& extent, Bf16* out) {
  has_lanes() ? average_pool_gradient_lanes(gradient, extent, out)
              : average_pool_gradient_any(gradient, extent, out);
}

}  // namespace scrawl
