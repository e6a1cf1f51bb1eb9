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

/// The same when what it was read from is a digit at all with probability `trust`, 0 to 1: if it is
/// not, each digit is as probable as the others.
inline Digit doubt(Digit digit, float trust) {
  for (float& probability : digit.probabilities)
    probability = trust * probability + (1 - trust) / digit_count;
  digit.confidence = digit.probabilities[static_cast<std::size_t>(digit.digit)];
  return digit;
}

}  // namespace scrawl
