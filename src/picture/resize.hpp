// A plane at another size.
#pragma once

#include "picture/plane.hpp"

namespace scrawl {

/// (width, height) pixels, 1 or more each, of the same scene: where it becomes smaller, a pixel is
/// the mean of the area that it covers; where larger, it is interpolated by cubics (Catmull and Rom
/// 1974), cut off at 0 and 255.
Plane resize(const Plane& plane, int width, int height);

}  // namespace scrawl
