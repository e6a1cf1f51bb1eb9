#include "picture/lines.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace scrawl {

namespace {

/// A piece that is as high as this share of the typical height counts where lines are looked for;
/// smaller ones (dots, dashes, broken strokes) go to the line that they lie in.
constexpr double main_share = 0.5;

/// A band that is higher than so many digits may be two lines that run into each other.
constexpr double most_heights = 1.7;

/// Two lines that run into each other are parted where no more than this share of the pieces above
/// and below reaches.
constexpr double valley_share = 0.35;

constexpr int most_tilt = 15;           // degrees
constexpr double tilt_is_better = 1.1;  // by so much, than writing that is level

struct Interval {
  double low;
  double high;
};

double height_of(const Piece& piece) {
  return piece.box.height;
}

/// Half of all height belongs to pieces that are higher: dots and bits of broken strokes count for
/// little.
double median_height(const std::vector<Piece>& pieces) {
  std::vector<double> heights;
  for (const Piece& piece : pieces) heights.push_back(height_of(piece));
  std::ranges::sort(heights);
  const double all = std::accumulate(heights.begin(), heights.end(), 0.0);
  double sum = 0;
  for (const double height : heights)
    if (2 * (sum += height) >= all) return height;
  return 0;
}

/// Where the piece is across lines with a slope of `tilt`.
Interval interval_of(const Piece& piece, double tilt) {
  const Box& box = piece.box;
  const double x = box.x + box.width / 2.0;
  const double y = box.y + box.height / 2.0;
  const double middle = y * std::cos(tilt) - x * std::sin(tilt);
  return {middle - box.height / 2.0, middle + box.height / 2.0};
}

/// How many intervals reach each of the steps from `from` on.
struct Profile {
  double from = 0;
  double step = 1;
  std::vector<int> count;

  std::size_t at(double y) const {
    const double index = std::clamp((y - from) / step, 0.0, static_cast<double>(count.size() - 1));
    return static_cast<std::size_t>(index);
  }
};

Profile make_profile(std::span<const Interval> intervals, double height) {
  Profile profile;
  profile.step = height / 16;
  profile.from = std::ranges::min(intervals, {}, &Interval::low).low;
  const double to = std::ranges::max(intervals, {}, &Interval::high).high;
  profile.count.assign(static_cast<std::size_t>((to - profile.from) / profile.step) + 1, 0);
  for (const Interval& interval : intervals) {
    for (std::size_t i = profile.at(interval.low); i <= profile.at(interval.high); ++i) {
      ++profile.count[i];
    }
  }
  return profile;
}

std::vector<Interval> intervals_of(const std::vector<Piece>& pieces, double tilt, double least) {
  std::vector<Interval> intervals;
  for (const Piece& piece : pieces)
    if (height_of(piece) >= least) intervals.push_back(interval_of(piece, tilt));
  return intervals;
}

/// The slope at which pieces lie beside each other best: the profile has high peaks.
double find_tilt(const std::vector<Piece>& pieces, double height) {
  const auto sharpness = [&](double tilt) {
    const std::vector<Interval> intervals = intervals_of(pieces, tilt, height * main_share);
    double sum = 0;
    for (const int count : make_profile(intervals, height).count) sum += 1.0 * count * count;
    return sum;
  };
  double best = 0;
  double most = sharpness(0) * tilt_is_better;
  for (int degrees = -most_tilt; degrees <= most_tilt; ++degrees) {
    const double tilt = degrees * std::numbers::pi / 180;
    const double sharp = sharpness(tilt);
    if (sharp <= most) continue;
    most = sharp;
    best = tilt;
  }
  return best;
}

/// Adds to `cuts` where the band from `begin` to `end` of the profile is parted into lines.
void part_band(const Profile& profile, std::size_t begin, std::size_t end, double height,
               std::vector<double>& cuts) {
  if (static_cast<double>(end - begin) * profile.step < most_heights * height) return;
  // Each part is at least half a digit high.
  const auto margin = static_cast<std::size_t>(height / 2 / profile.step);
  if (end - begin < 2 * margin + 1) return;
  const auto low = std::min_element(profile.count.begin() + begin + margin,
                                    profile.count.begin() + end - margin);
  const auto at = static_cast<std::size_t>(low - profile.count.begin());
  const int above = *std::max_element(profile.count.begin() + begin, low);
  const int below = *std::max_element(low, profile.count.begin() + end);
  if (*low > valley_share * std::min(above, below)) return;
  part_band(profile, begin, at, height, cuts);
  cuts.push_back(profile.from + (static_cast<double>(at) + 0.5) * profile.step);
  part_band(profile, at + 1, end, height, cuts);
}

/// Between lines, from top to bottom.
std::vector<double> find_cuts(const Profile& profile, double height) {
  std::vector<double> cuts;
  std::size_t begin = 0;
  while (begin < profile.count.size()) {
    std::size_t end = begin;
    while (end < profile.count.size() && profile.count[end] > 0) ++end;
    part_band(profile, begin, end, height, cuts);
    std::size_t next = end;
    while (next < profile.count.size() && profile.count[next] == 0) ++next;
    if (next < profile.count.size()) {
      cuts.push_back(profile.from + static_cast<double>(end + next) / 2 * profile.step);
    }
    begin = next;
  }
  return cuts;
}

}  // namespace

Line make_line(std::vector<Piece> pieces) {
  std::ranges::sort(pieces, {}, [](const Piece& p) { return 2 * p.box.x + p.box.width; });
  const double height = pieces.empty() ? 0 : median_height(pieces);
  return {std::move(pieces), height};
}

std::vector<Line> find_lines(std::vector<Piece> pieces) {
  if (pieces.empty()) return {};
  const double height = median_height(pieces);
  const double tilt = find_tilt(pieces, height);
  const Profile profile = make_profile(intervals_of(pieces, tilt, height * main_share), height);
  const std::vector<double> cuts = find_cuts(profile, height);
  std::vector<std::vector<Piece>> bands(cuts.size() + 1);
  for (Piece& piece : pieces) {
    const Interval interval = interval_of(piece, tilt);
    const double middle = (interval.low + interval.high) / 2;
    const auto below = std::ranges::upper_bound(cuts, middle);
    bands[below - cuts.begin()].push_back(std::move(piece));
  }
  std::vector<Line> lines;
  for (std::vector<Piece>& band : bands)
    if (!band.empty()) lines.push_back(make_line(std::move(band)));
  return lines;
}

}  // namespace scrawl
