// What the network says of a glyph.
#pragma once

#include <algorithm>

#include <scrawl/recognizer.hpp>

namespace scrawl {

/// The most probable digit. `box` is where the glyph's ink was.
inline Digit to_digit(const Probabilities& probabilities, const Glyph& glyph, const Box& box) {
  const auto* const best = std::ranges::max_element(probabilities);
  return {static_cast<int>(best - probabilities.begin()), *best, box, probabilities, glyph};
}

}  // namespace scrawl
