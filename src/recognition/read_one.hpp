// A picture of one digit.
#pragma once

#include "picture/stop.hpp"
#include "recognition/classify.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

/// Takes the picture as one digit: the heaviest ink where its confidence is high, with or without
/// what touches the edge; other ink only where that is hardly a digit. Throws Stopped soon after
/// that is asked for by `stop`.
Reading read_one(const Picture& picture, const ReadOptions& options, const Classify& classify,
                 const StopRequested& stop);

}  // namespace scrawl
