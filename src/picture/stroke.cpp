#include "picture/stroke.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace scrawl {

double measure_stroke_width(const Plane& ink) {
  const auto level = [&ink](int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < ink.width && y < ink.height;
    return inside ? static_cast<double>(ink.row(y)[x]) : 0.0;
  };
  double area = 0;
  double outline = 0;
  for (int y = 0; y <= ink.height; ++y) {
    for (int x = 0; x <= ink.width; ++x) {
      const double here = level(x, y);
      const double across = here - level(x - 1, y);
      const double down = here - level(x, y - 1);
      area += here;
      outline += std::sqrt(across * across + down * down);
    }
  }
  return outline == 0 ? 0 : 2 * area / outline;
}

double measure_edge_width(const Plane& ink) {
  constexpr int quarter = 64;
  constexpr int half = 128;
  constexpr int three_quarters = 192;
  const auto inside = [&ink](int x, int y) {
    return x < ink.width && y < ink.height && ink.row(y)[x] >= half;
  };
  double between = 0;
  double outline = 0;
  for (int y = 0; y < ink.height; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      const int level = ink.row(y)[x];
      between += level >= quarter && level < three_quarters;
      outline += inside(x, y) != inside(x + 1, y);
      outline += inside(x, y) != inside(x, y + 1);
    }
  }
  return outline == 0 ? 0 : between / outline;
}

Plane widen_strokes(const Plane& ink, int radius) {
  Plane wide(ink.width, ink.height);
  for (int dy = -radius; dy <= radius; ++dy) {
    const int half = static_cast<int>(std::sqrt(radius * radius - dy * dy));  // of the disc's row
    for (int dx = -half; dx <= half; ++dx) {
      const int first = std::max(0, -dx);
      const int last = std::min(ink.width, ink.width - dx);
      for (int y = std::max(0, -dy); y < std::min(ink.height, ink.height - dy); ++y) {
        const std::uint8_t* in = ink.row(y + dy);
        std::uint8_t* out = wide.row(y);
        for (int x = first; x < last; ++x) out[x] = std::max(out[x], in[x + dx]);
      }
    }
  }
  return wide;
}

}  // namespace scrawl
