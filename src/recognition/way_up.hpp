// Which way up a page lies.
#pragma once

#include <optional>
#include <vector>

#include "picture/plane.hpp"
#include "picture/stop.hpp"
#include "recognition/detection.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

/// A page, turned upright, and what was found on it.
struct UprightPage {
  Turn turn = Turn::none;  ///< by which it was turned
  Plane gray{0, 0};
  std::vector<Detection> found;  ///< merged
};

/// What is found on a page as it lies, merged. Throws TooLargeError where that is too much, Stopped
/// soon after `stop` asks for it.
std::vector<Detection> look_at(const Plane& gray, const PageReader& reader,
                               const StopRequested& stop, const ShowStage& show = {});

/// Looks at the page as it lies; only where it is more than a line or a few digits, and what is
/// found there is doubtful, at its other turns too. It is turned where that is clear alone: 0, 1,
/// 8, 6 and 9 are digits upside down as well. Throws Stopped soon after `stop` asks for it.
UprightPage find_way_up(Plane gray, const PageReader& reader, const StopRequested& stop);

}  // namespace scrawl
