// Ink: the light that a pixel lacks of what the paper around it gives back.
#pragma once

#include <optional>

#include "picture/plane.hpp"

namespace scrawl {

/// 0 for paper, also in a shadow, to 255 for black on it.
Plane find_ink(const Plane& lightness, const Plane& paper);

/// The standard deviation of paper's grain and the camera's noise, in levels of ink.
double measure_noise(const Plane& lightness);

/// Levels of ink that part it from paper.
struct InkLevels {
  int sure;  ///< what is at least this is ink
  int weak;  ///< what is at least this is ink where it is connected to some that is sure
};

/// The level that parts ink from paper best (Otsu 1979), among those above the noise. Nothing when
/// there is only paper.
std::optional<InkLevels> find_ink_levels(const Plane& ink, double noise);

/// The level of strokes: the upper quartile of what is at least `sure`. There has to be some.
int full_level(const Plane& ink, int sure);

}  // namespace scrawl
