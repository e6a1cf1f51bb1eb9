#include "recognition/read_picture.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "network/softmax.hpp"
#include "picture/glyph.hpp"
#include "picture/lines.hpp"
#include "picture/page.hpp"
#include "picture/pieces.hpp"
#include "picture/stop.hpp"
#include "recognition/digit.hpp"
#include "recognition/segmentation.hpp"

namespace scrawl {

namespace {

/// In the line, from its digits' boxes: a gap that is wider than the others, and than this fraction
/// of a digit's height, is a space.
constexpr double min_space = 0.6;
constexpr double wider_than_others = 2.2;

std::vector<bool> find_spaces(const std::vector<Digit>& digits, double height) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < digits.size(); ++i) {
    gaps.push_back(digits[i].box.x - digits[i - 1].box.x - digits[i - 1].box.width);
  }
  std::vector<double> order = gaps;
  std::ranges::sort(order);
  std::vector<bool> spaces{false};
  for (const double gap : gaps) {
    const double usual = order[(order.size() - 1) / 2];
    spaces.push_back(gap > min_space * height && gap > wider_than_others * usual);
  }
  return spaces;
}

/// What is less probable is no digit.
constexpr float non_digit_threshold = 0.3F;

bool is_hardly_one(const Digit& digit) {
  return digit.confidence < non_digit_threshold;
}

void add_line(const std::vector<Digit>& digits, double height, const Page& page,
              const ReadOptions& options, Reading& reading) {
  const std::vector<bool> spaces = find_spaces(digits, height);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (spaces[i]) reading.text += ' ';
    reading.text += to_character(digits[i], options);
    reading.digits.push_back(digits[i]);
    reading.digits.back().box = to_picture(digits[i].box, page);
  }
}

/// Takes the picture as one digit: the heaviest ink where its confidence is high, with or
/// without what touches the edge; other ink only where that is hardly a digit.
Reading read_one(const Picture& picture, const ReadOptions& options, const Classify& classify,
                 const StopRequested& stop) {
  constexpr float high_threshold = 0.95F;
  constexpr float low_threshold = 0.5F;
  Digit best;
  const auto classify_piece = [&](const GlyphCandidate& candidate) {
    if (best.confidence > (candidate.main == 0 ? high_threshold : low_threshold)) return false;
    const FoundGlyph& found = candidate.found;
    const Digit digit = to_digit(classify(found.glyph), found.glyph, found.box);
    if (digit.confidence > best.confidence) best = digit;
    return best.confidence <= high_threshold;
  };
  find_glyphs(picture, classify_piece, stop);
  Reading reading;
  if (is_hardly_one(best)) return reading;
  reading.text = to_character(best, options);
  reading.digits.push_back(best);
  set_confidence(reading);
  return reading;
}

}  // namespace

Probabilities softmax(std::span<const float, digit_count> logits) {
  Probabilities probabilities;
  softmax(logits, probabilities);
  return probabilities;
}

Reading read_picture(const Picture& picture, const ReadOptions& options, const Classify& classify,
                     const StopRequested& stop) {
  if (options.layout == Layout::one) return read_one(picture, options, classify, stop);
  Reading reading;
  const std::optional<Page> page = find_page(picture, stop);
  if (!page) return reading;
  std::vector<Piece> pieces = find_pieces(*page);
  check_stop(stop);
  std::vector<Line> lines;
  if (options.layout == Layout::page) lines = find_lines(std::move(pieces));
  if (options.layout == Layout::line && !pieces.empty())
    lines.push_back(make_line(std::move(pieces)));
  WorkBudget budget;
  budget.stop = stop;
  std::vector<Segmentation> segmentations;
  for (const Line& line : lines)
    segmentations.emplace_back(line, page->levels, classify, options.digits, budget);
  const std::vector<std::size_t> allocated = allocate_digits(segmentations, options.digits);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<Digit> digits = segmentations[i].digits(allocated[i]);
    if (options.digits == 0) std::erase_if(digits, is_hardly_one);
    if (digits.empty()) continue;
    if (!reading.digits.empty()) reading.text += '\n';
    add_line(digits, lines[i].height, *page, options, reading);
  }
  set_confidence(reading);
  return reading;
}

}  // namespace scrawl
