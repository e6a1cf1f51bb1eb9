#include "forms/affine.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace scrawl {

float Affine::scale() const {
  return std::sqrt(std::abs(xx * yy - xy * yx));
}

float Affine::turn() const {
  return std::atan2(yx - xy, xx + yy) * 180 / std::numbers::pi_v<float>;
}

float sample(const Plane& plane, PagePoint place) {
  const float x = std::clamp(place.x - 0.5F, 0.0F, static_cast<float>(plane.width - 1));
  const float y = std::clamp(place.y - 0.5F, 0.0F, static_cast<float>(plane.height - 1));
  const int left = static_cast<int>(x);
  const int top = static_cast<int>(y);
  const int right = std::min(left + 1, plane.width - 1);
  const std::uint8_t* upper = plane.row(top);
  const std::uint8_t* lower = plane.row(std::min(top + 1, plane.height - 1));
  const float u = x - static_cast<float>(left);
  const float v = y - static_cast<float>(top);
  const auto between = [&](const std::uint8_t* row) {
    return (1 - u) * static_cast<float>(row[left]) + u * static_cast<float>(row[right]);
  };
  return (1 - v) * between(upper) + v * between(lower);
}

Plane cut_out(const Plane& picture, const Rectangle& area, const Affine& to_picture) {
  constexpr float longest = 4096;  // pixels
  const float longer = std::max(area.width(), area.height());
  return cut_out(picture, area, to_picture, std::min(to_picture.scale(), longest / longer));
}

Plane cut_out(const Plane& picture, const Rectangle& area, const Affine& to_picture, float scale) {
  const auto side = [&](float length) {
    return std::max(1, static_cast<int>(std::lround(length * scale)));
  };
  Plane cut(side(area.width()), side(area.height()));
  for (int y = 0; y < cut.height; ++y) {
    for (int x = 0; x < cut.width; ++x) {
      const PagePoint place{area.left + (static_cast<float>(x) + 0.5F) / scale,
                            area.top + (static_cast<float>(y) + 0.5F) / scale};
      cut.row(y)[x] = static_cast<std::uint8_t>(sample(picture, to_picture(place)) + 0.5F);
    }
  }
  return cut;
}

}  // namespace scrawl
