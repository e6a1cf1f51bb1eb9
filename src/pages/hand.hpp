// A hand: how somebody writes, with which pen. It is much the same all over a page.
#pragma once

#include <array>
#include <cstdint>

#include "network/random.hpp"
#include "pages/canvas.hpp"
#include "pages/geometry.hpp"
#include "pages/glyph_bank.hpp"

namespace scrawl::pages {

struct Hand {
  std::uint64_t seed = 0;  ///< of what it has settled on

  // How it moves. Lengths are shares of the digits' height.
  float slant = 0;             ///< of the stems: x for each y, to the right upwards
  float aspect = 1;            ///< width against that of the bank's digits
  float turn = 0;              ///< radians, each digit
  float wobble = 0.5F;         ///< how much it differs from one time to the next, 0 to 1
  float bend = 0.03F;          ///< how far strokes stray, smoothly
  float gap = 0.2F;            ///< between digits; below 0 they overlap
  float touching = 0;          ///< share of pairs that are moved until their ink meets
  float jump = 0.04F;          ///< how far digits are off the line
  float slant_of_ones = 0;     ///< beyond the others'
  float size_of_ones = 1;      ///< of the others'
  float retraced = 0;          ///< share of digits that are written over, once more
  float rare = 0;              ///< share of digits in rare styles
  int few = 0;                 ///< how many ways it has for each digit; 0: any number
  const Font* font = nullptr;  ///< a script whose digits and letters it has; else none
  bool small_zeros = false;    ///< in 00 and 000 at a number's end: small and high, perhaps joined
  bool joined_zeros = false;   ///< zeros beside each other, by a stroke over their heads

  // Its pen.
  float outlined = 0;  ///< share of digits by their outline, as they were written
  float pen = 0.05F;   ///< radius
  float natural = 0;   ///< share of the radius that is the writer's own pressure
  float thicker = 0;   ///< what outlines are moved outwards
  float uneven = 0;    ///< how much of the ink comes and goes
  Ink ink;
};

Hand random_hand(const GlyphBank& bank, Random& random);

/// A digit as the hand writes it: its ink 1 high, from y = -1 to 0 and from x = 0 on, upright (the
/// slant is for the caller). `pixels` is the height that it will have, for the least of pens.
void shape_digit(const GlyphBank& bank, const Hand& hand, int digit, float pixels, Random& random,
                 Shape& shape);

/// Moves a letter's outlines, 1 high, as the hand would have it: bent, its pen thinner or thicker.
void write_outlines(const Hand& hand, Random& random, Shape& shape);

/// Strokes (a letter, a sign), without width, as the hand's pen draws them.
void ink_strokes(const Hand& hand, float pixels, Random& random, Shape& shape);

}  // namespace scrawl::pages
