// What pages are written with: the strokes and outlines of many digits, and fonts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataset/dataset_view.hpp"
#include "pages/fonts.hpp"
#include "pages/geometry.hpp"

namespace scrawl::pages {

/// Digits as lines, traced once, so that they can be drawn at any size with any pen. 60,000 digits
/// take 30 MB and a few seconds of one core. Read-only afterward, from any thread.
class GlyphBank {
 public:
  /// Traces the digits of `dataset` at `indices` on `threads` threads (0: one for each core).
  /// `fonts` may be empty: then nothing is printed, and words are less various.
  GlyphBank(const DatasetView& dataset, std::span<const std::uint32_t> indices,
            std::vector<Font> fonts = {}, int threads = 0);

  /// How many there are of a digit. It may be none: then it is drawn in other styles alone.
  std::size_t count(int digit) const { return by_digit_[static_cast<std::size_t>(digit)].size(); }

  /// The `index`-th of a digit as strokes or as outlines. Its ink is 1 high, between -1 and 0, and
  /// begins at x = 0; radii are in the same unit.
  void strokes(int digit, std::size_t index, Shape& shape) const;
  void outlines(int digit, std::size_t index, Shape& shape) const;

  const std::vector<Font>& fonts() const { return fonts_; }
  /// Places in fonts().
  const std::vector<std::size_t>& print_fonts() const { return print_fonts_; }
  const std::vector<std::size_t>& script_fonts() const { return script_fonts_; }

 private:
  struct BankPoint {  // places in 1/8 of a pixel of the glyph
    std::uint8_t x;
    std::uint8_t y;
    std::uint8_t radius;  // in 1/16 of a pixel
    std::uint8_t last;    // of its stroke or outline
  };
  struct Traced {
    std::vector<BankPoint> strokes;
    std::vector<BankPoint> outlines;
  };
  static std::vector<BankPoint> pack(const Shape& shape);
  static void unpack(const std::vector<BankPoint>& points, Shape& shape);

  std::array<std::vector<std::uint32_t>, 10> by_digit_;  // places in traced_
  std::vector<Traced> traced_;
  std::vector<Font> fonts_;
  std::vector<std::size_t> print_fonts_;
  std::vector<std::size_t> script_fonts_;
};

}  // namespace scrawl::pages
