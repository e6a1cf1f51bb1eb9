// Connected components of ink, and which of them are the digit.
#pragma once

#include <optional>

#include <scrawl/picture.hpp>

#include "picture/ink.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// A digit's ink, cropped to its box.
struct IsolatedDigit {
  Box box;
  Plane ink;  ///< (box.height, box.width), 0 where there is paper or something else
};

/// Finds the digit: the largest component, and those near it that are large enough to be parts of
/// it; no specks, and no lines along the picture's edge. Nothing when none of them is a digit.
std::optional<IsolatedDigit> isolate_digit(const Plane& ink, InkLevels levels);

}  // namespace scrawl
