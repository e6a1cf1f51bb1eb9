#include "recognition/reading_order.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "picture/nth_smallest.hpp"

namespace scrawl {

namespace {

float shared_height(const Detection& one, const Detection& other) {
  return std::min(one.box.bottom, other.box.bottom) - std::max(one.box.top, other.box.top);
}

float shared_width(const Detection& one, const Detection& other) {
  return std::min(one.box.right, other.box.right) - std::max(one.box.left, other.box.left);
}

/// The nearest to the right that is beside it; null where there is none.
const Detection* right_neighbor(const Detection& one, const std::vector<Detection>& all) {
  constexpr float beside = 0.4F;  // of the lower one's height they have to share
  constexpr float near = 3;       // heights from one to the other
  const Detection* nearest = nullptr;
  float nearest_distance = near * one.box.height();
  for (const Detection& other : all) {
    const float distance = other.box.center_x() - one.box.center_x();
    if (&other == &one || distance <= 0 || distance >= nearest_distance) continue;
    if (shared_height(one, other) < beside * std::min(one.box.height(), other.box.height()))
      continue;
    nearest = &other;
    nearest_distance = distance;
  }
  return nearest;
}

/// The lower one of two.
float median(std::vector<float> values) {
  const std::size_t middle = (values.size() - 1) / 2;
  return nth_smallest(std::move(values), middle);
}

/// How far lines fall by pixel to the right: the median over all neighbors.
float find_slope(const std::vector<Detection>& detections) {
  std::vector<float> slopes;
  for (const Detection& one : detections) {
    const Detection* next = right_neighbor(one, detections);
    if (next == nullptr) continue;
    const float down =
        (next->box.center_y() - one.box.center_y() + next->box.bottom - one.box.bottom) / 2;
    slopes.push_back(down / (next->box.center_x() - one.box.center_x()));
  }
  return slopes.empty() ? 0 : median(std::move(slopes));
}

/// A line as it grows to the right. Heights and places are those of its last digits.
struct Line {
  std::vector<Detection> digits;
  float y = 0;  // of its middle, without the slope
  float height = 0;

  void add(const Detection& one, float level) {
    constexpr float newest = 0.4F;
    const float weight = digits.empty() ? 1 : newest;
    y += weight * (level - y);
    height += weight * (one.box.height() - height);
    digits.push_back(one);
  }
};

/// Whether `one` has its place in a line though it is higher or lower: beside one of its digits,
/// and above or below none.
bool fits_into(const Detection& one, const Line& line) {
  constexpr float beside = 0.25F;  // of its height that it shares with a digit of the line
  constexpr float near = 4;        // heights from one to the other
  constexpr float above = 0.3F;    // of the narrower one's width
  const float height = one.box.height();
  bool is_beside = false;
  for (const Detection& other : line.digits) {
    const float narrower = std::min(one.box.width(), other.box.width());
    if (shared_width(one, other) > above * narrower) return false;
    is_beside |= shared_height(one, other) > beside * height &&
                 std::abs(one.box.center_x() - other.box.center_x()) < near * height;
  }
  return is_beside;
}

/// Puts lines whose digits all fit into another one there: they jump, but are of that line. Returns
/// whether there was any.
bool join_jumping(std::vector<Line>& lines) {
  bool joined = false;
  for (auto part = lines.begin(); part != lines.end();) {
    const auto takes_it = [&](const Line& other) {
      const auto fits = [&](const Detection& one) { return fits_into(one, other); };
      return &other != &*part && other.digits.size() >= part->digits.size() &&
             std::ranges::all_of(part->digits, fits);
    };
    const auto whole = std::ranges::find_if(lines, takes_it);
    if (whole == lines.end()) {
      ++part;
      continue;
    }
    std::ranges::move(part->digits, std::back_inserter(whole->digits));
    std::ranges::sort(whole->digits, {}, [](const Detection& one) { return one.box.center_x(); });
    part = lines.erase(part);
    joined = true;
  }
  return joined;
}

}  // namespace

std::vector<std::vector<Detection>> find_reading_order(std::vector<Detection> detections) {
  constexpr float off = 0.5F;  // of the height, that a digit's middle may be from its line's
  const float slope = find_slope(detections);
  const auto level = [&](const Detection& one) {
    return one.box.center_y() - slope * one.box.center_x();
  };
  std::ranges::sort(detections, {}, [](const Detection& one) { return one.box.center_x(); });
  std::vector<Line> lines;
  for (const Detection& one : detections) {
    Line* best = nullptr;
    float least = off;
    for (Line& line : lines) {
      const float distance =
          std::abs(level(one) - line.y) / std::max(line.height, one.box.height());
      if (distance >= least) continue;
      best = &line;
      least = distance;
    }
    if (best == nullptr) best = &lines.emplace_back();
    best->add(one, level(one));
  }
  while (join_jumping(lines)) {
  }
  std::vector<std::pair<float, std::size_t>> order;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<float> levels;
    for (const Detection& one : lines[i].digits) levels.push_back(level(one));
    order.emplace_back(median(std::move(levels)), i);
  }
  std::ranges::sort(order);
  std::vector<std::vector<Detection>> sorted;
  for (const auto& [y, i] : order) sorted.push_back(std::move(lines[i].digits));
  return sorted;
}

namespace {

/// How far a sign is from the digit of a line that is nearest to it, in that digit's heights; none
/// where it is no neighbor.
float distance_to(const std::vector<Detection>& line, const Detection& sign) {
  constexpr float farthest_across = 1.5F;
  constexpr float farthest_down = 0.9F;  // a comma hangs below the line
  float least = std::numeric_limits<float>::infinity();
  for (const Detection& digit : line) {
    const float height = digit.box.height();
    const float down = std::abs(sign.box.center_y() - digit.box.center_y()) / height;
    const float gap = std::max(digit.box.left - sign.box.right, sign.box.left - digit.box.right);
    const float across = std::max(0.0F, gap / height);
    if (across < farthest_across && down < farthest_down) least = std::min(least, across + down);
  }
  return least;
}

}  // namespace

void insert_signs(const std::vector<Detection>& signs, std::vector<std::vector<Detection>>& lines) {
  std::vector<std::vector<Detection>> inserted(lines.size());
  for (const Detection& sign : signs) {
    std::size_t best = 0;
    float least = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const float distance = distance_to(lines[i], sign);
      if (distance >= least) continue;
      least = distance;
      best = i;
    }
    if (std::isfinite(least)) inserted[best].push_back(sign);
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    lines[i].insert(lines[i].end(), inserted[i].begin(), inserted[i].end());
    std::ranges::stable_sort(lines[i], {}, [](const Detection& one) { return one.box.center_x(); });
  }
}

std::vector<bool> find_spaces(const std::vector<Detection>& line) {
  constexpr float min_space = 0.6F;          // of the line's height
  constexpr float wider_than_others = 2.2F;  // than the median gap
  std::vector<bool> spaces(line.size());
  if (line.size() < 2) return spaces;
  std::vector<float> gaps;
  std::vector<float> heights{line.front().box.height()};
  for (std::size_t i = 1; i < line.size(); ++i) {
    gaps.push_back(line[i].box.left - line[i - 1].box.right);
    heights.push_back(line[i].box.height());
  }
  const float usual = median(gaps);
  const float height = median(std::move(heights));
  for (std::size_t i = 0; i < gaps.size(); ++i)
    spaces[i + 1] = gaps[i] > min_space * height && gaps[i] > wider_than_others * usual;
  return spaces;
}

}  // namespace scrawl
