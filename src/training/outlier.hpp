// Glyphs beside those of the data set: non-digits, so that a network learns to reject
// them, and digits in styles that MNIST's American writers hardly use.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <scrawl/glyph.hpp>

#include "dataset/dataset_view.hpp"
#include "network/random.hpp"

namespace scrawl {

/// Makes a glyph of something that is no digit: a letter or a sign, a scribble, a blot, two digits
/// at once, a piece of a digit, a digit mirrored or on its side. Digits are those of `dataset` at
/// `indices` (1 or more). The same random numbers give the same glyph.
Glyph make_outlier(const DatasetView& dataset, std::span<const std::uint32_t> indices,
                   Random random);

struct LabeledGlyph {
  Glyph glyph;
  std::uint8_t label;
};

/// Draws a 1 with a flag and perhaps a foot, a 7 with a bar or a hook, or a 4 of straight strokes,
/// open or closed.
LabeledGlyph draw_rare_style(Random random);

/// Draws strokes as one writer would, again and again, with a pen `pen` wide (3.5 to 9: 1.5
/// to 3.75 pixels of the glyph). Strokes are separated by spaces; each is points, a digit for x (0
/// to 6) and one for y (0 to 8, down); ~ before a stroke makes it a curve.
Glyph draw_by_one_writer(std::string_view strokes, float pen, Random random);

}  // namespace scrawl
