#include "recognition/read_one.hpp"

#include <fmt/format.h>

#include "picture/glyph.hpp"
#include "picture/page.hpp"
#include "recognition/digit.hpp"

namespace scrawl {

namespace {

void show_ink(const Picture& picture, const ShowStage& show) {
  if (const auto page = find_page(picture)) show("ink", as_picture(page->ink));
}

}  // namespace

Reading read_one(const Picture& picture, const ReadOptions& options, const Classify& classify,
                 const StopRequested& stop) {
  constexpr float high_threshold = 0.95F;
  constexpr float low_threshold = 0.5F;
  constexpr float least = 0.3F;  // what is less probable is no digit
  if (options.show) show_ink(picture, options.show);
  int glyphs = 0;
  Digit best;
  const auto classify_piece = [&](const GlyphCandidate& candidate) {
    if (best.confidence > (candidate.main == 0 ? high_threshold : low_threshold)) return false;
    const FoundGlyph& found = candidate.found;
    if (options.show)
      options.show(fmt::format("glyph {}", ++glyphs), {static_cast<int>(glyph_side),
                                                       static_cast<int>(glyph_side),
                                                       1,
                                                       {found.glyph.begin(), found.glyph.end()}});
    const Digit digit = to_digit(classify(found.glyph), found.glyph, found.box);
    if (digit.confidence > best.confidence) best = digit;
    return best.confidence <= high_threshold;
  };
  find_glyphs(picture, classify_piece, stop);
  Reading reading;
  if (best.confidence < least) return reading;
  reading.text = to_character(best, options);
  reading.digits.push_back(best);
  set_confidence(reading);
  return reading;
}

}  // namespace scrawl
