// The lines of a 28x28 glyph: the middle of its strokes, and their outline.
#pragma once

#include <scrawl/glyph.hpp>

#include "pages/geometry.hpp"

namespace scrawl::pages {

/// The strokes that a glyph was written with, as far as its pixels tell: thinned to their middle
/// (Zhang and Suen 1984), followed, smoothed. Places and radii are in pixels of the glyph.
Shape trace_strokes(GlyphView glyph);

/// Where the glyph, smoothed by a cubic B-spline, has the level `level` (0 to 255): closed outlines
/// that have the ink at their left hand, by marching squares.
Shape trace_outlines(GlyphView glyph, float level);

}  // namespace scrawl::pages
