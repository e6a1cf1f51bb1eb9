#include "forms/feature_map.hpp"

#include <algorithm>
#include <cmath>

#include "picture/resize.hpp"

namespace scrawl {

namespace {

/// Means of the (2 radius + 1) x (2 radius + 1) around each pixel, as far as it is there.
std::vector<float> box_means(const Plane& plane, int radius) {
  const int width = plane.width;
  const int height = plane.height;
  const std::size_t stride = static_cast<std::size_t>(width) + 1;
  std::vector<double> sums(stride * (static_cast<std::size_t>(height) + 1));  // of all before
  for (int y = 0; y < height; ++y) {
    double row = 0;
    for (int x = 0; x < width; ++x) {
      row += plane.row(y)[x];
      const std::size_t at = (static_cast<std::size_t>(y) + 1) * stride + x + 1;
      sums[at] = sums[at - stride] + row;
    }
  }
  std::vector<float> means;
  means.reserve(plane.pixels.size());
  for (int y = 0; y < height; ++y) {
    const std::size_t top = static_cast<std::size_t>(std::max(0, y - radius)) * stride;
    const int end_y = std::min(height, y + radius + 1);
    const std::size_t bottom = static_cast<std::size_t>(end_y) * stride;
    for (int x = 0; x < width; ++x) {
      const int left = std::max(0, x - radius);
      const int right = std::min(width, x + radius + 1);
      const double sum =
          sums[bottom + right] - sums[bottom + left] - sums[top + right] + sums[top + left];
      const int rows = end_y - std::max(0, y - radius);
      means.push_back(static_cast<float>(sum / (static_cast<double>(rows) * (right - left))));
    }
  }
  return means;
}

}  // namespace

float FeatureMap::at(PagePoint place) const {
  const float x = place.x - 0.5F;
  const float y = place.y - 0.5F;
  if (!(x >= 0 && y >= 0 && x < static_cast<float>(width - 1) &&
        y < static_cast<float>(height - 1)))
    return 0;
  const int left = static_cast<int>(x);
  const int top = static_cast<int>(y);
  const float u = x - static_cast<float>(left);
  const float v = y - static_cast<float>(top);
  const float* upper = values.data() + static_cast<std::size_t>(top) * width + left;
  const float* lower = upper + width;
  return (1 - v) * ((1 - u) * upper[0] + u * upper[1]) + v * ((1 - u) * lower[0] + u * lower[1]);
}

FeatureMap make_feature_map(const Plane& page, int side) {
  constexpr float most = 3;
  const double scale = side / std::sqrt(static_cast<double>(page.width) * page.height);
  // What is much longer than it is wide is no page: a few pixels of it will do.
  const auto scaled = [&](int length) {
    return std::clamp(static_cast<int>(std::lround(length * scale)), 1, 8 * side);
  };
  const Plane small = resize(page, scaled(page.width), scaled(page.height));
  const std::vector<float> near = box_means(small, 1);
  const std::vector<float> around = box_means(small, std::max(3, side / 24));
  FeatureMap map{small.width, small.height, std::vector<float>(near.size())};
  double square = 0;
  for (std::size_t i = 0; i < near.size(); ++i) {
    map.values[i] = around[i] - near[i];
    square += static_cast<double>(map.values[i]) * map.values[i];
  }
  const auto deviation =
      static_cast<float>(std::sqrt(square / static_cast<double>(near.size())) + 1e-6);
  for (float& value : map.values) value = std::clamp(value / deviation, -most, most);
  return map;
}

std::vector<Feature> choose_features(const FeatureMap& map, std::size_t count) {
  constexpr float least = 0.7F;
  std::vector<Feature> all;
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      const float value = map.values[static_cast<std::size_t>(y) * map.width + x];
      if (std::abs(value) < least) continue;
      all.push_back({{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F}, value});
    }
  }
  if (all.size() <= count) return all;
  std::vector<Feature> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(all[i * all.size() / count]);
  return chosen;
}

}  // namespace scrawl
