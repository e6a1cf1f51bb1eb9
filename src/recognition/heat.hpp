// Where on a picture the page reader sees digits, as a picture.
#pragma once

#include "picture/picture.hpp"
#include "picture/plane.hpp"
#include "recognition/detection.hpp"

namespace scrawl {

/// The most that any level sees at each place of a picture of that size: how probable it is that a
/// digit or a sign has its center there, 0 black to 1 white. Not larger than 1024 pixels.
class Heat {
 public:
  Heat(int width, int height);

  void add(const Region& region);
  const Plane& plane() const { return plane_; }

 private:
  float scale_x_;  // pixels of the plane by pixels of the picture
  float scale_y_;
  Plane plane_;
};

}  // namespace scrawl
