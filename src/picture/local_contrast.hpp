// A picture as a network sees it: how much darker each pixel is than what is around it.
#pragma once

#include "picture/plane.hpp"

namespace scrawl {

/// Pixels as bytes: 128 + 25.4 v, where v = (mean - grey) / deviation, clipped to +-5. Mean and
/// deviation are those of the 65x65 pixels around, or what of them lies in the picture. A deviation
/// of less than 0.35 times the picture's own (the root of the mean variance), or of less
/// than 2.5 grey levels, counts as that, so that empty paper stays empty. Takes time in proportion
/// to the pixels alone.
Plane local_contrast(const Plane& grey);

}  // namespace scrawl
