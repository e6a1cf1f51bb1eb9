// Where in a glyph strokes go in which direction.
#pragma once

#include <array>
#include <cstddef>

#include "picture/glyph.hpp"

namespace scrawl {

inline constexpr std::size_t gradient_directions = 8;
inline constexpr std::size_t gradient_cells = 7;  // a side: every fourth pixel
using GradientFeatures =
    std::array<float, gradient_directions * gradient_cells * gradient_cells>;  // (8, 7, 7)

/// The glyph's gradients, each shared by the two directions next to it, blurred and sampled, and
/// the square roots of these, of length 1: the features of Liu et al. (2003), "Handwritten digit
/// recognition: benchmarking of state-of-the-art techniques", in a finer grid. All zero where there
/// is no ink.
GradientFeatures find_gradient_features(const Glyph& glyph);

/// How alike the glyphs of two are, 0 to 1: the cosine between them. 0 where either has no ink.
float find_likeness(const GradientFeatures& a, const GradientFeatures& b);

}  // namespace scrawl
