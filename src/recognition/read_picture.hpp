// Reading a picture, whoever says what a glyph is.
#pragma once

#include <span>

#include <scrawl/recognizer.hpp>

#include "recognition/segmentation.hpp"

namespace scrawl {

/// What Recognizer::read does; `classify` is asked about one glyph after another.
Reading read_picture(const Picture& picture, const ReadOptions& options, const Classify& classify);

/// exp(l) / sum of exp(l).
Probabilities softmax(std::span<const float, digit_count> logits);

}  // namespace scrawl
