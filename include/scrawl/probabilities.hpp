// A classifier's output.
#pragma once

#include <array>

#include <scrawl/glyph.hpp>

namespace scrawl {

/// Probability of each digit 0 to 9; their sum is 1.
using Probabilities = std::array<float, digit_count>;

}  // namespace scrawl
