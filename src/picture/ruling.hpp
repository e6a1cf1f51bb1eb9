// Ruled and squared paper, tables, cells: straight lines that are no strokes.
#pragma once

#include "picture/ink.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// Takes lines of a ruling out of the ink, and leaves the strokes that cross them. A line counts
/// when it goes across most of the plane and is not alone; lines down only where they cross such
/// lines, or are several, since a 1 is a line down.
void remove_ruling(Plane& ink, InkLevels levels);

}  // namespace scrawl
