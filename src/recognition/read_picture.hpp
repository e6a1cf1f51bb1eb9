// Reading a picture, whoever says what a glyph is.
#pragma once

#include "picture/stop.hpp"
#include "recognition/classify.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

/// What Recognizer::read does; `classify` is asked about one glyph after another. Throws Stopped
/// soon after that is asked for by `stop`.
Reading read_picture(const Picture& picture, const ReadOptions& options, const PageReader& reader,
                     const Classify& classify, const StopRequested& stop = {});

}  // namespace scrawl
