// The digit of a picture that shows one.
#pragma once

#include <cstddef>
#include <vector>

#include "picture/component.hpp"

namespace scrawl {

struct IsolatedDigit {
  Piece piece;
  std::size_t main;  ///< its component's place by weight: 0 is the heaviest
};

/// What could be the digit, the likeliest first: the largest component, and those near it that are
/// large enough to be parts of it; then the same with parts that touch the picture's edge, which
/// may belong to something else; then other components that are nearly as large. No specks, and no
/// lines along the picture's edge. Empty when none of them is a digit.
std::vector<IsolatedDigit> isolate_digits(const Plane& ink, InkLevels levels);

}  // namespace scrawl
