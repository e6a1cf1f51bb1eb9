// Printed text on pages.
#pragma once

#include <string>
#include <string_view>

#include "pages/draft.hpp"
#include "pages/fonts.hpp"

namespace scrawl::pages {

/// What is printed, and how: one typeface of a page.
struct Print {
  const Font* font = nullptr;  ///< none: nothing is printed
  Ink ink;
  float wide = 1;     ///< letters' width
  float spacing = 0;  ///< between letters, more than the font has
};

/// A typeface of those in the bank, in black or gray.
Print random_print(Draft& draft);

/// Prints `text` from x on, digits `height` high, its baseline at y; returns where it ends. Digits
/// and letters as large as digits to be read become marks that are not handwritten; letters that a
/// digit resembles are ignored.
float print_text(Draft& draft, const Print& print, std::string_view text, float x, float y,
                 float height);

/// How long it will be.
float print_length(const Print& print, std::string_view text, float height);

/// Words, labels, numbers as forms have them.
std::string random_print_text(Random& random);

/// Whether some digit looks like this letter in some font or hand.
bool resembles_digit(char letter);

}  // namespace scrawl::pages
