// From ink to glyph.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include <scrawl/glyph.hpp>

#include "picture/ink.hpp"
#include "picture/picture.hpp"
#include "picture/plane.hpp"
#include "picture/stop.hpp"

namespace scrawl {

/// The glyph of ink that is cropped to its box. Nothing when it is a shade of light, without edges.
std::optional<Glyph> make_glyph(Plane ink, InkLevels levels);

struct GlyphCandidate {
  FoundGlyph found;
  std::size_t main;  ///< see IsolatedDigit
};

/// Shows what could be the digit of a picture that shows one, the likeliest first (see
/// isolate_digits), to `wants_more`, until that says no. Throws as find_page does.
void find_glyphs(const Picture& picture,
                 const std::function<bool(const GlyphCandidate&)>& wants_more,
                 const StopRequested& stop = {});

}  // namespace scrawl
