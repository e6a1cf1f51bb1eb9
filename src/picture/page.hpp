// The ink of a whole picture, told from its paper.
#pragma once

#include <optional>

#include "picture/ink.hpp"
#include "picture/picture.hpp"
#include "picture/plane.hpp"
#include "picture/stop.hpp"

namespace scrawl {

struct Page {
  Plane ink;
  InkLevels levels;
  int factor;  ///< a pixel of `ink` is so many of the picture's, across and down
};

/// Throws std::invalid_argument when the pixels do not fit width, height and channels.
void check_picture(const Picture& picture);

enum class Ruling { removed, kept };

/// Shrinks what is too large, and finds the ink. Nothing when there is none. Throws as
/// check_picture does, and Stopped when that is asked for.
std::optional<Page> find_page(const Picture& picture, const StopRequested& stop = {},
                              Ruling ruling = Ruling::removed);

/// A box of the page in the picture's pixels.
Box to_picture(const Box& box, const Page& page);

}  // namespace scrawl
