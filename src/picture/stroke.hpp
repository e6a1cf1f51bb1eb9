// Stroke width: measuring it, and making strokes wider.
#pragma once

#include "picture/plane.hpp"

namespace scrawl {

/// The mean width of strokes in pixels: twice their area over the length of their outline. Both
/// come from grey levels (the outline's length is the total variation), so that half a pixel counts
/// half.
double measure_stroke_width(const Plane& ink);

/// Makes strokes wider by `radius` pixels to each side: a dilation by a disc.
Plane widen_strokes(const Plane& ink, int radius);

}  // namespace scrawl
