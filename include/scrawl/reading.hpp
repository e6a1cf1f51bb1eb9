// What a picture says, and what may be asked for.
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

/// How a picture is taken.
enum class Layout {
  page = SCRAWL_PAGE,  ///< any number of digits in any number of lines
  line = SCRAWL_LINE,  ///< one line, however uneven
  one = SCRAWL_ONE,    ///< one digit: the most prominent ink, and what is near it
};

struct ReadOptions {
  Layout layout = Layout::page;
  /// Number of digits to find, at most 1000, and 1 where the layout is one; 0: any number.
  std::size_t digits = 0;
  double min_confidence = 0;  ///< digits less certain than this are '?' in the text; 0 to 1
  bool signs = false;         ///< . , - / : are in the text too, where the layout is not one
  bool handwritten = false;   ///< printed digits are left out, where the layout is not one
};

/// A place in a picture, in pixels; x and y are of its top left corner.
struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// One recognized digit.
struct Digit {
  int value = 0;         ///< 0 to 9: the most probable
  float confidence = 0;  ///< its probability
  Box box{};             ///< where its ink is
  Probabilities probabilities{};
  Glyph glyph{};           ///< (28, 28): its ink as the network saw it
  float handwritten = 1;   ///< how probable it is that it is not printed; 1 where the layout is one
  std::size_t offset = 0;  ///< of its character in Reading::text

  /// The `count` most probable digits, the most probable first; at most 10.
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

/// One line of a reading's text.
struct Line {
  std::string text{};
  std::size_t offset = 0;  ///< of its first character in Reading::text
  std::size_t first = 0;   ///< its first digit in Reading::digits
  std::size_t count = 0;   ///< of its digits
};

/// What a picture says.
struct Reading {
  /// Spaces between numbers that are apart, newlines between lines; empty when no digit was found.
  std::string text{};
  float confidence = 0;         ///< of the least certain digit; 0 when none was found
  std::vector<Digit> digits{};  ///< in reading order
  std::vector<Line> lines{};    ///< from the top
  std::shared_ptr<const scrawl_reading> handle{};  ///< what explain() draws
};

}  // namespace v0
}  // namespace scrawl
