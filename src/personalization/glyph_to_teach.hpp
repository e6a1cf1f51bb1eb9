// The glyph of a picture that shows one digit, for the collection.
#pragma once

#include "picture/picture.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

struct GlyphToTeach {
  Digit digit;            ///< its glyph, and what it is read as so far
  bool is_digit = false;  ///< to the network; otherwise the most prominent ink was taken
};

/// Takes the picture's glyph as the layout `one` does. Throws Error, without the picture's name,
/// where there are several digits, or no ink.
GlyphToTeach glyph_to_teach(const Recognizer& recognizer, const Picture& picture);

}  // namespace scrawl
