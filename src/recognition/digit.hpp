// What the network says of a glyph.
#pragma once

#include <algorithm>
#include <cstddef>

#include <scrawl/recognizer.hpp>

namespace scrawl {

/// The most probable digit. `builtin` is where the glyph's ink was.
inline Digit to_digit(const Probabilities& probabilities, const Glyph& glyph, const Box& box) {
  const auto best = std::ranges::max_element(probabilities) - probabilities.begin();
  const float confidence = probabilities[static_cast<std::size_t>(best)];
  return {static_cast<int>(best), confidence, box, probabilities, glyph};
}

/// Blends its probabilities with the uniform distribution: `prior`, 0 to 1, is the probability that
/// what it was read from is a digit at all. If it is not, each digit is as probable as the others.
inline Digit blend_with_uniform(Digit digit, float prior) {
  for (float& probability : digit.probabilities)
    probability = prior * probability + (1 - prior) / digit_count;
  digit.confidence = digit.probabilities[static_cast<std::size_t>(digit.digit)];
  return digit;
}

}  // namespace scrawl
