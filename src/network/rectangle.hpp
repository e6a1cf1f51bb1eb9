// A place in a picture.
#pragma once

#include <algorithm>

namespace scrawl {

/// In pixels; y goes down, and the middle of a picture's first pixel is at 0.5, 0.5.
struct Rectangle {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;

  float width() const { return right - left; }
  float height() const { return bottom - top; }
  float center_x() const { return (left + right) / 2; }
  float center_y() const { return (top + bottom) / 2; }
  bool empty() const { return right <= left || bottom <= top; }
  float area() const { return empty() ? 0 : width() * height(); }
  bool operator==(const Rectangle&) const = default;
};

/// What two have in common; empty where they do not meet.
inline Rectangle intersection(const Rectangle& a, const Rectangle& b) {
  return {std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
          std::min(a.bottom, b.bottom)};
}

}  // namespace scrawl
