// Who says what a glyph is.
#pragma once

#include <functional>
#include <span>

#include "network/softmax.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

using Classify = std::function<Probabilities(GlyphView)>;

/// exp(l) / sum of exp(l).
inline Probabilities softmax(std::span<const float, digit_count> logits) {
  Probabilities probabilities;
  softmax(logits, probabilities);
  return probabilities;
}

}  // namespace scrawl
