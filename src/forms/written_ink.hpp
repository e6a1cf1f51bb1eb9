// Whether somebody has written anything in a field, digits or not.
#pragma once

#include <vector>

#include "picture/picture.hpp"
#include "picture/plane.hpp"
#include "picture/stop.hpp"

namespace scrawl {

enum class WrittenInk {
  none,  ///< paper, specks, and lines that cross the field or run along its edge
  some,
};

/// Of the picture of a field.
WrittenInk find_written_ink(const Picture& field, const StopRequested& stop = {});

/// A field on a page.
struct FieldView {
  Plane inside;
  Plane around;  ///< and what is about it: paper is seen there also where the field is blacked out
};

/// The ink of a field (255, else 0) that is not printed on the reference, without specks. Both show
/// the same place in as many pixels.
Plane find_added_ink(const FieldView& scan, const FieldView& reference);

/// How much of the ink is in none of the boxes, nor close by: 0 to 1.
float share_outside(const Plane& ink, const std::vector<Box>& boxes);

}  // namespace scrawl
