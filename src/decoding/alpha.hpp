// Laying what is transparent over a background.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace scrawl {

/// A color, not premultiplied.
using Rgba = std::array<std::uint8_t, 4>;

inline bool has_color(const std::vector<Rgba>& colors) {
  return std::ranges::any_of(colors, [](const Rgba& c) { return c[0] != c[1] || c[0] != c[2]; });
}

/// What a picture's visible pixels are like, as far as the choice of a background needs it.
class VisibleInk {
 public:
  void add(const Rgba& color, std::size_t pixels = 1) {
    constexpr int light = 192;
    constexpr int visible = 128;
    if (pixels == 0 || color[3] < visible) return;
    seen_ += pixels;
    is_light_ = is_light_ && std::min({color[0], color[1], color[2]}) >= light;
  }

  /// White, or black where a picture of so many pixels is mostly transparent and all that is
  /// visible is light: white would hide it.
  std::uint8_t background(std::size_t pixels) const {
    return is_light_ && seen_ > 0 && 2 * seen_ < pixels ? 0 : 255;
  }

 private:
  std::size_t seen_ = 0;
  bool is_light_ = true;
};

/// Samples laid over a background, as Leptonica does it: in floats, cut off and not rounded.
class OverBackground {
 public:
  explicit OverBackground(std::uint8_t background) : table_(256 * 256) {
    for (std::size_t alpha = 0; alpha < 256; ++alpha) {
      const auto opacity = static_cast<float>(static_cast<double>(alpha) / 255.);
      for (std::size_t sample = 0; sample < 256; ++sample)
        table_[alpha * 256 + sample] = static_cast<std::uint8_t>(
            (1.0 - opacity) * background + opacity * static_cast<float>(sample));
    }
  }

  std::uint8_t operator()(std::uint8_t sample, std::uint8_t alpha) const {
    return table_[alpha * std::size_t{256} + sample];
  }

 private:
  std::vector<std::uint8_t> table_;  // (alpha, sample)
};

/// Makes of (pixels, red green blue alpha) as many (red green blue), in place: a copy would double
/// what a large picture takes.
void lay_over_background(std::vector<std::uint8_t>& pixels);

}  // namespace scrawl
