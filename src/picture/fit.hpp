// Fitting a digit's ink into the 28x28 field, as MNIST has it.
#pragma once

#include <scrawl/glyph.hpp>

#include "picture/plane.hpp"

namespace scrawl {

/// Scales `digit` (cropped to its ink) so that its longer side is 20, anti-aliased, with strokes
/// made at least as wide as thin ones in MNIST, and puts its centre of mass at the middle of the
/// field.
Glyph fit_digit(const Plane& digit);

}  // namespace scrawl
