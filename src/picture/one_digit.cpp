#include "picture/one_digit.hpp"

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

}  // namespace

std::optional<Piece> isolate_digit(const Plane& ink, InkLevels levels) {
  const Labels labels = find_components(ink, levels);
  const auto main = std::ranges::max_element(labels.components, {}, &Component::weight);
  if (main == labels.components.end() || main->weight == 0) return std::nullopt;

  std::vector<bool> chosen(labels.components.size());
  const Box inner = choose_parts(labels.components, main - labels.components.begin(), chosen);
  const double share = smallest_share * std::max(ink.width, ink.height);
  if (longer_side(inner) < std::max<double>(smallest_digit, share)) return std::nullopt;
  return copy_piece(ink, labels, inner, levels, [&](int label) { return chosen[label]; });
}

}  // namespace scrawl
