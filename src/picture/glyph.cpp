// find_glyph: the steps from a picture to its glyph.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <vector>

#include <scrawl/picture.hpp>

#include "picture/component.hpp"
#include "picture/fit.hpp"
#include "picture/ink.hpp"
#include "picture/lightness.hpp"
#include "picture/plane.hpp"
#include "picture/shrink.hpp"
#include "picture/stroke.hpp"

namespace scrawl {

namespace {

/// Larger pictures are shrunk to this: a digit that fills a twentieth of the side keeps 50 pixels.
constexpr int working_side = 1024;

/// Makes ink as strong as a pencil's or a pale pen's what black ink is: the upper quartile of what
/// is surely ink becomes 255.
void stretch(Plane& ink, int sure) {
  std::vector<std::uint8_t> levels;
  std::copy_if(ink.pixels.begin(), ink.pixels.end(), std::back_inserter(levels),
               [sure](std::uint8_t level) { return level >= sure; });
  const auto quartile = levels.begin() + static_cast<std::ptrdiff_t>(levels.size() * 3 / 4);
  std::nth_element(levels.begin(), quartile, levels.end());
  const int full = *quartile;
  for (std::uint8_t& level : ink.pixels)
    level = static_cast<std::uint8_t>(std::min(255, level * 255 / full));
}

/// False for a shade of light on blank paper. Looks at the shape made small, without its grain;
/// thin strokes become fainter by that, and are made strong again.
bool has_edges(const Plane& ink) {
  constexpr int small_side = 64;
  constexpr double softest = 0.08;  // of the longer side; digits, also in blurred photos, have 0.05
  Plane small = shrink(ink, shrink_factor(ink.width, ink.height, small_side));
  const int strongest = *std::max_element(small.pixels.begin(), small.pixels.end());
  if (strongest == 0) return false;
  stretch(small, (strongest + 2) / 3);
  return measure_edge_width(small) <= softest * std::max(small.width, small.height);
}

void check_picture(const Picture& picture) {
  const std::size_t pixels = static_cast<std::size_t>(picture.width) * picture.height;
  if (picture.width < 0 || picture.height < 0 || (picture.channels != 1 && picture.channels != 3) ||
      picture.pixels.size() != pixels * picture.channels)
    throw std::invalid_argument("find_glyph: pixels do not fit width, height and channels");
}

}  // namespace

std::optional<FoundGlyph> find_glyph(const Picture& picture) {
  check_picture(picture);
  if (picture.pixels.empty()) return std::nullopt;
  const int factor = shrink_factor(picture.width, picture.height, working_side);
  const Plane lightness = find_lightness(factor == 1 ? picture : shrink(picture, factor));
  const Plane ink = find_ink(lightness);
  const std::optional<InkLevels> levels = find_ink_levels(ink, measure_noise(lightness));
  if (!levels) return std::nullopt;
  std::optional<IsolatedDigit> digit = isolate_digit(ink, *levels);
  if (!digit) return std::nullopt;
  stretch(digit->ink, levels->sure);
  const Box& box = digit->box;
  if (!has_edges(digit->ink)) return std::nullopt;
  return FoundGlyph{fit_digit(digit->ink),
                    Box{box.x * factor, box.y * factor, box.width * factor, box.height * factor}};
}

}  // namespace scrawl
