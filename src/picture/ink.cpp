#include "picture/ink.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <utility>
#include <vector>

#include "picture/histogram.hpp"
#include "picture/lightness.hpp"
#include "picture/nth_smallest.hpp"

namespace scrawl {

namespace {

/// Paper is taken to be at least this light: in deep shadow, the noise would become ink.
constexpr int dimmest_paper = balanced_paper / 2;

/// Ink fainter than this is not told from paper, however smooth the paper.
constexpr int faintest_ink = 20;

/// The highest level that paper reaches. find_paper goes by the lightest parts, so that paper as a
/// whole lacks the median, and its unevenness is of that order.
int find_noise_floor(const Histogram& histogram, double noise) {
  constexpr int highest = 100;  // a drawing that is mostly edges looks like noise
  const int median = find_median(histogram);
  return std::clamp(median + std::max(median, static_cast<int>(4 * noise)), faintest_ink, highest);
}

/// The level from `floor` on at which two classes have the largest variance between them.
int find_otsu_level(const Histogram& histogram, int floor) {
  double count = 0;
  double sum = 0;
  for (int level = floor; level < 256; ++level) {
    count += static_cast<double>(histogram[level]);
    sum += static_cast<double>(histogram[level]) * level;
  }
  double count_below = 0;
  double sum_below = 0;
  double best_variance = 0;
  int best = floor;
  for (int level = floor; level < 255; ++level) {
    count_below += static_cast<double>(histogram[level]);
    sum_below += static_cast<double>(histogram[level]) * level;
    const double count_above = count - count_below;
    if (count_below == 0 || count_above == 0) continue;
    const double distance = (sum - sum_below) / count_above - sum_below / count_below;
    const double variance = count_below * count_above * distance * distance;
    if (variance <= best_variance) continue;
    best_variance = variance;
    best = level + 1;
  }
  return best;
}

/// Where the edge of a stroke is that is as strong as the ink from `least` on. Where there is
/// nothing between paper and ink, Otsu's level may part a pen from one that is a little paler.
int find_edge_level(const Histogram& histogram, int least) {
  constexpr double edge = 0.65;  // of the mean
  double count = 0;
  double sum = 0;
  for (int level = least; level < 256; ++level) {
    count += static_cast<double>(histogram[level]);
    sum += static_cast<double>(histogram[level]) * level;
  }
  return count == 0 ? least : static_cast<int>(edge * sum / count);
}

}  // namespace

Plane find_ink(const Plane& lightness, const Plane& paper) {
  Plane ink(lightness.width, lightness.height);
  std::transform(lightness.pixels.begin(), lightness.pixels.end(), paper.pixels.begin(),
                 ink.pixels.begin(), [](int light, int white) {
                   const int lacking = std::max(0, white - light);
                   return static_cast<std::uint8_t>(255 * lacking / std::max(white, dimmest_paper));
                 });
  return ink;
}

/// From the differences of pixels that are a little apart (neighbours are alike in a JPEG), most of
/// which are paper and paper. With normal noise the median of |a - b| is 0.954 standard deviations.
double measure_noise(const Plane& lightness) {
  constexpr int apart = 4;
  constexpr double median_difference = 0.954;
  Histogram levels{};
  Histogram differences{};
  for (int y = 0; y < lightness.height; ++y) {
    const std::uint8_t* row = lightness.row(y);
    for (int x = apart; x < lightness.width; ++x) {
      ++levels[row[x]];
      ++differences[std::abs(row[x] - row[x - apart])];
    }
  }
  const double deviation = find_median(differences) / median_difference;
  return deviation * 255 / std::max(find_median(levels), dimmest_paper);
}

std::optional<InkLevels> find_ink_levels(const Plane& ink, double noise) {
  Histogram histogram{};
  for (const std::uint8_t level : ink.pixels) ++histogram[level];
  const int floor = find_noise_floor(histogram, noise);
  if (std::all_of(histogram.begin() + floor, histogram.end(), [](long n) { return n == 0; }))
    return std::nullopt;
  const int otsu = find_otsu_level(histogram, floor);
  const int sure = std::max(floor, std::min(otsu, find_edge_level(histogram, otsu)));
  return InkLevels{sure, std::max(floor, sure / 3)};
}

int full_level(const Plane& ink, int sure) {
  std::vector<std::uint8_t> levels;
  std::copy_if(ink.pixels.begin(), ink.pixels.end(), std::back_inserter(levels),
               [sure](std::uint8_t level) { return level >= sure; });
  const std::size_t quartile = levels.size() * 3 / 4;
  return nth_smallest(std::move(levels), quartile);
}

}  // namespace scrawl
