// Strokes: how wide and how sharp they are, and making them wider.
#pragma once

#include "picture/plane.hpp"

namespace scrawl {

/// The mean width of strokes in pixels: twice their area over the length of their outline. Both
/// come from grey levels (the outline's length is the total variation), so that half a pixel counts
/// half.
double measure_stroke_width(const Plane& ink);

/// How many pixels the level takes from a quarter to three quarters of full ink at the strokes'
/// outline, in the mean.
double measure_edge_width(const Plane& ink);

/// Makes strokes wider by `radius` pixels to each side: a dilation by a disc.
Plane widen_strokes(const Plane& ink, int radius);

}  // namespace scrawl
