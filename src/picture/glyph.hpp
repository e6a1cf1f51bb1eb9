// From ink to glyph.
#pragma once

#include <optional>

#include <scrawl/glyph.hpp>
#include <scrawl/picture.hpp>

#include "picture/ink.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// The glyph of ink that is cropped to its box. Nothing when it is a shade of light, without edges.
std::optional<Glyph> make_glyph(Plane ink, InkLevels levels);

}  // namespace scrawl
