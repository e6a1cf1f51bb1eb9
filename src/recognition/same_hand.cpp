#include "recognition/same_hand.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "picture/nth_smallest.hpp"
#include "recognition/digit.hpp"
#include "recognition/gradient_features.hpp"

namespace scrawl {

namespace {

/// What was read as a digit with this probability shows how it is written.
constexpr float shown = 0.5F;

/// As alike are two glyphs of the same digit by a hand as often as others are: 5 % of others are
/// more alike than this, 20 % of the same are less.
constexpr float usual_unknown = 0.88F;

/// Likeness by which a digit becomes e times as probable. Above what is unknown, digits that are
/// the same gain on those that are not at about this rate (measured on real numbers).
constexpr float e_fold = 0.025F;

constexpr std::size_t reach = 150;  // digits, either way

bool shows(const Digit& digit) {
  return digit.confidence >= shown;
}

/// How alike digits are that are no more than `reach` apart.
class Likenesses {
 public:
  explicit Likenesses(std::span<const Digit> digits) : size_(digits.size()) {
    std::vector<GradientFeatures> features;
    features.reserve(size_);
    values_.reserve(size_ * reach);
    for (const Digit& digit : digits) features.push_back(find_gradient_features(digit.glyph));
    for (std::size_t i = 0; i < size_; ++i)
      for (std::size_t j = i + 1; j <= i + reach; ++j)
        values_.push_back(j < size_ ? find_likeness(features[i], features[j]) : 0);
  }

  std::size_t first_near(std::size_t i) const { return i - std::min(i, reach); }
  std::size_t end_near(std::size_t i) const { return std::min(size_, i + reach + 1); }
  float of(std::size_t i, std::size_t j) const {
    const auto [first, second] = std::minmax(i, j);
    return values_[first * reach + second - first - 1];
  }

 private:
  std::size_t size_;
  std::vector<float> values_;  // (digits, reach): each with those behind it
};

/// As a digit is alike to 5 % of the others that show another one; `usual_unknown` where none does.
float likeness_to_others(std::size_t which, std::span<const Digit> digits,
                         const Likenesses& likenesses) {
  std::vector<float> others;
  for (std::size_t i = likenesses.first_near(which); i < likenesses.end_near(which); ++i) {
    if (i != which && shows(digits[i]) && digits[i].digit != digits[which].digit)
      others.push_back(likenesses.of(which, i));
  }
  if (others.empty()) return usual_unknown;
  const std::size_t last = others.size() - 1;
  return nth_smallest(std::move(others), last - last * 5 / 100);
}

/// The likeness that says nothing. Where the glyphs of the page are noisy or blurred, different
/// digits are alike too. By the median of all digits, so that the few that are misread, and so too
/// much like others, do not count.
float find_unknown(std::span<const Digit> digits, const Likenesses& likenesses) {
  constexpr std::size_t least_digits = 16;
  if (digits.size() < least_digits) return usual_unknown;
  std::vector<float> all;
  for (std::size_t i = 0; i < digits.size(); ++i)
    all.push_back(likeness_to_others(i, digits, likenesses));
  return std::max(usual_unknown, nth_smallest(std::move(all), digits.size() / 2));
}

/// What can be seen of a glyph so many pixels high: 0, nothing, to 1, all.
float find_share_seen(int height) {
  constexpr float nothing_at = 6;
  constexpr float all_at = 14;
  return std::clamp((static_cast<float>(height) - nothing_at) / (all_at - nothing_at), 0.0F, 1.0F);
}

/// How alike the two glyphs of a digit are that are the most so: one may be alike by chance.
class TwoMostAlike {
 public:
  explicit TwoMostAlike(float unknown) : first_(unknown), second_(unknown) {}

  void add(float likeness) {
    if (likeness > first_)
      second_ = std::exchange(first_, likeness);
    else
      second_ = std::max(second_, likeness);
  }
  float mean() const { return (first_ + second_) / 2; }

 private:
  float first_;
  float second_;
};

Probabilities compare(std::size_t which, std::span<const Digit> digits,
                      const Likenesses& likenesses, float unknown) {
  std::vector<TwoMostAlike> alike(digit_count, TwoMostAlike(unknown));
  for (std::size_t i = likenesses.first_near(which); i < likenesses.end_near(which); ++i) {
    if (i != which && shows(digits[i]))
      alike[static_cast<std::size_t>(digits[i].digit)].add(likenesses.of(which, i));
  }
  Probabilities probabilities = digits[which].probabilities;
  const float rate = find_share_seen(digits[which].box.height) / e_fold;
  float sum = 0;
  for (std::size_t d = 0; d < digit_count; ++d)
    sum += probabilities[d] *= std::exp(rate * (alike[d].mean() - unknown));
  for (float& probability : probabilities) probability /= sum;
  return probabilities;
}

}  // namespace

void compare_with_hand(std::span<Digit> digits) {
  if (digits.size() < 2) return;
  const Likenesses likenesses(digits);
  const float unknown = find_unknown(digits, likenesses);
  std::vector<Probabilities> compared;
  for (std::size_t i = 0; i < digits.size(); ++i)
    compared.push_back(compare(i, digits, likenesses, unknown));
  for (std::size_t i = 0; i < digits.size(); ++i) set_probabilities(digits[i], compared[i]);
}

}  // namespace scrawl
