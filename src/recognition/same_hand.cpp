#include "recognition/same_hand.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "recognition/digit.hpp"
#include "recognition/gradient_features.hpp"

namespace scrawl {

namespace {

/// What was read as a digit with this probability shows how it is written.
constexpr float shown = 0.5F;

/// As alike are two glyphs of the same digit by a hand as often as others are: 5 % of others are
/// more alike than this, 20 % of the same are less. What the page does not show counts as this.
constexpr float unknown = 0.88F;

/// Likeness by which a digit becomes e times as probable. Above `unknown`, digits that are the same
/// gain on those that are not at about this rate (measured on real numbers).
constexpr float e_fold = 0.025F;

constexpr std::size_t reach = 150;  // digits, either way

/// How alike the two glyphs of a digit are that are the most so: one may be alike by chance.
class TwoMostAlike {
 public:
  void add(float likeness) {
    if (likeness > first_)
      second_ = std::exchange(first_, likeness);
    else
      second_ = std::max(second_, likeness);
  }
  float mean() const { return (first_ + second_) / 2; }

 private:
  float first_ = unknown;
  float second_ = unknown;
};

std::array<float, digit_count> find_likeness(std::size_t to, std::span<const Digit> digits,
                                             std::span<const GradientFeatures> features) {
  std::array<TwoMostAlike, digit_count> alike;
  const std::size_t end = std::min(digits.size(), to + reach + 1);
  for (std::size_t i = to - std::min(to, reach); i < end; ++i) {
    if (i == to || digits[i].confidence < shown) continue;
    const float likeness =
        std::inner_product(features[to].begin(), features[to].end(), features[i].begin(), 0.0F);
    alike[static_cast<std::size_t>(digits[i].digit)].add(likeness);
  }
  std::array<float, digit_count> likeness;
  std::ranges::transform(alike, likeness.begin(), &TwoMostAlike::mean);
  return likeness;
}

bool has_ink(const GradientFeatures& features) {
  return std::ranges::any_of(features, [](float feature) { return feature > 0; });
}

}  // namespace

void compare_with_hand(std::span<Digit> digits) {
  if (digits.size() < 2) return;
  std::vector<GradientFeatures> features;
  for (const Digit& digit : digits) features.push_back(find_gradient_features(digit.glyph));
  std::vector<Probabilities> after;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    Probabilities& probabilities = after.emplace_back(digits[i].probabilities);
    if (!has_ink(features[i])) continue;
    const auto likeness = find_likeness(i, digits, features);
    float sum = 0;
    for (std::size_t d = 0; d < digit_count; ++d)
      sum += probabilities[d] *= std::exp((likeness[d] - unknown) / e_fold);
    for (float& probability : probabilities) probability /= sum;
  }
  for (std::size_t i = 0; i < digits.size(); ++i) set_probabilities(digits[i], after[i]);
}

}  // namespace scrawl
