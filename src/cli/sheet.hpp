// A sheet of glyphs to look at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <scrawl/glyph.hpp>

#include "dataset/images.hpp"

namespace scrawl::cli {

/// Glyphs in rows and columns, gray level by gray level, each twice as large as it is.
class Sheet {
 public:
  static constexpr std::size_t zoom = 2;
  static constexpr std::size_t cell =
      glyph_side * zoom + 1;  ///< a line at its right and lower edge
  static constexpr std::uint8_t line_level = 64;

  Sheet(std::size_t rows, std::size_t columns)
      : width_(columns * cell), levels_(rows * cell * width_, line_level) {}

  void put(std::size_t row, std::size_t column, GlyphView glyph);
  void write(const std::filesystem::path& file) const;

 private:
  std::size_t width_;
  std::vector<std::uint8_t> levels_;
};

/// The first 16 images of each digit, a row for each; without labels 160 from all of them.
Sheet sheet_of_samples(const Images& images);

/// An image of each digit, or ten of those that have no labels, in characters: 14 lines of 74.
std::string text_of_samples(const Images& images);

}  // namespace scrawl::cli
