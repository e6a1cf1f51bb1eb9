// Options of reading a picture, and the result.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <scrawl/glyph.hpp>
#include <scrawl/probabilities.hpp>
#include <scrawl/scrawl.h>

namespace scrawl {
inline namespace v0 {

/// What a picture shows.
enum class Layout {
  page = SCRAWL_PAGE,  ///< any number of digits in any number of lines
  line = SCRAWL_LINE,  ///< one line, which may be uneven
  one = SCRAWL_ONE,    ///< one digit: the most prominent ink and the ink near it
};

/// The most digits that a picture may show. Reading one with more is an error: nothing is left out
/// in silence.
inline constexpr std::size_t max_digits = SCRAWL_MAX_DIGITS;

/// By how many degrees a picture is turned clockwise to be upright.
enum class Turn {
  automatic = SCRAWL_TURN_AUTO,  ///< found out: other than 0 only if it is clear
  none = 0,                      ///< it is upright
  right = 90,                    ///< a quarter clockwise
  around = 180,                  ///< it is upside down
  left = 270,                    ///< a quarter counterclockwise
};

/// Options of Recognizer::read().
struct ReadOptions {
  Layout layout = Layout::page;  ///< what the picture shows
  /// Number of digits to find, 0 to 1000, and at most 1 if the layout is one; 0 means any number.
  std::size_t digits = 0;
  double min_confidence = 0;  ///< digits with less confidence are '?' in the text; 0 to 1
  bool signs = false;  ///< include the signs . , - / : in the text; ignored if the layout is one
  bool handwritten = false;     ///< leave out printed digits; ignored if the layout is one
  Turn turn = Turn::automatic;  ///< how the picture lies; automatic: upright, if the layout is one
};

/// A rectangle in a picture, in pixels.
struct Box {
  int x = 0;       ///< left edge
  int y = 0;       ///< top edge
  int width = 0;   ///< in pixels
  int height = 0;  ///< in pixels
};

/// A recognized digit.
struct Digit {
  int value = 0;                  ///< the most probable digit, 0 to 9
  float confidence = 0;           ///< probability of `value`
  Box box{};                      ///< bounding box of its ink
  Probabilities probabilities{};  ///< probability of each digit
  Glyph glyph{};                  ///< (28, 28): its ink as the network saw it
  float handwritten = 1;  ///< probability of being handwritten, not printed; 1 if the layout is one
  std::size_t offset = 0;  ///< index of its character in Reading::text

  /// The `count` most probable digits, at most 10, the most probable first.
  std::vector<int> top(std::size_t count) const {
    std::vector<int> digits{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    std::stable_sort(digits.begin(), digits.end(), [this](int a, int b) {
      return probabilities[static_cast<std::size_t>(a)] >
             probabilities[static_cast<std::size_t>(b)];
    });
    digits.resize(std::min(count, digits.size()));
    return digits;
  }
};

/// A line of a reading.
struct Line {
  std::string text{};      ///< without a newline
  std::size_t offset = 0;  ///< index of its first character in Reading::text
  std::size_t first = 0;   ///< index of its first digit in Reading::digits
  std::size_t count = 0;   ///< number of its digits
};

/// Everything that was read in a picture.
struct Reading {
  /// The digits as text, with spaces between separate numbers and newlines between lines. Empty if
  /// there are no digits.
  std::string text{};
  float confidence = 0;         ///< of the least certain digit; 0 if there are no digits
  std::vector<Digit> digits{};  ///< in reading order
  std::vector<Line> lines{};    ///< from top to bottom
  /// How the picture was turned to be read. Boxes of digits are in the picture as it came.
  Turn turn = Turn::none;
  std::shared_ptr<const scrawl_reading> handle{};  ///< for explain() and functions of scrawl.h
};

}  // namespace v0
}  // namespace scrawl
