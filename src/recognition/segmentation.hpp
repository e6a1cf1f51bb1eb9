// From a line of ink to its digits: which pieces belong together, and which are parted.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include <scrawl/recognizer.hpp>

#include "picture/lines.hpp"
#include "picture/stop.hpp"

namespace scrawl {

using Classify = std::function<Probabilities(GlyphView)>;

/// Neighbouring parts of a line that could be a digit.
struct Candidate {
  std::size_t begin;
  std::size_t end;
  double cost;
  Digit digit;
};

/// What a page may still cost. Writing takes a small part of it; in a texture, when it is used up,
/// no more is cut or joined.
struct WorkBudget {
  std::ptrdiff_t parts = 10'000;          ///< to which pieces are cut
  std::ptrdiff_t cut_pixels = 2'000'000;  ///< of the pieces that are cut
  std::ptrdiff_t joins = 10'000;          ///< of parts
  std::ptrdiff_t joined_pixels = 50'000'000;
  StopRequested stop = {};  ///< requested: nothing at all, Stopped is thrown
};

/// All ways to read a line. Pieces are cut where digits could touch, neighbours are joined where
/// they could be one digit, `classify` says what each could be, and the path of least cost through
/// all of them is the reading (Viterbi 1967; for handwriting, Bengio, LeCun et al. 1995).
class Segmentation {
 public:
  /// Takes from `budget` what it costs. With `most_digits`, also finds the best path for each
  /// number of digits up to that; 0: only the best of all.
  Segmentation(const Line& line, InkLevels levels, const Classify& classify,
               std::size_t most_digits, WorkBudget& budget);

  static constexpr double impossible = std::numeric_limits<double>::infinity();

  /// Of the best path with so many digits, 0 to most_digits; of all paths where that is 0. The less
  /// the better; impossible where there is none.
  double cost(std::size_t digits) const { return steps_.back()[digits].cost; }

  /// That path's digits, from left to right, in the page's pixels; less certain where they were cut
  /// off others, or are not all the ink in their place.
  std::vector<Digit> digits(std::size_t digits) const;

 private:
  /// How a place between two parts is reached.
  struct Step {
    double cost = impossible;
    std::size_t from = 0;
    std::ptrdiff_t candidate = -1;  ///< -1: the parts since `from` were skipped
  };

  struct Ink {
    Box box;
    double sum;
  };

  /// Of the ink in a digit's box, the share that it was read from: who draws a face in a 0 has left
  /// the rest out.
  float share_read(const Candidate& candidate, const std::vector<Ink>& left_out) const;

  std::vector<Ink> inks_;                 // of the parts
  std::vector<Candidate> candidates_;     // by their beginnings
  std::vector<std::vector<Step>> steps_;  // [place][digits before it], one number where any will do
};

/// How many digits each line has when they cost least and are `digits` in all, or as many as there
/// can be.
std::vector<std::size_t> allocate_digits(const std::vector<Segmentation>& lines,
                                         std::size_t digits);

}  // namespace scrawl
