#include "cli/sheet.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "decoding/write_png.hpp"
#include "files/files.hpp"

namespace scrawl::cli {

void Sheet::put(std::size_t row, std::size_t column, GlyphView glyph) {
  for (std::size_t y = 0; y < glyph_side * zoom; ++y) {
    for (std::size_t x = 0; x < glyph_side * zoom; ++x) {
      levels_[(row * cell + y) * width_ + column * cell + x] =
          glyph[y / zoom * glyph_side + x / zoom];
    }
  }
}

void Sheet::write(const std::filesystem::path& file) const {
  make_folder_of(file);
  write_png(levels_, width_, file);
}

namespace {

/// The places of up to `count` images of each digit; without labels, of images evenly from all.
std::array<std::vector<std::size_t>, digit_count> samples(const Images& images, std::size_t count) {
  std::array<std::vector<std::size_t>, digit_count> chosen;
  if (images.labels.empty()) {
    const std::size_t all = std::min(images.size(), digit_count * count);
    for (std::size_t i = 0; i < all; ++i) chosen[i / count].push_back(i * images.size() / all);
    return chosen;
  }
  for (std::size_t i = 0; i < images.labels.size(); ++i) {
    auto& of_digit = chosen[images.labels[i]];
    if (of_digit.size() < count) of_digit.push_back(i);
  }
  return chosen;
}

GlyphView image(const Images& images, std::size_t index) {
  return GlyphView(images.pixels.data() + index * glyph_pixels, glyph_pixels);
}

// Of a glyph in characters: each stands for 2x4 pixels, about as wide as high on a terminal.
constexpr std::size_t text_columns = glyph_side / 2;
constexpr std::size_t text_rows = glyph_side / 4;

char shade(GlyphView glyph, std::size_t row, std::size_t column) {
  constexpr std::string_view shades = " .:-=+*#%@";
  std::size_t sum = 0;
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t x = 0; x < 2; ++x) sum += glyph[(row * 4 + y) * glyph_side + column * 2 + x];
  return shades[sum * (shades.size() - 1) / (8 * 255)];
}

}  // namespace

Sheet sheet_of_samples(const Images& images) {
  constexpr std::size_t columns = 16;
  Sheet sheet(digit_count, columns);
  const auto chosen = samples(images, columns);
  for (std::size_t row = 0; row < chosen.size(); ++row)
    for (std::size_t column = 0; column < chosen[row].size(); ++column)
      sheet.put(row, column, image(images, chosen[row][column]));
  return sheet;
}

std::string text_of_samples(const Images& images) {
  constexpr std::size_t beside = 5;
  const auto chosen = samples(images, 1);
  std::string text;
  for (std::size_t first = 0; first < digit_count; first += beside) {
    for (std::size_t row = 0; row < text_rows; ++row) {
      std::string line;
      for (std::size_t i = first; i < first + beside; ++i) {
        line.resize((i - first) * (text_columns + 1), ' ');
        if (chosen[i].empty()) continue;
        for (std::size_t column = 0; column < text_columns; ++column)
          line += shade(image(images, chosen[i][0]), row, column);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + '\n';
    }
  }
  return text;
}

}  // namespace scrawl::cli
