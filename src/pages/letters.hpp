// Letters and signs as strokes of a pen.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pages/geometry.hpp"

namespace scrawl::pages {

using Stroke = std::vector<Point>;

/// Through all points in a curve (Catmull and Rom 1974).
Stroke smooth(const Stroke& points);

/// Letters and signs that no digit resembles, as text for parse_letter.
std::span<const std::string_view> letters_unlike_digits();

/// Letters that some digit resembles, or that are one in some hands: O, l, S, Z, B, q ...
std::span<const std::string_view> letters_like_digits();

/// Strokes separated by spaces; each is points, a digit for x (0 to 6) and one for y (0 to 8,
/// down); ~ before a stroke makes it a curve.
std::vector<Stroke> parse_letter(std::string_view text);

}  // namespace scrawl::pages
