#include "forms/plausible.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <queue>
#include <utility>
#include <vector>

#include "forms/expectation.hpp"

namespace scrawl {

namespace {

/// What stands in a field although it is not expected: slips of those who fill it in.
constexpr double slips = 0.02;

/// A digit's alternatives, the most probable first.
struct Place {
  explicit Place(const Probabilities& looks) {
    std::iota(digits.begin(), digits.end(), std::uint8_t{0});
    std::ranges::stable_sort(digits, std::ranges::greater{},
                             [&](std::uint8_t digit) { return looks[digit]; });
    constexpr double least = 1e-9;
    const double shared = looks[digits.back()];  // the doubt that all others share
    probabilities[0] = std::max<double>(looks[digits[0]], least);
    for (std::size_t i = 1; i < digit_count; ++i)
      probabilities[i] = std::max(looks[digits[i]] - shared, least);
  }

  std::array<std::uint8_t, digit_count> digits{};
  std::array<double, digit_count> probabilities{};
};

/// One of the alternatives for each place.
struct Choice {
  double probability = 1;
  std::vector<std::uint8_t> ranks;
  std::size_t last = 0;  ///< the last place that has not its first alternative

  bool operator<(const Choice& other) const { return probability < other.probability; }
};

/// All numbers, from the most probable on.
class Numbers {
 public:
  explicit Numbers(std::span<const Probabilities> looks) {
    for (const Probabilities& one : looks) places_.emplace_back(one);
    Choice first;
    first.ranks.resize(places_.size());
    for (const Place& place : places_) first.probability *= place.probabilities[0];
    queue_.push(std::move(first));
  }

  bool is_empty() const { return queue_.empty(); }

  /// Its digits, and how probable they are by their looks alone.
  std::pair<std::string, double> next() {
    const Choice choice = queue_.top();
    queue_.pop();
    // Each number follows from one other alone: that whose last change is undone.
    for (std::size_t i = choice.last; i < places_.size(); ++i) advance(choice, i);
    std::string digits;
    for (std::size_t i = 0; i < places_.size(); ++i)
      digits += static_cast<char>('0' + places_[i].digits[choice.ranks[i]]);
    return {digits, choice.probability};
  }

 private:
  void advance(Choice choice, std::size_t place) {
    const std::size_t rank = choice.ranks[place];
    if (rank + 1 == digit_count) return;
    const auto& probabilities = places_[place].probabilities;
    choice.probability *= probabilities[rank + 1] / probabilities[rank];
    ++choice.ranks[place];
    choice.last = place;
    queue_.push(std::move(choice));
  }

  std::vector<Place> places_;
  std::priority_queue<Choice> queue_;
};

}  // namespace

Plausible find_most_plausible(std::span<const Probabilities> looks, const Expected& expected) {
  constexpr int most_tried = 2000;
  constexpr double enough = 0.9999;  // of what there is, by its looks
  // All that is expected is alike before it is seen, and so is all that is not.
  const double share = std::clamp(share_expected(expected, looks.size()), 0.0, 1.0);
  const bool is_open = share > 0 && share < 1;  // else all are expected, or none is
  const double expected_weight = is_open ? (1 - slips) / share : 1;
  const double other_weight = is_open ? slips / (1 - share) : 1;
  Numbers numbers(looks);
  Plausible best;
  double best_weight = 0;
  double seen = 0;
  double fitting = 0;
  double sum = 0;
  for (int i = 0; i < most_tried && !numbers.is_empty() && seen < enough; ++i) {
    const auto [digits, probability] = numbers.next();
    const bool fits = is_expected(expected, digits);
    const double weight = probability * (fits ? expected_weight : other_weight);
    seen += probability;
    fitting += fits ? probability : 0;
    sum += weight;
    if (weight <= best_weight) continue;
    best = {digits, probability, fits, 0};
    best_weight = weight;
  }
  const double rest = std::max(0.0, 1 - seen);  // as much of it is expected as of all numbers
  sum += rest;
  best.unexpected = std::clamp(1 - fitting - share * rest, 0.0, 1.0);
  if (best.is_expected && sum > 0) best.probability = best_weight / sum;
  return best;
}

}  // namespace scrawl
