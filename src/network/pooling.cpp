#include "network/pooling.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "network/clones.hpp"
#include "network/lanes.hpp"

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

#if SCRAWL_HAS_LANES

/// In change_order.
SCRAWL_LANES_INLINE I16x16 largest_of(const Bf16* corner, const PoolExtent& e, Mask16 mask) {
  I16x16 largest = change_order(load_bits(corner, mask));
  for (std::size_t y = 0; y < e.size; ++y) {
    const Bf16* row = corner + y * e.width * e.channels;
    for (std::size_t x = 0; x < e.size; ++x) {
      largest = larger_of(largest, change_order(load_bits(row + x * e.channels, mask)));
    }
  }
  return largest;
}

SCRAWL_LANES_TARGET void max_pool_lanes(const Bf16* in, const PoolExtent& e, Bf16* out) {
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, out += e.channels) {
      const Bf16* corner = in + corner_of(e, y, x);
      for (std::size_t c = 0; c < e.channels; c += lanes) {
        const Mask16 mask = first_lanes(e.channels - c);
        store_bits(change_order(largest_of(corner + c, e, mask)), out + c, mask);
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
        const Mask16 mask = first_lanes(e.channels - c);
        const std::size_t corner = corner_of(e, y, x) + c;
        const I16x16 largest = largest_of(in + corner, e, mask);
        const I16x16 given = load_bits(gradient + c, mask);
        Mask16 open = mask;  // channels whose winner is still to come
        for (std::size_t i = 0; i < e.size; ++i) {
          for (std::size_t j = 0; j < e.size; ++j) {
            const std::size_t at = corner + (i * e.width + j) * e.channels;
            const Mask16 wins = is_equal(change_order(load_bits(in + at, mask)), largest, open);
            store_bits(choose(wins, given, I16x16{}), out + at, mask);
            open = static_cast<Mask16>(open & ~wins);
          }
        }
      }
    }
  }
}

template <typename T>
SCRAWL_LANES_TARGET void average_pool_lanes(const T* in, const PoolExtent& e, T* out) {
  const F32x16 scale = repeat(1.0F / static_cast<float>(e.size * e.size));
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, out += e.channels) {
      const T* corner = in + corner_of(e, y, x);
      for (std::size_t c = 0; c < e.channels; c += lanes) {
        const Mask16 mask = first_lanes(e.channels - c);
        F32x16 sum{};
        for (std::size_t i = 0; i < e.size; ++i) {
          const T* row = corner + i * e.width * e.channels + c;
          for (std::size_t j = 0; j < e.size; ++j) {
            sum = sum + load_lanes(row + j * e.channels, mask);
          }
        }
        store_lanes(sum * scale, out + c, mask);
      }
    }
  }
}

template <typename T>
SCRAWL_LANES_TARGET void average_pool_gradient_lanes(const T* gradient, const PoolExtent& e,
                                                     T* out) {
  const F32x16 scale = repeat(1.0F / static_cast<float>(e.size * e.size));
  clear_edges(e, out);
  for (std::size_t y = 0; y < e.out_height(); ++y) {
    for (std::size_t x = 0; x < e.out_width(); ++x, gradient += e.channels) {
      T* corner = out + corner_of(e, y, x);
      for (std::size_t c = 0; c < e.channels; c += lanes) {
        const Mask16 mask = first_lanes(e.channels - c);
        const F32x16 part = load_lanes(gradient + c, mask) * scale;
        for (std::size_t i = 0; i < e.size; ++i) {
          T* row = corner + i * e.width * e.channels + c;
          for (std::size_t j = 0; j < e.size; ++j) store_lanes(part, row + j * e.channels, mask);
        }
      }
    }
  }
}

#endif

template <typename T>
void average_pool_any(const T* in, const PoolExtent& e, T* out) {
  const float scale = 1.0F / static_cast<float>(e.size * e.size);
  for_squares(e, [&](std::size_t corner, std::size_t to) {
    for (std::size_t c = 0; c < e.channels; ++c) {
      float sum = 0;
      for (std::size_t i = 0; i < e.size * e.size; ++i) sum += load(in[pixel_of(e, corner, i) + c]);
      store(sum * scale, out[to + c]);
    }
  });
}

template <typename T>
void average_pool_gradient_any(const T* gradient, const PoolExtent& e, T* out) {
  const float scale = 1.0F / static_cast<float>(e.size * e.size);
  clear_edges(e, out);
  for_squares(e, [&](std::size_t corner, std::size_t from) {
    for (std::size_t i = 0; i < e.size * e.size; ++i) {
      T* to = out + pixel_of(e, corner, i);
      for (std::size_t c = 0; c < e.channels; ++c) store(load(gradient[from + c]) * scale, to[c]);
    }
  });
}

}  // namespace

SCRAWL_CLONES void max_pool(const float* in, const PoolExtent& extent, float* out) {
  max_pool_any(in, extent, out);
}

void max_pool(const Bf16* in, const PoolExtent& extent, Bf16* out) {
#if SCRAWL_HAS_LANES
  if (has_lanes()) return max_pool_lanes(in, extent, out);
#endif
  max_pool_any(in, extent, out);
}

SCRAWL_CLONES void max_pool(const std::uint8_t* in, const PoolExtent& extent, std::uint8_t* out) {
  max_pool_bytes(in, extent, out);
}

SCRAWL_CLONES void max_pool_gradient(const float* in, const float* gradient,
                                     const PoolExtent& extent, float* out) {
  max_pool_gradient_any(in, gradient, extent, out);
}

void max_pool_gradient(const Bf16* in, const Bf16* gradient, const PoolExtent& extent, Bf16* out) {
#if SCRAWL_HAS_LANES
  if (has_lanes()) return max_pool_gradient_lanes(in, gradient, extent, out);
#endif
  max_pool_gradient_any(in, gradient, extent, out);
}

void average_pool(const float* in, const PoolExtent& extent, float* out) {
#if SCRAWL_HAS_LANES
  if (has_lanes()) return average_pool_lanes(in, extent, out);
#endif
  average_pool_any(in, extent, out);
}

void average_pool(const Bf16* in, const PoolExtent& extent, Bf16* out) {
#if SCRAWL_HAS_LANES
  if (has_lanes()) return average_pool_lanes(in, extent, out);
#endif
  average_pool_any(in, extent, out);
}

void average_pool_gradient(const float* gradient, const PoolExtent& extent, float* out) {
#if SCRAWL_HAS_LANES
  if (has_lanes()) return average_pool_gradient_lanes(gradient, extent, out);
#endif
  average_pool_gradient_any(gradient, extent, out);
}

void average_pool_gradient(const Bf16* gradient, const PoolExtent& extent, Bf16* out) {
#if SCRAWL_HAS_LANES
  if (has_lanes()) return average_pool_gradient_lanes(gradient, extent, out);
#endif
  average_pool_gradient_any(gradient, extent, out);
}

}  // namespace scrawl
