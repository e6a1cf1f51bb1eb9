// What the network says of a glyph, and what a reading says of its digits.
#pragma once

#include <algorithm>
#include <cstddef>

#include <scrawl/recognizer.hpp>

namespace scrawl {

/// The most probable digit. `box` is where the glyph's ink was.
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

/// As it stands in Reading::text.
inline char to_character(const Digit& digit, const ReadOptions& options) {
  return digit.confidence < options.min_confidence ? '?' : static_cast<char>('0' + digit.digit);
}

/// To that of its least certain digit.
inline void set_confidence(Reading& reading) {
  if (reading.digits.empty()) return;
  reading.confidence = std::ranges::min(reading.digits, {}, &Digit::confidence).confidence;
}

}  // namespace scrawl
