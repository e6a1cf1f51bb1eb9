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

void widen(Plane& plane, std::uint8_t value, int by) {
  for (int turn = 0; turn < 2; ++turn) {
    Plane wide = plane;
    for (int y = 0; y < plane.height; ++y) {
      int done = 0;  // the row's pixels before it are as they will be
      for (int x = 0; x < plane.width; ++x) {
        if (plane.row(y)[x] != value) continue;
        const int end = std::min(plane.width, x + by + 1);
        const int begin = std::max(done, x - by);
        if (begin < end) std::fill(wide.row(y) + begin, wide.row(y) + end, value);
        done = end;
      }
    }
    plane = transpose(wide);
  }
}

}  // namespace scrawl
