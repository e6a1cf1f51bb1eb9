// What a page says, from what was detected on it.
#pragma once

#include "picture/stop.hpp"
#include "recognition/classify.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

/// Reads all of a page. Throws Stopped soon after `stop` asks for it.
Reading read_page(const Picture& picture, const ReadOptions& options, const PageReader& reader,
                  const Classify& classify, const StopRequested& stop);

}  // namespace scrawl
