// Digits in styles that MNIST's American writers hardly use.
#pragma once

#include "network/random.hpp"
#include "pages/geometry.hpp"

namespace scrawl::pages {

/// Strokes of a digit between y = -1 and 0, from about x = 0 on, without a width. `style` settles
/// how the hand writes it, and is the same whenever it does; `random` is what differs each time,
/// the more the larger `wobble` (0 to 1).
void draw_rare_digit(int digit, Random style, float wobble, Random& random, Shape& shape);

}  // namespace scrawl::pages
