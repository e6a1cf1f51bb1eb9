// Changes glyphs at random.
#pragma once

#include <cstdint>

#include <scrawl/augmentation.hpp>
#include <scrawl/glyph.hpp>

#include "network/random.hpp"

namespace scrawl {

/// Writes a changed copy of a glyph to `out` (784 bytes). The same random numbers give the same
/// copy.
void augment(GlyphView glyph, const Augmentation& augmentation, Random random, std::uint8_t* out);

}  // namespace scrawl
