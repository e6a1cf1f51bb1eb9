#include "network_training/fused_conv_max_pool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "network/lanes.hpp"

namespace scrawl {

bool FusedConvMaxPool::is_supported() const {
  const bool has_code = (plane.kernel == 3 || plane.kernel == 5) && plane.stride == 1;
  return plane.is_supported() && has_code && plane.outputs % lanes == 0 && pool.size >= 3;
}

#if SCRAWL_HAS_LANES

namespace {

// 16 channels of a pixel, as they are compared.

SCRAWL_LANES_INLINE F32x16 load_ordered(const float* from) {
  return load_lanes(from);
}

SCRAWL_LANES_INLINE I16x16 load_ordered(const Bf16* from) {
  return change_order(load_bits(from));
}

SCRAWL_LANES_INLINE void store_ordered(F32x16 values, float* to) {
  store_lanes(values, to);
}

SCRAWL_LANES_INLINE void store_ordered(I16x16 values, Bf16* to) {
  store_bits(change_order(values), to);
}

template <typename T>
SCRAWL_LANES_INLINE void max_pool_square(const T* corner, const FusedConvMaxPool& planes, T* out,
                                         std::uint16_t* argmax) {
  const PoolExtent& pool = planes.pool;
  auto largest = load_ordered(corner);
  I16x16 winner{};
  for (std::size_t y = 0; y < pool.size; ++y) {
    const T* row = corner + y * pool.width * pool.channels;
    for (std::size_t x = 0; x < pool.size; ++x) {
      const auto values = load_ordered(row + x * pool.channels);
      const Mask16 wins = is_larger(values, largest);
      const auto place = static_cast<std::int16_t>(y * planes.padded_width() + x);
      largest = choose(wins, values, largest);
      winner = choose(wins, repeat(place), winner);
    }
  }
  store_ordered(largest, out);
  store_lanes(winner, argmax);
}

template <typename T>
SCRAWL_LANES_INLINE void max_pool_all(const T* in, const FusedConvMaxPool& planes, T* out,
                                      std::uint16_t* argmax) {
  const PoolExtent& pool = planes.pool;
  for (std::size_t y = 0; y < pool.out_height(); ++y) {
    for (std::size_t x = 0; x < pool.out_width(); ++x) {
      const T* corner = in + (y * pool.width + x) * pool.size * pool.channels;
      for (std::size_t c = 0; c < pool.channels; c += lanes, out += lanes, argmax += lanes) {
        max_pool_square(corner + c, planes, out, argmax);
      }
    }
  }
}

/// Channels whose sums stay in registers together, one for each kernel row.
constexpr std::size_t at_once = 4;

/// The sums of some channels: each register holds a kernel row, and beyond it what nobody needs.
template <std::size_t Kernel, typename T>
SCRAWL_LANES_INLINE void add_winners(const float* padded, const T* gradient,
                                     const std::uint16_t* argmax, std::size_t images,
                                     const FusedConvMaxPool& planes,
                                     F32x8 (&sums)[at_once][Kernel]) {
  const PoolExtent& pool = planes.pool;
  const std::size_t row_size = planes.padded_width();
  for (std::size_t i = 0; i < images; ++i, padded += planes.plane.padded_size()) {
    for (std::size_t y = 0; y < pool.out_height(); ++y) {
      const float* corner = padded + y * pool.size * row_size;
      for (std::size_t x = 0; x < pool.out_width(); ++x, corner += pool.size) {
        for (std::size_t c = 0; c < at_once; ++c) {
          const float* seen = corner + argmax[c];
          const float factor = load(gradient[c]);
          for (std::size_t ky = 0; ky < Kernel; ++ky) {
            sums[c][ky] = multiply_add(seen + ky * row_size, factor, sums[c][ky]);
          }
        }
        argmax += pool.channels;
        gradient += pool.channels;
      }
    }
  }
}

template <std::size_t Kernel, typename T>
SCRAWL_LANES_INLINE void weight_gradient_of(const float* padded, const T* gradient,
                                            const std::uint16_t* argmax, std::size_t images,
                                            const FusedConvMaxPool& planes, float* out) {
  const std::size_t channels = planes.pool.channels;
  for (std::size_t first = 0; first < channels; first += at_once) {
    F32x8 sums[at_once][Kernel];
    for (auto& of_channel : sums) {
      for (F32x8& row : of_channel) row = F32x8{};
    }
    add_winners<Kernel>(padded, gradient + first, argmax + first, images, planes, sums);
    for (std::size_t c = 0; c < at_once; ++c) {
      for (std::size_t ky = 0; ky < Kernel; ++ky) {
        alignas(32) float row[8];
        store_lanes(sums[c][ky], row);
        for (std::size_t kx = 0; kx < Kernel; ++kx) {
          out[(ky * Kernel + kx) * channels + first + c] = row[kx];
        }
      }
    }
  }
}

}  // namespace

SCRAWL_LANES_TARGET void max_pool(const float* in, const FusedConvMaxPool& planes, float* out,
                                  std::uint16_t* argmax) {
  max_pool_all(in, planes, out, argmax);
}

SCRAWL_LANES_TARGET void max_pool(const Bf16* in, const FusedConvMaxPool& planes, Bf16* out,
                                  std::uint16_t* argmax) {
  max_pool_all(in, planes, out, argmax);
}

SCRAWL_LANES_TARGET void weight_gradient(const float* padded, const float* gradient,
                                         const std::uint16_t* argmax, std::size_t images,
                                         const FusedConvMaxPool& planes, float* out) {
  planes.plane.kernel == 3 ? weight_gradient_of<3>(padded, gradient, argmax, images, planes, out)
                           : weight_gradient_of<5>(padded, gradient, argmax, images, planes, out);
}

SCRAWL_LANES_TARGET void weight_gradient(const float* padded, const Bf16* gradient,
                                         const std::uint16_t* argmax, std::size_t images,
                                         const FusedConvMaxPool& planes, float* out) {
  planes.plane.kernel == 3 ? weight_gradient_of<3>(padded, gradient, argmax, images, planes, out)
                           : weight_gradient_of<5>(padded, gradient, argmax, images, planes, out);
}

#else

void max_pool(const float*, const FusedConvMaxPool&, float*, std::uint16_t*) {
  fail_without_lanes();
}
void max_pool(const Bf16*, const FusedConvMaxPool&, Bf16*, std::uint16_t*) {
  fail_without_lanes();
}
void weight_gradient(const float*, const float*, const std::uint16_t*, std::size_t,
                     const FusedConvMaxPool&, float*) {
  fail_without_lanes();
}
void weight_gradient(const float*, const Bf16*, const std::uint16_t*, std::size_t,
                     const FusedConvMaxPool&, float*) {
  fail_without_lanes();
}

#endif

}  // namespace scrawl
