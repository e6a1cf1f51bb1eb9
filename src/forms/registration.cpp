#include "forms/registration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "forms/feature_map.hpp"

namespace scrawl {

namespace {

/// Square roots of the maps' areas, and how many poses are looked at more closely in each.
constexpr std::array<int, 5> sides{80, 160, 320, 640, 1280};
constexpr std::array<std::size_t, 5> kept{16, 6, 3, 1, 1};
constexpr std::size_t features_by_level = 3000;
constexpr std::size_t coarse_features = 500;
constexpr std::size_t first_affine_level = 2;  // shear and stretch are not looked for before

constexpr float farthest_shift = 0.125F;  // of the page's width and height
constexpr float beyond_shift = 0.01F;     // in square roots of the area: so much more is tried
constexpr float farthest_scale = 0.125F;  // its logarithm

/// How the reference lies on the scan, about the middles of both.
struct Pose {
  // shift across and down (in square roots of the area), turn (radians), logarithm of the scale;
  // stretch across, shear
  std::array<float, 6> values{};
  float score = 0;

  /// Of maps whose middles are these; `unit` is the square root of a map's area.
  Affine affine(PagePoint from, PagePoint to, float unit) const {
    const auto [shift_x, shift_y, turn, log_scale, stretch, shear] = values;
    const float scale = std::exp(log_scale);
    const float cos = std::cos(turn) * scale;
    const float sin = std::sin(turn) * scale;
    const float wide = std::exp(stretch);
    Affine a;
    a.xx = cos * wide;
    a.xy = cos * shear - sin / wide;
    a.yx = sin * wide;
    a.yy = sin * shear + cos / wide;
    a.x0 = to.x + shift_x * unit - a.xx * from.x - a.xy * from.y;
    a.y0 = to.y + shift_y * unit - a.yx * from.x - a.yy * from.y;
    return a;
  }
};

/// What poses are looked for.
struct Limits {
  Pose around;
  float across;  // in square roots of the area
  float down;
};

PagePoint middle_of(int width, int height) {
  return {static_cast<float>(width) / 2, static_cast<float>(height) / 2};
}

/// The features of the reference, and where they are looked for.
struct Matching {
  const std::vector<Feature>& features;
  PagePoint from;
  const FeatureMap& scan;
  float unit;

  Affine affine(const Pose& pose) const {
    return pose.affine(from, middle_of(scan.width, scan.height), unit);
  }
  /// The mean product of both.
  float score(const Pose& pose) const {
    const Affine affine = this->affine(pose);
    float sum = 0;
    for (const Feature& feature : features) sum += feature.value * scan.at(affine(feature.place));
    return features.empty() ? 0 : sum / static_cast<float>(features.size());
  }
  float correlation(const Pose& pose) const {
    const Affine affine = this->affine(pose);
    float product = 0;
    float of_reference = 1e-6F;
    float of_scan = 1e-6F;
    for (const Feature& feature : features) {
      const float value = scan.at(affine(feature.place));
      product += feature.value * value;
      of_reference += feature.value * feature.value;
      of_scan += value * value;
    }
    // Where the scan shows next to nothing, a few lines that fit by chance are no agreement.
    return product / std::sqrt(of_reference * std::max(of_scan, 0.5F * of_reference));
  }
};

void keep_best(std::vector<Pose>& poses, std::size_t count) {
  std::ranges::sort(poses, std::ranges::greater{}, &Pose::score);
  poses.resize(std::min(poses.size(), count));
}

bool is_near(const Pose& a, const Pose& b, float unit) {
  const auto off = [&](std::size_t i) { return std::abs(a.values[i] - b.values[i]) * unit; };
  return std::max({off(0), off(1), off(2) / 2, off(3) / 2}) < 1.5F;
}

/// All poses within the limits, in steps of about one and a half pixels of the map.
std::vector<Pose> search_coarsely(const Matching& matching, const Limits& limits,
                                  const StopRequested& stop) {
  constexpr float most_turn = 10 * std::numbers::pi_v<float> / 180;
  const float step = 1.5F / matching.unit;
  const float turn_step = 2 * step;
  std::vector<Pose> poses;
  for (float turn = -most_turn; turn <= most_turn; turn += turn_step) {
    check_stop(stop);
    for (float scale = -farthest_scale; scale <= farthest_scale; scale += turn_step) {
      for (float down = -limits.down; down <= limits.down; down += step) {
        for (float across = -limits.across; across <= limits.across; across += step) {
          Pose pose = limits.around;
          pose.values[0] += across;
          pose.values[1] += down;
          pose.values[2] += turn;
          pose.values[3] += scale;
          pose.score = matching.score(pose);
          poses.push_back(pose);
        }
      }
    }
  }
  keep_best(poses, 50 * kept[0]);
  std::vector<Pose> apart;
  for (const Pose& pose : poses) {
    const bool is_new = std::ranges::none_of(
        apart, [&](const Pose& other) { return is_near(pose, other, matching.unit / 2); });
    if (is_new) apart.push_back(pose);
  }
  keep_best(apart, kept[0]);
  return apart;
}

/// Whether it is one that a scanner makes: squeezed onto a line, a form would fit any line, and
/// moved by a row, one of equal rows would fit itself upside down.
bool is_possible(const Pose& pose, const Limits& limits) {
  const std::array<float, 6> most{
      limits.across + beyond_shift, limits.down + beyond_shift, 0.25F, 0.145F, 0.04F, 0.04F};
  for (std::size_t i = 0; i < most.size(); ++i)
    if (std::abs(pose.values[i] - limits.around.values[i]) > most[i]) return false;
  return true;
}

/// Whether it went on from the limits as far as it may.
bool is_shifted_farthest(const Pose& pose, const Limits& limits) {
  return std::abs(pose.values[0]) > limits.across + beyond_shift / 2 ||
         std::abs(pose.values[1]) > limits.down + beyond_shift / 2;
}

/// Goes uphill in smaller and smaller steps (Hooke and Jeeves 1961).
void refine(const Matching& matching, const Limits& limits, std::size_t parameters, Pose& pose) {
  constexpr float first_step = 1;  // pixels of the map
  constexpr float last_step = 0.06F;
  constexpr int most_rounds = 200;
  pose.score = matching.score(pose);
  float step = first_step / matching.unit;
  for (int round = 0; round < most_rounds && step * matching.unit >= last_step; ++round) {
    const float before = pose.score;
    for (std::size_t i = 0; i < parameters; ++i) {
      for (const float way : {step, -step}) {
        Pose other = pose;
        other.values[i] += i < 2 ? way : 2 * way;  // at half the page's side from its middle
        if (!is_possible(other, limits)) continue;
        other.score = matching.score(other);
        if (other.score > pose.score) {
          pose = other;
          break;
        }
      }
    }
    if (pose.score <= before) step /= 2;
  }
}

/// From the reference's pixels to the scan's: what maps show of both is scaled by whole pixels.
Affine between_pictures(const Matching& matching, const Pose& pose, const ReferencePage& reference,
                        const Plane& scan) {
  const Affine a = matching.affine(pose);
  const float from_x = 2 * matching.from.x / static_cast<float>(reference.width());
  const float from_y = 2 * matching.from.y / static_cast<float>(reference.height());
  const float to_x = static_cast<float>(matching.scan.width) / static_cast<float>(scan.width);
  const float to_y = static_cast<float>(matching.scan.height) / static_cast<float>(scan.height);
  return {a.xx * from_x / to_x, a.xy * from_y / to_x, a.x0 / to_x,
          a.yx * from_x / to_y, a.yy * from_y / to_y, a.y0 / to_y};
}

}  // namespace

struct ReferencePage::Level {
  int side;
  PagePoint middle;
  std::vector<Feature> features;
};

ReferencePage::ReferencePage(const Plane& page) : width_(page.width), height_(page.height) {
  std::vector<Level> levels;
  const double own = std::sqrt(static_cast<double>(page.width) * page.height);
  for (const int side : sides) {
    if (!levels.empty() && side > own) break;
    const FeatureMap map = make_feature_map(page, side);
    levels.push_back({side, middle_of(map.width, map.height),
                      choose_features(map, levels.empty() ? coarse_features : features_by_level)});
  }
  if (levels.front().features.empty())
    throw Error("the form's reference is empty: there is nothing to register scans by");
  levels_ = std::make_shared<const std::vector<Level>>(std::move(levels));
}

Registration ReferencePage::find_on(const Plane& scan, const StopRequested& stop) const {
  const std::vector<Level>& levels = *levels_;
  std::vector<FeatureMap> maps;
  for (const Level& level : levels) {
    check_stop(stop);
    maps.push_back(make_feature_map(scan, level.side));
  }
  const auto matching_at = [&](std::size_t level) {
    return Matching{levels[level].features, levels[level].middle, maps[level],
                    static_cast<float>(levels[level].side)};
  };
  const float root = std::sqrt(static_cast<float>(scan.width) * static_cast<float>(scan.height));
  const auto find_about = [&](const Limits& limits) {
    std::vector<Pose> poses = search_coarsely(matching_at(0), limits, stop);
    for (std::size_t level = 0; level < levels.size(); ++level) {
      const Matching matching = matching_at(level);
      for (Pose& pose : poses) {
        check_stop(stop);
        refine(matching, limits, level >= first_affine_level ? 6 : 4, pose);
      }
      keep_best(poses, kept[std::min(level + 1, kept.size() - 1)]);
    }
    return poses.front();
  };
  // Agreement is measured where lines of print differ from rules, but letters not from each other.
  const Matching measure = matching_at(std::min<std::size_t>(3, levels.size() - 1));
  // All four sides are tried: a form of equal rows agrees with itself upside down, though by less.
  Limits limits{Pose{}, farthest_shift * static_cast<float>(scan.width) / root,
                farthest_shift * static_cast<float>(scan.height) / root};
  Pose best;
  float agreement = -1;
  for (const float quarter : {0.0F, 2.0F, 1.0F, 3.0F}) {
    limits.around.values[2] = quarter * std::numbers::pi_v<float> / 2;
    const Pose found = find_about(limits);
    const float correlation = measure.correlation(found);
    if (correlation > agreement) {
      best = found;
      agreement = correlation;
    }
  }
  return {between_pictures(matching_at(levels.size() - 1), best, *this, scan), agreement,
          is_shifted_farthest(best, limits)};
}

}  // namespace scrawl
