#include "picture/lightness.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace scrawl {

namespace {

/// A channel in which the paper is darker than this is mostly noise, and is not amplified further.
constexpr int dimmest_paper = 128;

/// What one channel is at the border, and at its extremes.
struct Range {
  int border = 0;  ///< the mean along the four edges
  int darkest = 255;
  int lightest = 0;
};

Range measure_range(const Picture& picture, int channel) {
  Range range;
  long sum = 0;
  long count = 0;
  const std::uint8_t* in = picture.pixels.data() + channel;
  for (int y = 0; y < picture.height; ++y) {
    const bool edge_row = y == 0 || y == picture.height - 1;
    for (int x = 0; x < picture.width; ++x, in += picture.channels) {
      range.darkest = std::min<int>(range.darkest, *in);
      range.lightest = std::max<int>(range.lightest, *in);
      if (!edge_row && x != 0 && x != picture.width - 1) continue;
      sum += *in;
      ++count;
    }
  }
  range.border = static_cast<int>(sum / std::max(1L, count));
  return range;
}

/// Ink is what differs most from the paper. Light ink has to stand out more than dark by half: dark
/// ink is the rule, and a lamp makes light spots on paper.
bool is_light_on_dark(const std::vector<Range>& ranges) {
  int darker = 0;
  int lighter = 0;
  for (const Range& range : ranges) {
    darker = std::max(darker, range.border - range.darkest);
    lighter = std::max(lighter, range.lightest - range.border);
  }
  return 2 * lighter > 3 * darker;
}

using Table = std::array<std::uint8_t, 256>;

/// Turns a channel's values (of the negative, where wanted) so that its paper becomes
/// balanced_paper.
Table balance(const Range& range, bool negative) {
  const int paper = negative ? 255 - range.border : range.border;
  Table table;
  for (int value = 0; value < 256; ++value) {
    const int light = negative ? 255 - value : value;
    table[value] = static_cast<std::uint8_t>(
        std::min(255, light * balanced_paper / std::max(paper, dimmest_paper)));
  }
  return table;
}

}  // namespace

Plane find_lightness(const Picture& picture) {
  std::vector<Range> ranges;
  ranges.reserve(picture.channels);
  for (int c = 0; c < picture.channels; ++c) ranges.push_back(measure_range(picture, c));
  const bool negative = is_light_on_dark(ranges);
  std::vector<Table> tables;
  tables.reserve(ranges.size());
  for (const Range& range : ranges) tables.push_back(balance(range, negative));

  Plane lightness(picture.width, picture.height);
  const std::uint8_t* in = picture.pixels.data();
  for (std::uint8_t& out : lightness.pixels) {
    out = 255;
    for (const Table& table : tables) out = std::min(out, table[*in++]);
  }
  return lightness;
}

}  // namespace scrawl
