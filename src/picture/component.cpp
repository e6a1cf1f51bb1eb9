#include "picture/component.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace scrawl {

namespace {

/// A part of a digit has at least this share of the main component's weight; less is a speck.
constexpr double least_part = 0.02;

/// A part of a digit is not farther off than this share of the main component's longer side.
constexpr double farthest_part = 0.3;

/// What has a longer side below this, in pixels and as a share of the picture's, is a speck.
constexpr int smallest_digit = 4;
constexpr double smallest_share = 1.0 / 40;

/// What lies along the picture's edge with this share of half the outline of its box is a line, a
/// shadow, or a frame. A digit that the picture cuts off only touches the edge.
constexpr double along_edge = 0.9;

/// A connected piece of ink.
struct Component {
  Box box;
  int on_edge = 0;    ///< how many of its pixels are on the picture's edge
  double weight = 0;  ///< its sum of ink, the less the more of it lies along the edge
};

/// Which component each pixel belongs to; 0 is paper, and components count from 1.
struct Labels {
  std::vector<int> of;  ///< (height, width)
  std::vector<Component> components;
};

Box join(const Box& a, const Box& b) {
  const int x = std::min(a.x, b.x);
  const int y = std::min(a.y, b.y);
  return {x, y, std::max(a.x + a.width, b.x + b.width) - x,
          std::max(a.y + a.height, b.y + b.height) - y};
}

int longer_side(const Box& box) {
  return std::max(box.width, box.height);
}

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

Labels find_components(const Plane& ink, InkLevels levels) {
  Labels labels{std::vector<int>(ink.pixels.size()), {}};
  for (std::size_t at = 0; at < ink.pixels.size(); ++at) {
    if (labels.of[at] != 0 || ink.pixels[at] < levels.sure) continue;
    const int label = static_cast<int>(labels.components.size()) + 1;
    labels.components.push_back(flood(ink, levels, static_cast<int>(at), label, labels.of));
  }
  return labels;
}

/// How far apart two boxes are, across or down, whichever is more.
int distance(const Box& a, const Box& b) {
  const int across = std::max(a.x, b.x) - std::min(a.x + a.width, b.x + b.width);
  const int down = std::max(a.y, b.y) - std::min(a.y + a.height, b.y + b.height);
  return std::max({0, across, down});
}

/// Marks components[main] and its parts (strokes that the pen did not join), and returns their box.
Box choose_parts(const std::vector<Component>& components, std::size_t main,
                 std::vector<bool>& chosen) {
  chosen[main] = true;
  Box digit = components[main].box;
  const double reach = farthest_part * longer_side(digit);
  for (Box before{}; before != digit;) {
    before = digit;
    for (std::size_t i = 0; i < components.size(); ++i) {
      const Component& part = components[i];
      if (part.on_edge > 0 || part.weight < least_part * components[main].weight) continue;
      if (distance(digit, part.box) > reach) continue;
      chosen[i] = true;
      digit = join(digit, part.box);
    }
  }
  return digit;
}

/// The pixels of the chosen components, and those beside them: the grey edge of a stroke is weaker
/// than weak ink. All else is 0. Nothing is copied from outside of `box` and the pixels around it.
Plane copy_parts(const Plane& ink, const Labels& labels, const std::vector<bool>& chosen,
                 const Box& box) {
  Plane parts(ink.width, ink.height);
  for (int y = box.y; y < box.y + box.height; ++y) {
    for (int x = box.x; x < box.x + box.width; ++x) {
      const int label = labels.of[static_cast<std::size_t>(y) * ink.width + x];
      if (label == 0 || !chosen[label - 1]) continue;
      for (int ny = std::max(0, y - 1); ny <= std::min(ink.height - 1, y + 1); ++ny)
        for (int nx = std::max(0, x - 1); nx <= std::min(ink.width - 1, x + 1); ++nx)
          parts.row(ny)[nx] = ink.row(ny)[nx];
    }
  }
  return parts;
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

Plane crop(const Plane& plane, const Box& box) {
  Plane cut(box.width, box.height);
  for (int y = 0; y < box.height; ++y)
    std::copy_n(plane.row(box.y + y) + box.x, box.width, cut.row(y));
  return cut;
}

}  // namespace

std::optional<IsolatedDigit> isolate_digit(const Plane& ink, InkLevels levels) {
  const Labels labels = find_components(ink, levels);
  const auto main =
      std::max_element(labels.components.begin(), labels.components.end(),
                       [](const Component& a, const Component& b) { return a.weight < b.weight; });
  if (main == labels.components.end() || main->weight == 0) return std::nullopt;

  std::vector<bool> chosen(labels.components.size());
  const Box inner = choose_parts(labels.components, main - labels.components.begin(), chosen);
  const double share = smallest_share * std::max(ink.width, ink.height);
  if (longer_side(inner) < std::max<double>(smallest_digit, share)) return std::nullopt;
  const Plane parts = copy_parts(ink, labels, chosen, inner);
  const Box box = find_box(parts, levels.weak / 2);
  return IsolatedDigit{box, crop(parts, box)};
}

}  // namespace scrawl
