// The digit of a picture that shows one.
#pragma once

#include <optional>

#include "picture/component.hpp"

namespace scrawl {

/// Finds the digit: the largest component, and those near it that are large enough to be parts of
/// it; no specks, and no lines along the picture's edge. Nothing when none of them is a digit.
std::optional<Piece> isolate_digit(const Plane& ink, InkLevels levels);

}  // namespace scrawl
