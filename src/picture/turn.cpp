#include "picture/turn.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace scrawl {

namespace {

bool is_sideways(int degrees) {
  return degrees == 90 || degrees == 270;
}

/// (height, width, channels), of which the turned picture's pixels are made.
std::vector<std::uint8_t> turn_pixels(const std::vector<std::uint8_t>& pixels, int width,
                                      int height, int channels, int degrees) {
  if (degrees == 0) return pixels;
  std::vector<std::uint8_t> turned(pixels.size());
  std::uint8_t* out = turned.data();
  const int columns = is_sideways(degrees) ? height : width;
  const int rows = is_sideways(degrees) ? width : height;
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const int from_x = degrees == 90 ? y : width - 1 - (degrees == 180 ? x : y);
      const int from_y = degrees == 270 ? x : height - 1 - (degrees == 180 ? y : x);
      const std::size_t at =
          (static_cast<std::size_t>(from_y) * width + from_x) * static_cast<std::size_t>(channels);
      out = std::copy_n(pixels.data() + at, channels, out);
    }
  }
  return turned;
}

}  // namespace

Plane turn(const Plane& plane, int degrees) {
  Plane turned(0, 0);
  turned.width = is_sideways(degrees) ? plane.height : plane.width;
  turned.height = is_sideways(degrees) ? plane.width : plane.height;
  turned.pixels = turn_pixels(plane.pixels, plane.width, plane.height, 1, degrees);
  return turned;
}

Picture turn(const Picture& picture, int degrees) {
  Picture turned{picture.width, picture.height, picture.channels, {}};
  if (is_sideways(degrees)) std::swap(turned.width, turned.height);
  turned.pixels =
      turn_pixels(picture.pixels, picture.width, picture.height, picture.channels, degrees);
  return turned;
}

Box turn(const Box& box, int degrees, int width, int height) {
  switch (degrees) {
    case 90:
      return {height - box.y - box.height, box.x, box.height, box.width};
    case 180:
      return {width - box.x - box.width, height - box.y - box.height, box.width, box.height};
    case 270:
      return {box.y, width - box.x - box.width, box.height, box.width};
    default:
      return box;
  }
}

}  // namespace scrawl
