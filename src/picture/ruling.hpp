// Ruled and squared paper, tables, cells: straight lines that are no strokes.
#pragma once

#include <vector>

#include "picture/ink.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// Takes lines of a ruling out of the ink, and leaves the strokes that cross them. A line counts
/// when it goes across most of the plane and is not alone; lines down only where they cross such
/// lines, or are several, since a 1 is a line down.
void remove_ruling(Plane& ink, InkLevels levels);

/// A line across a plane, which may slope and bend.
struct RuledLine {
  struct Point {
    double x = 0;
    double y = 0;
  };
  std::vector<Point> points;  ///< from left to right, two at least

  /// Its height in column x; beyond its ends, straight on.
  double at(double x) const;
};

/// Lines across the plane, from top to bottom; thin ones, most of its width long, however many.
std::vector<RuledLine> find_ruled_lines(const Plane& ink, InkLevels levels);

}  // namespace scrawl
