#include "recognition/read_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "picture/page.hpp"
#include "picture/turn.hpp"
#include "recognition/box_wall.hpp"
#include "recognition/calibration.hpp"
#include "recognition/detected_glyph.hpp"
#include "recognition/digit.hpp"
#include "recognition/faint_ink.hpp"
#include "recognition/fullness.hpp"
#include "recognition/reading_order.hpp"
#include "recognition/same_hand.hpp"
#include "recognition/way_up.hpp"

namespace scrawl {

namespace {

constexpr float min_score = 0.38F;
constexpr float min_score_alone = 0.25F;  // where nothing else is
constexpr float min_sign_score = 0.32F;   // where bench/signs.cpp has the highest F1

/// What is more like something else than like any digit is one that is seldom written so.
bool is_digit(const Detection& detection) {
  const std::size_t symbol = detection.symbol();
  return symbol < digit_count || symbol == other_symbol;
}

/// Of symbols behind the digits.
char sign_of(const Detection& detection) {
  return ".,-/:"[detection.symbol() - digit_count];
}

/// Whether it can be but that one digit, if it is one.
bool is_clear(const Detection& detection) {
  constexpr float clear = 0.9F;
  const std::size_t symbol = detection.symbol();
  return symbol < digit_count && detection.symbols[symbol] > clear;
}

/// Whether the classifier is sure of the same digit. It says nothing of a 1, which any straight
/// line is to it, a wall of a box too.
bool is_confirmed(const Detection& one, const Plane& gray, const Classify& classify) {
  constexpr float sure = 0.99F;
  const std::size_t symbol = one.symbol();
  if (symbol >= digit_count || symbol == 1) return false;
  const std::optional<FoundGlyph> found = make_detected_glyph(gray, one.box);
  return found && classify(found->glyph)[symbol] > sure;
}

/// Whether `other` stands beside it and is as high: a line of small digits.
bool is_beside(const Detection& one, const Detection& other) {
  const float height = one.box.height();
  const float ratio = other.box.height() / height;
  return ratio > 0.67F && ratio < 1.5F &&
         std::abs(other.box.center_y() - one.box.center_y()) < 0.5F * height &&
         std::abs(other.box.center_x() - one.box.center_x()) < 2 * height;
}

/// Leaves out what is much less sure than what is usual in this picture, what is small and doubtful
/// among larger ones, and 1s that are walls of boxes.
void drop_unusual(std::vector<Detection>& detections, const Plane& gray, const Classify& classify) {
  constexpr float of_usual = 0.6F;
  constexpr float clear_of_usual = 0.5F;  // as a 1 that a neighbor touches
  constexpr float small_of_usual = 0.8F;
  constexpr float wall_of_usual = 0.85F;
  if (detections.size() < 2) return;
  std::vector<float> scores;
  for (const Detection& one : detections) scores.push_back(one.score);
  std::ranges::sort(scores, std::ranges::greater{});
  const std::size_t half = std::max<std::size_t>(1, (scores.size() + 1) / 2);
  const float usual =
      half % 2 == 1 ? scores[half / 2] : (scores[half / 2 - 1] + scores[half / 2]) / 2;
  std::erase_if(detections, [&](const Detection& one) {
    if (one.symbol() == 1 && one.score < wall_of_usual * usual && is_box_wall(gray, one.box))
      return true;
    if (one.score >= of_usual * usual) return false;
    return one.score < clear_of_usual * usual ||
           !(is_clear(one) || is_confirmed(one, gray, classify));
  });
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
  std::vector<Detection> small_and_sure;
  for (const Detection& one : detections) {
    if (one.score >= small_of_usual * usual && one.box.height() <= 0.67F * median)
      small_and_sure.push_back(one);
  }
  std::erase_if(detections, [&](const Detection& one) {
    return one.score < small_of_usual * usual && one.box.height() <= 0.5F * median &&
           std::ranges::none_of(small_and_sure,
                                [&](const Detection& other) { return is_beside(one, other); });
  });
}

/// As far as it is in the picture.
Box clip(const Box& box, const Plane& gray) {
  return to_box(to_rectangle(box), gray);
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
  constexpr float most_at = 16;
  constexpr float most = 0.35F;
  const float weight = most * std::clamp((height - none_at) / (most_at - none_at), 0.0F, 1.0F);
  constexpr float least = 0.06F;  // so that a hand that was taught is read on pages too
  float sum = 0;
  for (std::size_t d = 0; d < digit_count; ++d) {
    probabilities[d] =
        std::max(probabilities[d], least) * std::pow(std::max(of_glyph[d], 1e-4F), weight);
    sum += probabilities[d];
  }
  for (float& probability : probabilities) probability /= sum;
}

Digit read_digit(const Detection& detection, const Plane& gray, const Classify& classify) {
  const Rectangle& box = detection.box;
  Probabilities probabilities = digits_of(detection);
  const std::optional<FoundGlyph> found = make_detected_glyph(gray, box);
  if (found) blend(probabilities, classify(found->glyph), box.height());
  Digit digit = found ? to_digit(probabilities, found->glyph, clip(found->box, gray))
                      : to_digit(probabilities, {}, to_box(box, gray));
  digit.handwritten = detection.handwritten;
  return digit;
}

/// The digits of all lines, one after the other; signs are left out.
std::vector<Digit> read_digits(const std::vector<std::vector<Detection>>& lines, const Plane& gray,
                               const Classify& classify, const StopRequested& stop) {
  std::vector<Digit> digits;
  std::vector<float> objectness;
  for (const auto& line : lines) {
    for (const Detection& detection : line) {
      if (!is_digit(detection)) continue;
      check_stop(stop);
      digits.push_back(read_digit(detection, gray, classify));
      objectness.push_back(detection.objectness);
    }
  }
  compare_with_hand(digits);
  for (std::size_t i = 0; i < digits.size(); ++i)
    set_confidence(digits[i], calibrate(digits[i].confidence * objectness[i]));
  return digits;
}

/// The most probable ones, so many, or fewer where there are no more.
void keep_best(std::vector<Detection>& detections, std::size_t count) {
  if (detections.size() <= count) return;
  std::ranges::sort(detections, std::ranges::greater{}, &Detection::score);
  detections.resize(count);
}

/// The digits that are to be read, of all that was found.
std::vector<Detection> choose_digits(const UprightPage& page, const Picture& picture,
                                     const ReadOptions& options, const Classify& classify) {
  constexpr float written = 0.5F;
  std::vector<Detection> found = page.found;
  std::erase_if(found, [&](const Detection& one) {
    return !is_digit(one) || (options.handwritten && one.handwritten < written);
  });
  if (options.digits > 0) {
    keep_best(found, options.digits);
    return found;
  }
  const bool is_alone =
      std::ranges::none_of(found, [](const Detection& one) { return one.score >= min_score; });
  const float least = is_alone ? min_score_alone : min_score;
  std::erase_if(found, [&](const Detection& one) { return one.score < least; });
  drop_unusual(found, page.gray, classify);
  drop_faint(found, page.gray, picture, page.turn);
  return found;
}

std::vector<Detection> choose_signs(std::vector<Detection> found) {
  std::erase_if(found,
                [](const Detection& one) { return is_digit(one) || one.score < min_sign_score; });
  return found;
}

std::vector<std::vector<Detection>> put_in_order(std::vector<Detection> found, Layout layout) {
  if (layout == Layout::page) return find_reading_order(std::move(found));
  if (found.empty()) return {};
  std::ranges::sort(found, {}, [](const Detection& one) { return one.box.center_x(); });
  return {std::move(found)};
}

/// All glyphs, in rows of twenty.
Picture draw_glyphs(const std::vector<Digit>& digits) {
  constexpr std::size_t columns = 20;
  const std::size_t rows = (digits.size() + columns - 1) / columns;
  const std::size_t width = std::min(digits.size(), columns) * glyph_side;
  Picture sheet{static_cast<int>(width), static_cast<int>(rows * glyph_side), 1, {}};
  sheet.pixels.resize(width * rows * glyph_side);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t corner = i / columns * glyph_side * width + i % columns * glyph_side;
    for (std::size_t y = 0; y < glyph_side; ++y)
      std::copy_n(digits[i].glyph.data() + y * glyph_side, glyph_side,
                  sheet.pixels.data() + corner + y * width);
  }
  return sheet;
}

/// Boxes of an upright page to those of the picture as it came.
void turn_back(Reading& reading, const Plane& upright) {
  const int degrees = degrees_back(reading.turn);
  for (Digit& digit : reading.digits)
    digit.box = turn(digit.box, degrees, upright.width, upright.height);
}

UprightPage make_upright(Plane gray, const ReadOptions& options, const PageReader& reader,
                         const StopRequested& stop) {
  const bool is_known = options.turn != Turn::automatic;
  UprightPage page = is_known ? UprightPage{options.turn, turn(gray, degrees_of(options.turn)), {}}
                              : find_way_up(std::move(gray), reader, stop);
  if (!is_known && !options.show) return page;
  if (options.show) options.show("brightness", as_picture(page.gray));
  page.found = look_at(page.gray, reader, stop, options.show);
  return page;
}

}  // namespace

Reading read_page(const Picture& picture, const ReadOptions& options, const PageReader& reader,
                  const Classify& classify, const StopRequested& stop) {
  check_picture(picture);
  Reading reading;
  if (picture.pixels.empty()) return reading;
  const auto page = make_upright(find_brightness(picture), options, reader, stop);
  const auto& [turned, gray, found] = page;
  reading.turn = turned;
  std::vector<Detection> digits = choose_digits(page, picture, options, classify);
  check_fullness(digits.size(), "digits", max_page_digits);
  auto lines = put_in_order(std::move(digits), options.layout);
  if (options.signs) insert_signs(choose_signs(found), lines);
  reading.digits = read_digits(lines, gray, classify, stop);
  auto digit = reading.digits.cbegin();
  for (const auto& line : lines) {
    if (!reading.text.empty()) reading.text += '\n';
    const std::vector<bool> spaces = find_spaces(line);
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (spaces[i]) reading.text += ' ';
      reading.text += is_digit(line[i]) ? to_character(*digit++, options) : sign_of(line[i]);
    }
  }
  if (options.show && !reading.digits.empty()) options.show("glyphs", draw_glyphs(reading.digits));
  set_confidence(reading);
  turn_back(reading, gray);
  return reading;
}

}  // namespace scrawl
