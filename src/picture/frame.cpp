#include "picture/frame.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace scrawl {

namespace {

/// In widths of the frame's stroke: what is shorter is a speck, as in a 0.
constexpr double shortest_digit = 4;

/// So many of the largest components may be frames; a texture has thousands of components.
constexpr std::size_t most_frames = 100;

/// The width of the stroke that runs once around the component's box.
double stroke_of(const Component& frame) {
  return static_cast<double>(frame.pixels) / (2.0 * (frame.box.width + frame.box.height));
}

bool holds(const Box& outer, const Box& inner) {
  return join(outer, inner) == outer;
}

/// Whether the label is met on the way from the middle of the box to each of the four sides.
bool is_around(const Labels& labels, int width, int label, const Box& outer, const Box& inner) {
  const int x = inner.x + inner.width / 2;
  const int y = inner.y + inner.height / 2;
  const auto met = [&](int from_x, int from_y, int to_x, int to_y) {
    for (int py = from_y; py < to_y; ++py)
      for (int px = from_x; px < to_x; ++px)
        if (labels.of[static_cast<std::size_t>(py) * width + px] == label) return true;
    return false;
  };
  return met(outer.x, y, x, y + 1) && met(x, y, outer.x + outer.width, y + 1) &&
         met(x, outer.y, x + 1, y) && met(x, y, x + 1, outer.y + outer.height);
}

}  // namespace

void drop_frames(Labels& labels, int width) {
  std::vector<Component>& all = labels.components;
  std::vector<std::size_t> largest(all.size());
  std::iota(largest.begin(), largest.end(), std::size_t{0});
  const std::size_t count = std::min(most_frames, largest.size());
  std::ranges::partial_sort(largest, largest.begin() + static_cast<std::ptrdiff_t>(count),
                            std::greater(), [&](std::size_t i) { return longer_side(all[i].box); });
  largest.resize(count);
  for (const std::size_t i : largest) {
    Component& frame = all[i];
    const double shortest = shortest_digit * stroke_of(frame);
    const bool has_digit = std::ranges::any_of(all, [&](const Component& other) {
      return longer_side(other.box) >= shortest && other.box != frame.box &&
             holds(frame.box, other.box) &&
             is_around(labels, width, static_cast<int>(i) + 1, frame.box, other.box);
    });
    if (has_digit) frame.weight = 0;
  }
}

}  // namespace scrawl
