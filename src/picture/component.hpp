// Connected components of ink.
#pragma once

#include <functional>
#include <vector>

#include "picture/ink.hpp"
#include "picture/picture.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// A connected piece of ink.
struct Component {
  Box box;
  int pixels = 0;
  int on_edge = 0;    ///< how many of them are on the picture's edge
  double weight = 0;  ///< its sum of ink, the less the more of it lies along the edge
};

/// Which component each pixel belongs to; 0 is paper, and components count from 1.
struct Labels {
  std::vector<int> of;  ///< (height, width)
  std::vector<Component> components;
};

Labels find_components(const Plane& ink, InkLevels levels);

/// Some ink, cropped to its box.
struct Piece {
  Box box;
  Plane ink;  ///< (box.height, box.width), 0 where there is paper or something else
};

/// The ink of the components in `box` for which chosen(index) holds, and that beside it: the grey
/// edge of a stroke is weaker than weak ink. There has to be one.
Piece copy_piece(const Plane& ink, const Labels& labels, const Box& box, InkLevels levels,
                 const std::function<bool(int)>& chosen);

/// The box around both.
Box join(const Box& a, const Box& b);

int longer_side(const Box& box);

}  // namespace scrawl
