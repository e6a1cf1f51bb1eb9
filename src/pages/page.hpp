// Pages of handwritten numbers, made up: what a network learns from that finds digits in pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "network/detection_channels.hpp"
#include "network/random.hpp"
#include "pages/geometry.hpp"
#include "pages/glyph_bank.hpp"
#include "pages/recipe.hpp"
#include "picture/plane.hpp"

namespace scrawl::pages {

/// What a mark says, numbered as a page reader numbers them: digits are their own numbers.
enum class Symbol : std::uint8_t {
  zero,
  one,
  two,
  three,
  four,
  five,
  six,
  seven,
  eight,
  nine,
  point,
  comma,
  dash,
  slash,
  colon,
  other,  ///< letters, + x = # ( ), ticks, scribbles: what could be taken for a digit and is none
};
static_assert(static_cast<std::size_t>(Symbol::other) == other_symbol);

/// "0" to "9", then "." "," "-" "/" ":" and "other".
std::string_view to_string(Symbol symbol);

inline bool is_digit(Symbol symbol) {
  return symbol <= Symbol::nine;
}

struct Mark {
  Symbol symbol = Symbol::other;
  Rectangle box;  ///< tight around the ink, in pixels of the picture, clipped by its edges
  bool handwritten = true;  ///< otherwise printed
  int line = 0;             ///< of the page, in reading order
  int number = 0;           ///< of the page; marks of one number follow each other
  int row = -1;             ///< of a table, from its first; -1: it is in none
  int column = -1;
};

/// How a page is laid out.
enum class Kind : std::uint8_t {
  lone_digit,  ///< one digit, or one letter, or nothing, that fills the picture
  tight,       ///< a number cut out of its page, with little margin
  line,        ///< a line of numbers and words
  cells,       ///< a row of boxes
  grid,        ///< rows and columns of boxes: sudokus, tables of marks
  columns,     ///< numbers below each other in ruled columns
  lines,       ///< several lines
  scattered,   ///< digits anywhere
  form,        ///< print and rules, and no digits written
  texture,     ///< paper, wood, cloth: no ink at all
};
inline constexpr int kind_count = 10;

std::string_view to_string(Kind kind);

struct Page {
  Plane picture;                   ///< gray, 0 black to 255 white
  std::vector<Mark> marks;         ///< in reading order
  std::vector<Rectangle> ignored;  ///< of which nothing should be learned: digits of which half is
                                   ///< cut off, too small to be read, or struck out
  std::vector<Rectangle> too_small;  ///< digits that are ignored because they are
  Kind kind = Kind::tight;
};

struct PageOptions {
  int width = 256;
  int height = 128;
  std::uint32_t kinds = ~0U;   ///< those that may be: bit k for Kind k
  float min_digit_height = 8;  ///< pixels
  float max_digit_height = 60;
  Recipe recipe;
};

/// Makes a page. The same random numbers give the same page. `options.kinds` has to allow one at
/// least; the picture is at least 8 by 8.
Page make_page(const GlyphBank& bank, const PageOptions& options, Random random);

/// What a network is trained on: a page, or several small ones, after local contrast, each of which
/// has its own.
struct Crop {
  Plane contrast;  ///< see picture/local_contrast.hpp; 128 where there is no page
  std::vector<Mark> marks;
  std::vector<Rectangle> ignored;
  std::vector<Rectangle> too_small;
  std::vector<Rectangle> pages;  ///< where in it each page is
};

/// Makes a crop of the options' size.
Crop make_crop(const GlyphBank& bank, const PageOptions& options, Random random);

}  // namespace scrawl::pages
