// Lines of writing.
#pragma once

#include <vector>

#include "picture/component.hpp"

namespace scrawl {

/// One line, its pieces from left to right.
struct Line {
  std::vector<Piece> pieces;
  double height = 0;  ///< of its digits, in pixels
};

/// Sorts pieces into lines, from top to bottom, however the lines are tilted (up to 15 degrees).
std::vector<Line> find_lines(std::vector<Piece> pieces);

/// Takes all pieces as one line.
Line make_line(std::vector<Piece> pieces);

}  // namespace scrawl
