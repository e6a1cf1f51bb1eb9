// Walls of boxes, which look like a 1 to a network of digits.
#pragma once

#include "network/rectangle.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// Whether the line in `place`, pixels of the page, is a wall between two rules: it goes on,
/// upwards and downwards, to lines that cross it there and are half as long as the place is high.
/// The foot of a 1 is no such line, nor is the rule that it stands on, as long as its head is free.
/// Where a rule crosses it in its middle, it is no wall but a 1 on squared paper.
bool is_box_wall(const Plane& gray, const Rectangle& place);

}  // namespace scrawl
