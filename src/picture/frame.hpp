// Frames: boxes, rings and tables that are drawn around digits.
#pragma once

#include "picture/component.hpp"

namespace scrawl {

/// Gives no weight to components that are around others: what has something as large as a digit
/// within it is no digit.
void drop_frames(Labels& labels, int width);

}  // namespace scrawl
