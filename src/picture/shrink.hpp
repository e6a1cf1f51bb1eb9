// Making large pictures small enough to be quick with, and losing their noise by it.
#pragma once

#include "picture/picture.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// The least whole number by which the longer side of (width, height) has to be divided to be at
/// most `side`, as far as the shorter side allows.
int shrink_factor(int width, int height, int side);

/// Replaces blocks of factor x factor pixels by their mean. What is left over at the right and at
/// the bottom, less than a block, is cut off. 1 <= factor <= width, height.
Picture shrink(const Picture& picture, int factor);
Plane shrink(const Plane& plane, int factor);

}  // namespace scrawl
