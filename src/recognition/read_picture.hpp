// Reading a picture, whoever says what a glyph is.
#pragma once

#include <span>

#include <scrawl/recognizer.hpp>

#include "picture/stop.hpp"
#include "recognition/segmentation.hpp"

namespace scrawl {

/// What Recognizer::read does; `classify` is asked about one glyph after another. Throws Stopped
/// soon after that is asked for by `stop`.
Reading read_picture(const Picture& picture, const ReadOptions& options, const Classify& classify,
                     const StopRequested& stop = {});

/// exp(l) / sum of exp(l).
Probabilities softmax(std::span<const float, digit_count> logits);

}  // namespace scrawl
