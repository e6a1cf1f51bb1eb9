// Logits to probabilities.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace scrawl {

/// The softmax (Bridle 1990) of one row of logits; `probabilities` has the same size, and may be
/// the same memory.
inline void softmax(std::span<const float> logits, std::span<float> probabilities) {
  const float largest = *std::ranges::max_element(logits);
  float total = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    probabilities[i] = std::exp(logits[i] - largest);
    total += probabilities[i];
  }
  for (float& probability : probabilities) probability /= total;
}

}  // namespace scrawl
