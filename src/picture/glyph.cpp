// From ink to glyph.
#include "picture/glyph.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "picture/fit.hpp"
#include "picture/one_digit.hpp"
#include "picture/page.hpp"
#include "picture/shrink.hpp"
#include "picture/stroke.hpp"

namespace scrawl {

namespace {

/// Makes ink as strong as a pencil's or a pale pen's what black ink is.
void stretch(Plane& ink, int sure) {
  const int full = full_level(ink, sure);
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

}  // namespace

std::optional<Glyph> make_glyph(Plane ink, InkLevels levels) {
  if (*std::ranges::max_element(ink.pixels) < levels.sure) return std::nullopt;
  stretch(ink, levels.sure);
  if (!has_edges(ink)) return std::nullopt;
  return fit_digit(ink);
}

void find_glyphs(const Picture& picture,
                 const std::function<bool(const GlyphCandidate&)>& wants_more,
                 const StopRequested& stop) {
  const std::optional<Page> page = find_page(picture, stop);
  if (!page) return;
  for (IsolatedDigit& digit : isolate_digits(page->ink, page->levels)) {
    const std::optional<Glyph> glyph = make_glyph(std::move(digit.piece.ink), page->levels);
    if (!glyph) continue;
    if (!wants_more({{*glyph, to_picture(digit.piece.box, *page)}, digit.main})) return;
  }
}

std::optional<FoundGlyph> find_glyph(const Picture& picture) {
  std::optional<FoundGlyph> first;
  find_glyphs(picture, [&](const GlyphCandidate& candidate) {
    first = candidate.found;
    return false;
  });
  return first;
}

}  // namespace scrawl
