// Pictures of numbers, composed of MNIST's digits on paper of many kinds, with what they say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/dataset.hpp>

#include "picture/picture.hpp"

namespace scrawl {

enum class Paper {
  plain,
  ruled,
  squared,
  shadowed,
  textured,
  at_an_angle,
  thin,           // what is written on the back shines through
  punched,        // holes along its left side
  on_background,  // that is dark, and of which the picture shows some on all sides
  boxed,          // a box is drawn around the digits
  on_screen,      // large, in lines of one to four pixels, as paint programs make them
  in_cells,       // the same, each digit in a box with thick walls, none touching
};

inline constexpr Paper all_papers[] = {Paper::plain,    Paper::ruled,     Paper::squared,
                                       Paper::shadowed, Paper::textured,  Paper::at_an_angle,
                                       Paper::thin,     Paper::punched,   Paper::on_background,
                                       Paper::boxed,    Paper::on_screen, Paper::in_cells};

std::string_view to_string(Paper paper);

struct Composition {
  Paper paper = Paper::plain;
  int min_digits = 5;  ///< in each line
  int max_digits = 10;
  int lines = 1;
  bool touching = false;  ///< one pair in each line
  bool spaced = false;    ///< two numbers in each line, with a space between them
  float tilt = 4;         ///< degrees, either way
};

struct ComposedPicture {
  Picture picture;
  std::string text;
};

/// Takes digits of `dataset` at random. The same seed gives the same picture.
ComposedPicture compose(const Dataset& dataset, const Composition& composition, std::uint64_t seed);

}  // namespace scrawl
