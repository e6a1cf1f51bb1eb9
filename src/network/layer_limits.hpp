// What the numbers of a layer may be, whether it was written or made.
#pragma once

#include <cstddef>
#include <string_view>

#include <scrawl/glyph.hpp>

namespace scrawl {

template <typename Number>
struct Limits {
  std::string_view what;  ///< the number stands for
  Number low;
  Number high;

  bool hold(Number value) const { return value >= low && value <= high; }  // NaN is not held
};

// Untrusted model files name an architecture, so what it may ask for is bounded.
inline constexpr Limits<std::size_t> dense_outputs{"the number of outputs", 1, 65536};
inline constexpr Limits<std::size_t> conv_channels{"the number of channels", 1, 1024};
inline constexpr Limits<std::size_t> conv_kernel{"the side of the kernel", 1, glyph_side};
inline constexpr Limits<std::size_t> conv_stride{"the stride", 1, glyph_side};
inline constexpr Limits<std::size_t> pool_side{"the side", 1, glyph_side};
inline constexpr Limits<std::size_t> conv_dilation{"the dilation", 1, 16};
inline constexpr Limits<std::size_t> residual_span{"the number of layers", 1, 20};
inline constexpr Limits<std::size_t> input_channels{"the number of channels", 1, 64};
inline constexpr Limits<std::size_t> input_side{"the side", 1, 8192};
inline constexpr Limits<float> dropout_rate{"the rate", 0.001F, 0.999F};

}  // namespace scrawl
