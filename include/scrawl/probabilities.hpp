// What a model says of a glyph.
#pragma once

#include <array>

#include <scrawl/glyph.hpp>

namespace scrawl {

/// Of each digit, 0 to 9: 0 to 1, and 1 in sum.
using Probabilities = std::array<float, digit_count>;

}  // namespace scrawl
