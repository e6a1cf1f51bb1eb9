#include "recognition/read_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "picture/page.hpp"
#include "recognition/detected_glyph.hpp"
#include "recognition/digit.hpp"
#include "recognition/reading_order.hpp"

namespace scrawl {

namespace {

constexpr float min_score = 0.38F;

bool is_digit(const Detection& detection) {
  const auto best = std::ranges::max_element(detection.symbols) - detection.symbols.begin();
  return best < 10 || best == other_symbol;
}

/// Leaves out what is much less sure than what is usual in this picture, and what is small and
/// doubtful among larger ones.
void drop_unusual(std::vector<Detection>& detections) {
  constexpr float of_usual = 0.5F;
  constexpr float small_of_usual = 0.8F;
  if (detections.size() < 2) return;
  std::vector<float> scores;
  for (const Detection& one : detections) scores.push_back(one.score);
  std::ranges::sort(scores, std::ranges::greater{});
  const std::size_t half = std::max<std::size_t>(1, (scores.size() + 1) / 2);
  const float usual =
      half % 2 == 1 ? scores[half / 2] : (scores[half / 2 - 1] + scores[half / 2]) / 2;
  std::erase_if(detections, [&](const Detection& one) { return one.score < of_usual * usual; });
  std::vector<std::pair<float, float>> heights;
  float total = 0;
  for (const Detection& one : detections) {
    heights.emplace_back(one.box.height(), one.score * one.score);
    total += one.score * one.score;
  }
  std::ranges::sort(heights);
  float sum = 0;
  float median = 0;
  for (const auto& [height, weight] : heights) {
    sum += weight;
    if (sum < total / 2) continue;
    median = height;
    break;
  }
  std::erase_if(detections, [&](const Detection& one) {
    return one.score < small_of_usual * usual && one.box.height() <= 0.5F * median;
  });
}

/// Of its symbols, the digits alone.
Probabilities digits_of(const Detection& detection) {
  Probabilities probabilities{};
  float sum = 0;
  for (std::size_t d = 0; d < digit_count; ++d) sum += detection.symbols[d];
  for (std::size_t d = 0; d < digit_count; ++d)
    probabilities[d] = sum > 0 ? detection.symbols[d] / sum : 0.1F;
  return probabilities;
}

/// Takes the glyph's classifier into account, the more the higher the digit is, in pixels.
void blend(Probabilities& probabilities, const Probabilities& of_glyph, float height) {
  constexpr float none_at = 10;  // pixels of the picture, in which it is not seen what it is
  constexpr float full_at = 16;
  const float weight = std::clamp((height - none_at) / (full_at - none_at), 0.0F, 1.0F);
  float sum = 0;
  for (std::size_t d = 0; d < digit_count; ++d) {
    probabilities[d] *= std::pow(std::max(of_glyph[d], 1e-4F), weight);
    sum += probabilities[d];
  }
  for (float& probability : probabilities) probability /= sum;
}

Digit read_digit(const Detection& detection, const Plane& gray, const Classify& classify) {
  const Rectangle& box = detection.box;
  Probabilities probabilities = digits_of(detection);
  const auto glyph = make_detected_glyph(gray, box);
  if (glyph) blend(probabilities, classify(*glyph), box.height());
  Digit digit = to_digit(probabilities, glyph.value_or(Glyph{}),
                         {static_cast<int>(box.left), static_cast<int>(box.top),
                          static_cast<int>(box.width()), static_cast<int>(box.height())});
  digit.confidence *= detection.objectness;
  return digit;
}

/// The most probable ones, so many, or fewer where there are no more.
void keep_best(std::vector<Detection>& detections, std::size_t count) {
  if (detections.size() <= count) return;
  std::ranges::sort(detections, std::ranges::greater{}, &Detection::score);
  detections.resize(count);
}

/// What is to be read, of all that was found.
std::vector<Detection> choose(std::vector<Detection> found, std::size_t digits) {
  std::erase_if(found, [](const Detection& one) { return !is_digit(one); });
  if (digits > 0) {
    keep_best(found, digits);
    return found;
  }
  std::erase_if(found, [](const Detection& one) { return one.score < min_score; });
  drop_unusual(found);
  return found;
}

std::vector<std::vector<Detection>> put_in_order(std::vector<Detection> found, Layout layout) {
  if (layout == Layout::page) return find_reading_order(std::move(found));
  std::ranges::sort(found, {}, [](const Detection& one) { return one.box.center_x(); });
  return {std::move(found)};
}

}  // namespace

Reading read_page(const Picture& picture, const ReadOptions& options, const PageReader& reader,
                  const Classify& classify, const StopRequested& stop) {
  check_picture(picture);
  Reading reading;
  if (picture.pixels.empty()) return reading;
  const Plane gray = find_brightness(picture);
  std::vector<Detection> found =
      choose(merge_detections(reader.detect(gray, stop)), options.digits);
  if (found.empty()) return reading;
  for (const auto& line : put_in_order(std::move(found), options.layout)) {
    if (!reading.text.empty()) reading.text += '\n';
    const std::vector<bool> spaces = find_spaces(line);
    for (std::size_t i = 0; i < line.size(); ++i) {
      check_stop(stop);
      const Digit digit = read_digit(line[i], gray, classify);
      if (spaces[i]) reading.text += ' ';
      reading.text += to_character(digit, options);
      reading.digits.push_back(digit);
    }
  }
  set_confidence(reading);
  return reading;
}

}  // namespace scrawl
