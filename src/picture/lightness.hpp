// How light each pixel is, with ink always the darker one: polarity and colour are settled here.
#pragma once

#include "picture/picture.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// The lightness of paper in find_lightness; what is left up to 255 is for parts in better light.
inline constexpr int balanced_paper = 200;

/// Decides which of ink and paper is the darker one (paper is what the border shows, ink is what
/// differs most from it), makes a light-on-dark picture its negative, takes the paper's tint out,
/// and keeps of each pixel its darkest channel: blue, red and yellow pens all become dark.
Plane find_lightness(const Picture& picture);

}  // namespace scrawl
