#include "recognition/box_wall.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "picture/histogram.hpp"
#include "recognition/detection.hpp"

namespace scrawl {

namespace {

/// A part of a page, in which is ink what differs from the paper by `least` gray levels or more.
struct InkWindow {
  const Plane& gray;
  Box area;
  int paper = 0;
  int least = 0;

  int difference(int x, int y) const { return std::abs(gray.row(y)[x] - paper); }
  bool is_ink(int x, int y) const {
    return x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height &&
           difference(x, y) >= least;
  }
};

struct Pixel {
  int x;
  int y;
};

/// Goes on along a line by one pixel, to its side where it leans. False where it ends.
bool follow(const InkWindow& window, int dx, int dy, Pixel& at) {
  for (const int aside : {0, -1, 1}) {
    const Pixel next{at.x + dx + aside * std::abs(dy), at.y + dy + aside * std::abs(dx)};
    if (!window.is_ink(next.x, next.y)) continue;
    at = next;
    return true;
  }
  return false;
}

int length_of_line(const InkWindow& window, int dx, Pixel at) {
  int length = 0;
  while (follow(window, dx, 0, at)) ++length;
  return length;
}

/// The darkest column of the middle half of `box`, and by how much it differs from the paper.
std::pair<int, int> find_line(const InkWindow& window, const Box& box) {
  const int top = box.y + box.height / 4;
  const int bottom = box.y + box.height * 3 / 4;
  int column = box.x;
  int most = 0;
  for (int x = box.x; x < box.x + box.width; ++x) {
    int sum = 0;
    for (int y = top; y < bottom; ++y) sum += window.difference(x, y);
    if (sum <= most) continue;
    most = sum;
    column = x;
  }
  return {column, most / (bottom - top)};
}

/// Whether the line through `at` meets a line across it where the place ends, or beyond, and none
/// before, to both of its sides, as on squared paper.
bool ends_at_a_line(const InkWindow& window, const Rectangle& place, int step, Pixel at) {
  constexpr float slack = 0.15F;  // of the height, that a place is inexact by
  constexpr float long_enough = 0.5F;
  const float height = place.height();
  const float end = step < 0 ? place.top + slack * height : place.bottom - slack * height;
  while (follow(window, 0, step, at)) {
    const auto [shorter, longer] =
        std::minmax({length_of_line(window, -1, at), length_of_line(window, 1, at)});
    const bool is_inside = static_cast<float>(step) * (static_cast<float>(at.y) - end) < 0;
    if (static_cast<float>(is_inside ? shorter : longer) >= long_enough * height) return !is_inside;
  }
  return false;
}

}  // namespace

bool is_box_wall(const Plane& gray, const Rectangle& place) {
  constexpr int faintest = 8;  // gray levels
  const float height = place.height();
  const Box box = to_box(place, gray);
  if (box.width < 2 || box.height < 6) return false;
  const Box around = to_box({place.left - height, place.top - height / 2, place.right + height,
                             place.bottom + height / 2},
                            gray);
  InkWindow window{gray, around, find_median(count_levels(gray, around)), 0};
  const auto [column, contrast] = find_line(window, box);
  window.least = contrast / 2;
  if (window.least < faintest) return false;
  const Pixel middle{column, box.y + box.height / 2};
  return ends_at_a_line(window, place, -1, middle) && ends_at_a_line(window, place, 1, middle);
}

}  // namespace scrawl
