#include "personalization/glyph_to_teach.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <vector>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

/// Whether the boxes stand beside each other, or one well below the other: what a pen leaves open
/// within a digit, such as between the two circles of an 8, is less.
bool apart(const Box& a, const Box& b) {
  const int across = std::max(a.x, b.x) - std::min(a.x + a.width, b.x + b.width);
  const int down = std::max(a.y, b.y) - std::min(a.y + a.height, b.y + b.height);
  return across >= 0 || 2 * down > std::min(a.height, b.height);
}

/// Throws Error where the picture shows several digits, of which `taken` (if the network took one)
/// would be one or all: those of high confidence, beside each other. A digit whose strokes are
/// apart passes: where it is read as two, hardly both have it, or the one has.
void refuse_several(const Reading& page, const std::optional<Digit>& taken) {
  constexpr float high_threshold = 0.9F;
  std::vector<Box> boxes;
  for (const Digit& digit : page.digits) {
    if (digit.confidence >= high_threshold) boxes.push_back(digit.box);
  }
  const auto is_apart_from = [](const Box& a) {
    return [&a](const Box& b) { return apart(a, b); };
  };
  const bool several = std::ranges::any_of(
      boxes, [&](const Box& box) { return std::ranges::any_of(boxes, is_apart_from(box)); });
  if (!several) return;
  const bool is_one = taken && taken->confidence >= high_threshold;
  if (is_one && std::ranges::none_of(boxes, is_apart_from(taken->box))) return;
  std::string text = page.text;
  std::ranges::replace(text, '\n', ' ');
  throw Error(
      fmt::format("several digits, read as {}: which is meant? Crop the picture, so that it shows "
                  "one digit",
                  text));
}

}  // namespace

GlyphToTeach glyph_to_teach(const Recognizer& recognizer, const Picture& picture) {
  ReadOptions one;
  one.layout = Layout::one;
  const Reading reading = recognizer.read(picture, one);
  std::optional<Digit> taken;
  if (!reading.digits.empty()) taken = reading.digits.front();
  refuse_several(recognizer.read(picture), taken);
  if (taken) return {*taken, true};
  const auto found = find_glyph(picture);
  if (!found) throw Error("no ink stands out from the paper");
  Digit digit;
  digit.glyph = found->glyph;
  digit.probabilities = recognizer.classify(found->glyph);
  const auto* most = std::ranges::max_element(digit.probabilities);
  digit.digit = static_cast<int>(most - digit.probabilities.begin());
  digit.confidence = *most;
  return {digit, false};
}

}  // namespace scrawl
