#include "picture/component.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace scrawl {

namespace {

/// What lies along the picture's edge with this share of half the outline of its box is a line, a
/// shadow, or a frame. A digit that the picture cuts off only touches the edge.
constexpr double along_edge = 0.9;

/// Labels the weak and sure ink that is connected to pixel `seed` by sides or corners.
Component flood(const Plane& ink, InkLevels levels, int seed, int label, std::vector<int>& of) {
  Component component{.box = {seed % ink.width, seed / ink.width, 1, 1}};
  double sum = 0;
  std::vector<int> open{seed};
  of[seed] = label;
  while (!open.empty()) {
    const int at = open.back();
    open.pop_back();
    const int x = at % ink.width;
    const int y = at / ink.width;
    component.box = join(component.box, {x, y, 1, 1});
    ++component.pixels;
    component.on_edge += x == 0 || y == 0 || x == ink.width - 1 || y == ink.height - 1;
    sum += ink.pixels[at];
    for (int ny = std::max(0, y - 1); ny <= std::min(ink.height - 1, y + 1); ++ny) {
      for (int nx = std::max(0, x - 1); nx <= std::min(ink.width - 1, x + 1); ++nx) {
        const int next = ny * ink.width + nx;
        if (of[next] != 0 || ink.pixels[next] < levels.weak) continue;
        of[next] = label;
        open.push_back(next);
      }
    }
  }
  const int half_outline = component.box.width + component.box.height;
  const double share = static_cast<double>(component.on_edge) / half_outline;
  component.weight = sum * std::max(0.0, along_edge - share);
  return component;
}

/// The box around all pixels of at least `level`; there has to be one.
Box find_box(const Plane& plane, int level) {
  std::optional<Box> box;
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      const Box pixel{x, y, 1, 1};
      if (plane.row(y)[x] >= level) box = join(box.value_or(pixel), pixel);
    }
  }
  return *box;
}

/// The box and a pixel around it, as far as the plane goes.
Box widen(const Box& box, const Plane& plane) {
  const int x = std::max(0, box.x - 1);
  const int y = std::max(0, box.y - 1);
  return {x, y, std::min(plane.width, box.x + box.width + 1) - x,
          std::min(plane.height, box.y + box.height + 1) - y};
}

}  // namespace

Box join(const Box& a, const Box& b) {
  const int x = std::min(a.x, b.x);
  const int y = std::min(a.y, b.y);
  return {x, y, std::max(a.x + a.width, b.x + b.width) - x,
          std::max(a.y + a.height, b.y + b.height) - y};
}

int longer_side(const Box& box) {
  return std::max(box.width, box.height);
}

Labels find_components(const Plane& ink, InkLevels levels) {
  Labels labels{std::vector<int>(ink.pixels.size()), {}};
  for (std::size_t at = 0; at < ink.pixels.size(); ++at) {
    if (labels.of[at] != 0 || ink.pixels[at] < levels.sure) continue;
    const int label = static_cast<int>(labels.components.size()) + 1;
    labels.components.push_back(flood(ink, levels, static_cast<int>(at), label, labels.of));
  }
  return labels;
}

Piece copy_piece(const Plane& ink, const Labels& labels, const Box& box, InkLevels levels,
                 const std::function<bool(int)>& chosen) {
  const Box wide = widen(box, ink);
  Plane parts(wide.width, wide.height);
  for (int y = box.y; y < box.y + box.height; ++y) {
    for (int x = box.x; x < box.x + box.width; ++x) {
      const int label = labels.of[static_cast<std::size_t>(y) * ink.width + x];
      if (label == 0 || !chosen(label - 1)) continue;
      for (int ny = std::max(0, y - 1); ny <= std::min(ink.height - 1, y + 1); ++ny)
        for (int nx = std::max(0, x - 1); nx <= std::min(ink.width - 1, x + 1); ++nx)
          parts.row(ny - wide.y)[nx - wide.x] = ink.row(ny)[nx];
    }
  }
  const Box inner = find_box(parts, levels.weak / 2);
  return {{wide.x + inner.x, wide.y + inner.y, inner.width, inner.height}, crop(parts, inner)};
}

}  // namespace scrawl
