// From a line of ink to its digits: which pieces belong together, and which are parted.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include <scrawl/recognizer.hpp>

#include "picture/lines.hpp"

namespace scrawl {

using Classify = std::function<Probabilities(GlyphView)>;

/// A way to read a line.
struct Path {
  double cost = 0;            ///< the less the better
  std::vector<Digit> digits;  ///< from left to right, in the page's pixels
};

/// The best way to read the line as 0, 1, 2, ... digits, as far as there is any. Pieces are cut
/// where digits could touch, neighbours are joined where they could be one digit, `classify` says
/// what each could be, and the path of least cost through all of them is the reading (Viterbi 1967;
/// for handwriting, Bengio, LeCun et al. 1995).
std::vector<std::optional<Path>> find_paths(const Line& line, InkLevels levels,
                                            const Classify& classify);

}  // namespace scrawl
