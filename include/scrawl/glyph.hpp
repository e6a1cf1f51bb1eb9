// A glyph: a digit's 28x28 pixels, the only input of a classifier.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace scrawl {

inline constexpr std::size_t glyph_side = 28;                         ///< width and height
inline constexpr std::size_t glyph_pixels = glyph_side * glyph_side;  ///< 784
inline constexpr std::size_t digit_count = 10;                        ///< the digits 0 to 9

/// 28x28 bytes, row by row from the top left: 0 is paper (black, as in MNIST), 255 is full ink
/// (white).
using Glyph = std::array<std::uint8_t, glyph_pixels>;

/// A glyph in somebody else's memory, such as one image of a Dataset.
using GlyphView = std::span<const std::uint8_t, glyph_pixels>;

}  // namespace scrawl
