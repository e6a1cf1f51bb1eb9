// What is on pages besides numbers: parts of neighbors, stamps, bar codes, scribbles, tears.
#pragma once

#include "pages/draft.hpp"
#include "pages/hand.hpp"

namespace scrawl::pages {

/// Lines above and below, words and digits at the sides, cut off by the picture's edge.
void add_neighbors(Draft& draft, const Hand& hand, float height);

/// A few signs, words, stamps, bar codes, long strokes, anywhere.
void add_clutter(Draft& draft, const Hand& hand, float height);

/// Waves, guilloches, dots, small print as on cheques, at most `contrast` gray levels darker than
/// the `paper`.
void add_pattern(Draft& draft, float paper, float contrast);

/// Large faint letters or stripes.
void add_watermark(Draft& draft);

/// A row of holes along a side, through which something darker or lighter is seen.
void add_holes(Draft& draft, float height);

/// What is written on the other side, mirrored and faint. Nothing of it is a mark.
void add_shine_through(Draft& draft, const Hand& hand, float height);

}  // namespace scrawl::pages
