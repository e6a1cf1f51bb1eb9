// The glyph of a detected digit.
#pragma once

#include <optional>

#include "picture/glyph.hpp"
#include "picture/plane.hpp"
#include "recognition/detection.hpp"

namespace scrawl {

/// The ink in `area` of a page, cut off there where it is connected to more ink outside, as a
/// glyph; ink is what differs from what is around the area, darker or lighter. Nothing when there
/// is none.
std::optional<FoundGlyph> make_detected_glyph(const Plane& gray, const Rectangle& area);

}  // namespace scrawl
