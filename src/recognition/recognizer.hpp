// Reads pictures: the class that most programs need, and the only one.
//
//     const scrawl::Recognizer recognizer;
//     std::cout << recognizer.read(scrawl::load_picture("7.png")).text << '\n';
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>
#include <scrawl/precision.hpp>
#include <scrawl/probabilities.hpp>

#include "picture/picture.hpp"

namespace scrawl {

/// One recognized glyph.
struct Digit {
  int digit = 0;         ///< 0 to 9: the most probable
  float confidence = 0;  ///< its probability
  Box box;               ///< where its ink is, in the picture's pixels
  Probabilities probabilities{};
  Glyph glyph{};          ///< its ink as the network saw it
  float handwritten = 1;  ///< how probable it is that it is not printed; 1 where the layout is one
};

/// How a picture is taken.
enum class Layout {
  page,  ///< any number of digits in any number of lines
  line,  ///< one line, however uneven
  one,   ///< one digit: the most prominent ink, and what is near it
};

/// By how many degrees a picture is turned clockwise to be upright.
enum class Turn {
  automatic,  ///< found out: other than none only where that is clear, and not where the layout is
              ///< one
  none,
  right,   ///< 90
  around,  ///< 180
  left,    ///< 270
};

/// 0, 90, 180 or 270; 0 of automatic.
constexpr int degrees_of(Turn turn) {
  return turn == Turn::automatic ? 0 : 90 * (static_cast<int>(turn) - static_cast<int>(Turn::none));
}

/// Those that undo it.
constexpr int degrees_back(Turn turn) {
  return (360 - degrees_of(turn)) % 360;
}

/// Of 0, 90, 180 or 270 degrees; nothing of others.
constexpr std::optional<Turn> to_turn(int degrees) {
  if (degrees < 0 || degrees > 270 || degrees % 90 != 0) return std::nullopt;
  return static_cast<Turn>(static_cast<int>(Turn::none) + degrees / 90);
}

/// Is shown a picture on the way from a picture to its reading, and what it is called.
using ShowStage = std::function<void(std::string_view name, const Picture& stage)>;

/// A page that holds more digits than this is refused; a full sheet of 5 mm squares has 2,500.
inline constexpr std::size_t max_page_digits = 10'000;

/// More digits than this cannot be asked for: looking for them would take very long.
inline constexpr std::size_t max_read_digits = 1000;

struct ReadOptions {
  Layout layout = Layout::page;
  /// Exactly so many, as far as there is ink for them, at most max_read_digits, and 1 where the
  /// layout is one; 0: any number.
  std::size_t digits = 0;
  float min_confidence = 0;  ///< digits less certain than this are '?' in the text; 0 to 1
  bool signs = false;        ///< . , - / : are in the text too, where the layout is not one
  bool handwritten = false;  ///< printed digits are left out, where the layout is not one
  Turn turn = Turn::automatic;
  ShowStage show = {};  ///< what the networks see and say, for people to look at; slower
};

/// What a picture says.
struct Reading {
  /// The digits as text: spaces between numbers that are apart, newlines between lines; empty when
  /// none was found.
  std::string text;
  float confidence = 0;       ///< of the least certain digit; 0 when none was found
  std::vector<Digit> digits;  ///< in reading order
  /// How the picture was turned to be read, not automatic. Boxes are in the picture as it came.
  Turn turn = Turn::none;
};

/// What was found, to be looked at: the picture (upright, made smaller or larger) with a box around
/// each digit and a base line through each line, and below it each glyph as the network saw it,
/// with its confidence in percent. Where `heat` is bright, a gray picture of any size, the picture
/// is tinted: reading shows it as the stage "heat", where it has seen centers of digits. In color.
/// Throws std::invalid_argument if a picture's pixels do not fit its size.
Picture explain(const Picture& picture, const Reading& reading, const Picture& heat = {});

/// A model, compiled for this machine. All members are const and safe to call from several threads
/// at once. Copies share what was compiled, and so cost nothing; to move is to copy, so that what
/// was moved from still reads.
class Recognizer {
 public:
  /// Reads with the built-in models.
  Recognizer();
  /// Reads digits with `model`, where the built-in page reader finds them. Throws Error when the
  /// model cannot be (see Model).
  explicit Recognizer(const Model& model);
  /// Finds digits with `page_reader`, as `scrawl train --model reader` trains it, and asks `model`
  /// about those that are large enough for it; a digit alone (Layout::one) is `model`'s. Throws
  /// Error when a model cannot be, or is not of its kind.
  /// Multiplies in f32 where that is asked for, else as fast as this CPU can.
  Recognizer(const Model& model, const Model& page_reader,
             Precision precision = Precision::automatic);
  Recognizer(const Recognizer&) = default;
  Recognizer& operator=(const Recognizer&) = default;

  /// Reads a picture. No digits when it is blank, or shows nothing that is a digit. Throws
  /// TooLargeError when it shows more than max_page_digits, std::invalid_argument when an option
  /// cannot be (see ReadOptions).
  Reading read(const Picture& picture, const ReadOptions& options = {}) const;

  /// The probabilities of a glyph that is prepared already.
  Probabilities classify(GlyphView glyph) const;
  Probabilities classify(const Glyph& glyph) const { return classify(GlyphView(glyph)); }

  /// The same for each of glyphs (n, 28, 28), one after the other on the calling thread. Throws
  /// std::invalid_argument when the size is not a multiple of 784.
  std::vector<Probabilities> classify(std::span<const std::uint8_t> glyphs) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace scrawl
