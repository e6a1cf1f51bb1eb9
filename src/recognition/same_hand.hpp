// The digits of a page are mostly by one hand, which writes each of the ten in one or two ways.
#pragma once

#include <span>

#include "recognition/recognizer.hpp"

namespace scrawl {

/// Makes those of a digit's probabilities larger, against the others, whose glyphs on this page
/// look as it does: a 9 whose head stays open, taken for a 5, is as others that were surely read
/// as 9. `digits` are in reading order; each is compared with those that are no more than 150 away,
/// by their probabilities as they were, the less the lower it is in pixels. What has no glyph, or
/// is alone, stays. Digit and confidence are those of the most probable one then. Where two hands
/// write, one's digits may be like other digits of the other's.
void compare_with_hand(std::span<Digit> digits);

}  // namespace scrawl
