// Whether somebody has written anything in a field, digits or not.
#pragma once

#include "picture/picture.hpp"
#include "picture/stop.hpp"

namespace scrawl {

enum class WrittenInk {
  none,  ///< paper, specks, and lines that cross the field or run along its edge
  some,
};

/// Of the picture of a field.
WrittenInk find_written_ink(const Picture& field, const StopRequested& stop = {});

}  // namespace scrawl
