#include "picture/spread.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace scrawl {

namespace {

/// Means of blocks of 2 x 2 pixels of known colour, as often as it takes to know all.
struct Colours {
  int width;
  int height;
  std::vector<float> sums;     ///< (height, width, channels)
  std::vector<float> weights;  ///< (height, width); 0: not known
};

Colours halve(const Colours& fine, int channels) {
  Colours coarse{(fine.width + 1) / 2, (fine.height + 1) / 2, {}, {}};
  coarse.sums.resize(static_cast<std::size_t>(coarse.width) * coarse.height * channels);
  coarse.weights.resize(static_cast<std::size_t>(coarse.width) * coarse.height);
  for (int y = 0; y < fine.height; ++y) {
    for (int x = 0; x < fine.width; ++x) {
      const std::size_t from = static_cast<std::size_t>(y) * fine.width + x;
      const std::size_t to = static_cast<std::size_t>(y / 2) * coarse.width + x / 2;
      coarse.weights[to] += fine.weights[from];
      for (int c = 0; c < channels; ++c)
        coarse.sums[to * channels + c] += fine.sums[from * channels + c];
    }
  }
  for (std::size_t i = 0; i < coarse.weights.size(); ++i) {
    if (coarse.weights[i] <= 1) continue;
    for (int c = 0; c < channels; ++c) coarse.sums[i * channels + c] /= coarse.weights[i];
    coarse.weights[i] = 1;
  }
  return coarse;
}

}  // namespace

/// The nearest are in the finest of the coarser copies that knows any.
void spread_colours(Picture& picture, const Plane& known, const Plane& covered) {
  const int channels = picture.channels;
  std::vector<Colours> copies(1);
  copies[0] = {picture.width, picture.height, {picture.pixels.begin(), picture.pixels.end()}, {}};
  for (std::size_t i = 0; i < known.pixels.size(); ++i) {
    const bool is_known = known.pixels[i] != 0;
    copies[0].weights.push_back(is_known ? 1.0F : 0.0F);
    if (!is_known)
      std::fill_n(copies[0].sums.begin() + static_cast<std::ptrdiff_t>(i * channels), channels,
                  0.0F);
  }
  while (copies.back().width > 1 || copies.back().height > 1)
    copies.push_back(halve(copies.back(), channels));
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (covered.row(y)[x] != 0) continue;
      std::size_t level = 0;
      std::size_t at = 0;
      for (;; ++level) {
        at = static_cast<std::size_t>(y >> level) * copies[level].width + (x >> level);
        if (copies[level].weights[at] > 0 || level + 1 == copies.size()) break;
      }
      const float weight = std::max(copies[level].weights[at], 1e-6F);
      for (int c = 0; c < channels; ++c)
        picture.pixels[(static_cast<std::size_t>(y) * picture.width + x) * channels + c] =
            static_cast<std::uint8_t>(copies[level].sums[at * channels + c] / weight);
    }
  }
}

}  // namespace scrawl
