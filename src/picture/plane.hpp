// One channel of pixels: what the steps from picture to glyph hand to each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "picture/picture.hpp"

namespace scrawl {

struct Plane {
  Plane(int w, int h) : width(w), height(h), pixels(static_cast<std::size_t>(w) * h) {}

  std::uint8_t* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * width; }
  const std::uint8_t* row(int y) const {
    return pixels.data() + static_cast<std::size_t>(y) * width;
  }

  int width;
  int height;
  std::vector<std::uint8_t> pixels;  ///< (height, width)
};

/// In gray.
inline Picture as_picture(const Plane& plane) {
  return {plane.width, plane.height, 1, plane.pixels};
}

/// The part of it in `box`, which lies within it.
Plane crop(const Plane& plane, const Box& box);

/// Widens what is `value` by so many pixels to each side. Pixels are 0 or 255.
void widen(Plane& plane, std::uint8_t value, int by);

/// Rows become columns.
Plane transpose(const Plane& plane);

}  // namespace scrawl
