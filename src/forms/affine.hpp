// From places of one picture to those of another.
#pragma once

#include "network/rectangle.hpp"
#include "picture/plane.hpp"

namespace scrawl {

struct PagePoint {
  float x = 0;
  float y = 0;
};

/// x' = xx x + xy y + x0, y' = yx x + yy y + y0, in pixels.
struct Affine {
  float xx = 1, xy = 0, x0 = 0;
  float yx = 0, yy = 1, y0 = 0;

  PagePoint operator()(PagePoint p) const {
    return {xx * p.x + xy * p.y + x0, yx * p.x + yy * p.y + y0};
  }
  /// Of lengths, in the mean.
  float scale() const;
  /// In degrees, clockwise.
  float turn() const;
};

/// Between pixels; beyond the edges, as the nearest pixel.
float sample(const Plane& plane, PagePoint place);

/// What `area`, in places that `to_picture` maps to the picture's, shows, upright: a pixel for each
/// of the picture's, but none of its sides longer than 4096.
Plane cut_out(const Plane& picture, const Rectangle& area, const Affine& to_picture);

/// The same with so many pixels for a unit of `area`.
Plane cut_out(const Plane& picture, const Rectangle& area, const Affine& to_picture, float scale);

}  // namespace scrawl
