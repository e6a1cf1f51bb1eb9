#include "picture/one_digit.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <set>
#include <vector>

#include "picture/frame.hpp"

namespace scrawl {

namespace {

/// A part of a digit has at least this share of the main component's weight; less is a speck.
constexpr double least_part = 0.02;

/// A part of a digit is not farther off than this share of the main component's longer side.
constexpr double farthest_part = 0.3;

/// What is looked at: so many components, each with at least this share of the heaviest's weight.
constexpr std::size_t most_mains = 3;
constexpr double least_main = 0.3;

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
Box choose_parts(const std::vector<Component>& components, std::size_t main, bool at_edge,
                 std::vector<bool>& chosen) {
  chosen[main] = true;
  Box digit = components[main].box;
  const double reach = farthest_part * longer_side(digit);
  for (Box before{}; before != digit;) {
    before = digit;
    for (std::size_t i = 0; i < components.size(); ++i) {
      const Component& part = components[i];
      if (part.on_edge > 0 && !at_edge) continue;
      if (part.weight == 0 || part.weight < least_part * components[main].weight) continue;
      if (distance(digit, part.box) > reach) continue;
      chosen[i] = true;
      digit = join(digit, part.box);
    }
  }
  return digit;
}

/// The heaviest first.
std::vector<std::size_t> choose_mains(const std::vector<Component>& components) {
  std::vector<std::size_t> mains(components.size());
  std::iota(mains.begin(), mains.end(), std::size_t{0});
  const auto weight = [&](std::size_t i) { return components[i].weight; };
  const std::size_t count = std::min(most_mains, mains.size());
  std::ranges::partial_sort(mains, mains.begin() + static_cast<std::ptrdiff_t>(count),
                            std::greater(), weight);
  mains.resize(count);
  std::erase_if(mains, [&, heaviest = mains.empty() ? 0 : weight(mains[0])](std::size_t i) {
    return weight(i) == 0 || weight(i) < least_main * heaviest;
  });
  return mains;
}

}  // namespace

std::vector<IsolatedDigit> isolate_digits(const Plane& ink, InkLevels levels) {
  Labels labels = find_components(ink, levels);
  drop_frames(labels, ink.width);
  const double least = std::max<double>(
      smallest_digit, smallest_share * static_cast<double>(std::max(ink.width, ink.height)));
  std::vector<IsolatedDigit> digits;
  std::set<std::vector<bool>> seen;
  const std::vector<std::size_t> mains = choose_mains(labels.components);
  for (std::size_t i = 0; i < mains.size(); ++i) {
    // Where the digit itself is cut off by the edge, so may its parts be.
    const bool cut_off = labels.components[mains[i]].on_edge > 0;
    for (const bool at_edge : {cut_off, !cut_off}) {
      std::vector<bool> chosen(labels.components.size());
      const Box inner = choose_parts(labels.components, mains[i], at_edge, chosen);
      if (longer_side(inner) < least || !seen.insert(chosen).second) continue;
      digits.push_back(
          {copy_piece(ink, labels, inner, levels, [&](int label) { return chosen[label]; }), i});
    }
  }
  return digits;
}

}  // namespace scrawl
