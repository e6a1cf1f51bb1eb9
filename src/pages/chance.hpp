// Random numbers in the distributions that pages are made with.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "network/random.hpp"

namespace scrawl::pages {

inline bool chance(Random& random, float probability) {
  return random.uniform() < probability;
}

inline float between(Random& random, float low, float high) {
  return low + (high - low) * random.uniform();
}

/// Uniform in its logarithm; low > 0.
inline float log_between(Random& random, float low, float high) {
  return low * std::exp(random.uniform() * std::log(high / low));
}

/// A whole number from `low` to `high`, both included.
inline int whole(Random& random, int low, int high) {
  return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

/// Near enough to normal: four uniform numbers from one draw, never beyond 3.5 deviations.
inline float normal(Random& random, float deviation) {
  const std::uint64_t bits = random.next();
  std::uint32_t sum = 0;
  for (int shift = 0; shift < 64; shift += 16) sum += (bits >> shift) & 0xFFFF;
  return deviation * 1.7320508F * (static_cast<float>(sum) * 0x1p-16F - 2);
}

/// Which of several, by their weights.
inline int choose(Random& random, std::initializer_list<float> weights) {
  float sum = 0;
  for (const float weight : weights) sum += weight;
  float at = random.uniform() * sum;
  int index = 0;
  for (const float weight : weights) {
    at -= weight;
    if (at < 0) return index;
    ++index;
  }
  return static_cast<int>(weights.size()) - 1;
}

template <typename Items>
const auto& pick(Random& random, const Items& items) {
  return *(std::begin(items) + static_cast<std::ptrdiff_t>(random.below(std::size(items))));
}

template <typename T>
T pick(Random& random, std::initializer_list<T> items) {
  return *(items.begin() + static_cast<std::ptrdiff_t>(random.below(items.size())));
}

}  // namespace scrawl::pages
