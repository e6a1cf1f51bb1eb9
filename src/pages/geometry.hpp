// Points and shapes: what is drawn before it is pixels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "network/rectangle.hpp"

namespace scrawl::pages {

/// y goes down. The middle of a picture's first pixel is at 0.5, 0.5.
struct Point {
  float x = 0;
  float y = 0;
};

/// The smallest that holds both; one that is empty counts for nothing.
inline Rectangle hull(const Rectangle& a, const Rectangle& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.left, b.left), std::min(a.top, b.top), std::max(a.right, b.right),
          std::max(a.bottom, b.bottom)};
}

/// A place on the way of a pen.
struct PenPoint {
  float x = 0;
  float y = 0;
  float radius = 0;  ///< of the pen; nothing in an outline
  float tone = 1;    ///< the share of its ink that the pen leaves
};

/// Strokes of a round pen, or closed outlines whose inside is ink.
struct Shape {
  std::vector<PenPoint> points;
  std::vector<std::uint32_t> ends;  ///< of each stroke or outline: one beyond its last point
  bool filled = false;

  void add(Point p, float radius = 0) { points.push_back({p.x, p.y, radius, 1}); }
  void end() {
    const auto count = static_cast<std::uint32_t>(points.size());
    if (count > (ends.empty() ? 0 : ends.back())) ends.push_back(count);
  }
  void clear() {
    points.clear();
    ends.clear();
    filled = false;
  }
};

/// What its ink covers.
inline Rectangle extent(const Shape& shape) {
  if (shape.points.empty()) return {};
  constexpr float far = std::numeric_limits<float>::max();
  Rectangle all{far, far, -far, -far};
  for (const PenPoint& p : shape.points) {
    all.left = std::min(all.left, p.x - p.radius);
    all.top = std::min(all.top, p.y - p.radius);
    all.right = std::max(all.right, p.x + p.radius);
    all.bottom = std::max(all.bottom, p.y + p.radius);
  }
  return all;
}

}  // namespace scrawl::pages
