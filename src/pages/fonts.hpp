// Fonts as outlines: printed text on pages, and letters that look written.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "pages/geometry.hpp"

namespace scrawl::pages {

inline constexpr char first_character = '!';
inline constexpr char last_character = '~';

struct FontGlyph {
  Shape outlines;     ///< filled; a digit is 1 high, from y = -1 to 0
  float advance = 0;  ///< to the next character
};

struct Font {
  std::string name;     ///< of its file
  bool script = false;  ///< looks written by hand
  std::array<FontGlyph, last_character - first_character + 1> glyphs;

  const FontGlyph& glyph(char c) const {
    return glyphs[static_cast<std::size_t>(c - first_character)];
  }
};

/// The fonts that pages are made with, by their files' names, looked for in the system's and the
/// user's folders of fonts. Debian has them in the packages of `scripts/install-packages train`.
struct FontFiles {
  std::vector<std::filesystem::path> found;
  std::vector<std::string> missing;  ///< names
};
FontFiles find_fonts();

/// Reads them with FreeType. Nothing where the build or the machine has no FreeType, or a file is
/// no font with digits: `problems` gets one line for each.
std::vector<Font> load_fonts(std::span<const std::filesystem::path> files,
                             std::vector<std::string>& problems);

}  // namespace scrawl::pages
