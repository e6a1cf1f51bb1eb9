// Turning pictures by quarters.
#pragma once

#include "picture/picture.hpp"
#include "picture/plane.hpp"

namespace scrawl {

// `degrees`: 0, 90, 180 or 270, clockwise.

Plane turn(const Plane& plane, int degrees);
Picture turn(const Picture& picture, int degrees);

/// The place of a box of a picture of (width, height) pixels in the same picture, turned.
Box turn(const Box& box, int degrees, int width, int height);

}  // namespace scrawl
