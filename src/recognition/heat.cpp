#include "recognition/heat.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace scrawl {

namespace {

int shrunk(int size, int longer) {
  constexpr int largest = 1024;
  return longer <= largest ? size : std::max(1, size * largest / longer);
}

}  // namespace

Heat::Heat(int width, int height)
    : plane_(shrunk(width, std::max(width, height)), shrunk(height, std::max(width, height))) {
  scale_x_ = static_cast<float>(plane_.width) / static_cast<float>(width);
  scale_y_ = static_cast<float>(plane_.height) / static_cast<float>(height);
}

void Heat::add(const Region& region) {
  const std::size_t columns = region.end_x - region.first_x;
  const std::vector<float> objectness = find_objectness(region);
  for (std::size_t i = 0; i < objectness.size(); ++i) {
    const Rectangle cell =
        region.to_picture(cell_at(region.first_x + i % columns, region.first_y + i / columns));
    const auto level = static_cast<std::uint8_t>(255 * objectness[i] + 0.5F);
    const auto end = [](float at, int size) {
      return std::clamp(static_cast<int>(std::ceil(at)), 0, size);
    };
    const int left = std::max(0, static_cast<int>(cell.left * scale_x_));
    const int right = end(cell.right * scale_x_, plane_.width);
    const int bottom = end(cell.bottom * scale_y_, plane_.height);
    for (int y = std::max(0, static_cast<int>(cell.top * scale_y_)); y < bottom; ++y)
      for (int x = left; x < right; ++x) plane_.row(y)[x] = std::max(plane_.row(y)[x], level);
  }
}

}  // namespace scrawl
