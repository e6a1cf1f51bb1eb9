#include "picture/paper.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "picture/shrink.hpp"

namespace scrawl {

namespace {

/// Light changes slowly, so that the paper is found in a picture of this size: quick, and without
/// the noise that a maximum would pick out.
constexpr int coarse_side = 100;

/// The window of the closing is this part of the longer side.
constexpr int window_part = 4;

/// Paper in a shadow keeps at least this much (in percent) of the light elsewhere. What is darker
/// and still wider than the window is a thick stroke.
constexpr int darkest_shadow = 15;

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

struct Window {
  int width;
  int height;
};

/// op over each window: (height - window.height + 1, width - window.width + 1).
template <typename Op>
Plane combine_windows(Plane plane, Window window, Op op) {
  combine_ahead(plane.pixels, window.width, 1, op);
  combine_ahead(plane.pixels, window.height, plane.width, op);
  Plane result(plane.width - window.width + 1, plane.height - window.height + 1);
  for (int y = 0; y < result.height; ++y) std::copy_n(plane.row(y), result.width, result.row(y));
  return result;
}

/// Continues the plane by so many pixels on each side with the slope that it has there (a point
/// reflection): light that falls off goes on falling off, and leaves no valley at the edge. It
/// never rises: the reflection of ink would be a light, which no paper in the shadow could be told
/// from.
Plane extend(const Plane& plane, int across, int down) {
  Plane wide(plane.width + 2 * across, plane.height + 2 * down);
  for (int y = 0; y < wide.height; ++y) {
    const int edge_y = std::clamp(y - down, 0, plane.height - 1);
    const int mirror_y = std::clamp(2 * edge_y - (y - down), 0, plane.height - 1);
    for (int x = 0; x < wide.width; ++x) {
      const int edge_x = std::clamp(x - across, 0, plane.width - 1);
      const int mirror_x = std::clamp(2 * edge_x - (x - across), 0, plane.width - 1);
      const int edge = plane.row(edge_y)[edge_x];
      const int level = std::min(edge, 2 * edge - plane.row(mirror_y)[mirror_x]);
      wide.row(y)[x] = static_cast<std::uint8_t>(std::max(0, level));
    }
  }
  return wide;
}

/// `side` is the window's, as far as the plane is that large; its middle is a pixel.
Plane close(const Plane& plane, int side) {
  const auto larger = [](std::uint8_t a, std::uint8_t b) { return std::max(a, b); };
  const auto smaller = [](std::uint8_t a, std::uint8_t b) { return std::min(a, b); };
  const Window window{std::min(side, plane.width) | 1, std::min(side, plane.height) | 1};
  const Plane wide = extend(plane, window.width - 1, window.height - 1);
  return combine_windows(combine_windows(wide, window, larger), window, smaller);
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

/// Bilinear; the opposite of shrink.
Plane enlarge(const Plane& small, int width, int height, int factor) {
  const std::vector<Between> columns = interpolate(width, small.width, factor);
  const std::vector<Between> rows = interpolate(height, small.height, factor);
  Plane large(width, height);
  for (int y = 0; y < height; ++y) {
    const Between& row = rows[y];
    const auto blend = [&](int x) {
      return small.row(row.first)[x] * (256 - row.share) + small.row(row.second)[x] * row.share;
    };
    std::uint8_t* out = large.row(y);
    for (const Between& column : columns) {
      const int sum =
          blend(column.first) * (256 - column.share) + blend(column.second) * column.share;
      *out++ = static_cast<std::uint8_t>((sum + (1 << 15)) >> 16);
    }
  }
  return large;
}

}  // namespace

Plane find_paper(const Plane& lightness) {
  const int factor = shrink_factor(lightness.width, lightness.height, coarse_side);
  Plane paper = factor == 1 ? lightness : shrink(lightness, factor);
  paper = close(paper, std::max(paper.width, paper.height) / window_part);
  const std::uint8_t lightest = *std::max_element(paper.pixels.begin(), paper.pixels.end());
  for (std::uint8_t& value : paper.pixels)
    if (value * 100 < lightest * darkest_shadow) value = lightest;
  return factor == 1 ? paper : enlarge(paper, lightness.width, lightness.height, factor);
}

Plane find_paper_between_strokes(const Plane& lightness, int side) {
  // Of blocks, which have less of the noise that a maximum would pick out, and small ones, so that
  // the edge of a desk stays where it is.
  constexpr int block = 3;
  if (lightness.width < block || lightness.height < block) return lightness;
  const Plane paper = close(shrink(lightness, block), side / block);
  return enlarge(paper, lightness.width, lightness.height, block);
}

int paper_window(const Plane& lightness) {
  return std::max(lightness.width, lightness.height) / window_part;
}

}  // namespace scrawl
