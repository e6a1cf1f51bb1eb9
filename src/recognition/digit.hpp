// What the network says of a glyph, and what a reading says of its digits.
#pragma once

#include <algorithm>
#include <cstddef>

#include "recognition/recognizer.hpp"

namespace scrawl {

/// Gives it these probabilities, and so the most probable digit.
inline void set_probabilities(Digit& digit, const Probabilities& probabilities) {
  const auto best = std::ranges::max_element(probabilities) - probabilities.begin();
  digit.digit = static_cast<int>(best);
  digit.confidence = probabilities[static_cast<std::size_t>(best)];
  digit.probabilities = probabilities;
}

/// `box` is where the glyph's ink was.
inline Digit to_digit(const Probabilities& probabilities, const Glyph& glyph, const Box& box) {
  Digit digit{0, 0, box, {}, glyph, 1};
  set_probabilities(digit, probabilities);
  return digit;
}

/// Makes the most probable digit as probable as `confidence`, but no less than 0.1; the others
/// share what is left. Where that is more than before, it is a doubt whether there is a digit at
/// all, and all share it alike.
inline void set_confidence(Digit& digit, float confidence) {
  constexpr float unknown = 1.0F / digit_count;
  const float before = digit.confidence;
  const float after = std::max(confidence, unknown);
  for (float& probability : digit.probabilities) {
    probability = after > before ? probability * (1 - after) / std::max(1 - before, 1e-6F)
                                 : unknown + (probability - unknown) * (after - unknown) /
                                                 std::max(before - unknown, 1e-6F);
  }
  digit.probabilities[static_cast<std::size_t>(digit.digit)] = after;
  digit.confidence = after;
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
