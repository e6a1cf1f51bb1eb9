#include "picture/plane.hpp"

#include <algorithm>

namespace scrawl {

Plane crop(const Plane& plane, const Box& box) {
  Plane cut(box.width, box.height);
  for (int y = 0; y < box.height; ++y)
    std::copy_n(plane.row(box.y + y) + box.x, box.width, cut.row(y));
  return cut;
}

Plane transpose(const Plane& plane) {
  Plane turned(plane.height, plane.width);
  for (int y = 0; y < plane.height; ++y)
    for (int x = 0; x < plane.width; ++x) turned.row(x)[y] = plane.row(y)[x];
  return turned;
}

}  // namespace scrawl
