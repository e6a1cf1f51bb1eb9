#include "picture/paper.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <scrawl/picture.hpp>

#include "picture/shrink.hpp"

namespace scrawl {

namespace {

/// Light changes slowly, so that the paper is found in a picture of this size: quick, and without
/// the noise that a maximum would pick out.
constexpr int coarse_side = 100;

/// Paper in a shadow keeps at least this much (in percent) of the light elsewhere. What is darker
/// and still wider than the window is a thick stroke.
constexpr int darkest_shadow = 25;

/// Replaces each value by op over the `window` values from it on, `stride` apart. A result over 2n
/// values is op of two results over n, so that log2(window) passes do.
template <typename Op>
void combine_ahead(std::vector<std::uint8_t>& values, int window, int stride, Op op) {
  for (int done = 1; done < window;) {
    const int step = std::min(done, window - done);
    const std::size_t shift = static_cast<std::size_t>(step) * stride;
    for (std::size_t i = 0; i + shift < values.size(); ++i)
      values[i] = op(values[i], values[i + shift]);
    done += step;
  }
}

/// op over the window of `radius` pixels to each side, as far as it is inside the plane. `neutral`
/// changes nothing in op.
template <typename Op>
Plane combine_around(const Plane& plane, int radius, std::uint8_t neutral, Op op) {
  const int across = std::min(radius, plane.width - 1);
  const int down = std::min(radius, plane.height - 1);
  Plane padded(plane.width + 2 * across, plane.height + 2 * down);
  std::fill(padded.pixels.begin(), padded.pixels.end(), neutral);
  for (int y = 0; y < plane.height; ++y)
    std::copy_n(plane.row(y), plane.width, padded.row(y + down) + across);
  combine_ahead(padded.pixels, 2 * across + 1, 1, op);
  combine_ahead(padded.pixels, 2 * down + 1, padded.width, op);
  Plane result(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y) std::copy_n(padded.row(y), plane.width, result.row(y));
  return result;
}

Plane close(const Plane& plane, int radius) {
  const auto larger = [](std::uint8_t a, std::uint8_t b) { return std::max(a, b); };
  const auto smaller = [](std::uint8_t a, std::uint8_t b) { return std::min(a, b); };
  return combine_around(combine_around(plane, radius, 0, larger), radius, 255, smaller);
}

Plane shrink_plane(const Plane& plane, int factor) {
  Picture small = shrink({plane.width, plane.height, 1, plane.pixels}, factor);
  Plane result(small.width, small.height);
  result.pixels = std::move(small.pixels);
  return result;
}

/// Where pixel `i` of an enlarged axis lies between two pixels of the small one.
struct Between {
  int first;
  int second;
  int share;  ///< of the second, in 256ths
};

std::vector<Between> interpolate(int large, int small, int factor) {
  std::vector<Between> places;
  for (int i = 0; i < large; ++i) {
    const double at = std::clamp((i + 0.5) / factor - 0.5, 0.0, small - 1.0);
    const int first = static_cast<int>(at);
    places.push_back(
        {first, std::min(first + 1, small - 1), static_cast<int>(std::lround((at - first) * 256))});
  }
  return places;
}

/// Bilinear; the opposite of shrink_plane.
Plane enlarge(const Plane& small, int width, int height, int factor) {
  const std::vector<Between> columns = interpolate(width, small.width, factor);
  const std::vector<Between> rows = interpolate(height, small.height, factor);
  Plane large(width, height);
  for (int y = 0; y < height; ++y) {
    const auto [above, below, down] = rows[y];
    const auto blend = [&](int x) {
      return small.row(above)[x] * (256 - down) + small.row(below)[x] * down;
    };
    std::uint8_t* out = large.row(y);
    for (const auto [left, right, share] : columns)
      *out++ = static_cast<std::uint8_t>(
          (blend(left) * (256 - share) + blend(right) * share + (1 << 15)) >> 16);
  }
  return large;
}

}  // namespace

Plane find_paper(const Plane& lightness) {
  const int factor = shrink_factor(lightness.width, lightness.height, coarse_side);
  Plane paper = factor == 1 ? lightness : shrink_plane(lightness, factor);
  paper = close(paper, std::max(1, std::max(paper.width, paper.height) / 8));
  const std::uint8_t lightest = *std::max_element(paper.pixels.begin(), paper.pixels.end());
  for (std::uint8_t& value : paper.pixels)
    if (value * 100 < lightest * darkest_shadow) value = lightest;
  return factor == 1 ? paper : enlarge(paper, lightness.width, lightness.height, factor);
}

}  // namespace scrawl
