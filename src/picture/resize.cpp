#include "picture/resize.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace scrawl {

namespace {

/// Along one axis: each new pixel is a weighted mean of `count` old ones from `first` on.
struct Taps {
  std::size_t count = 0;
  std::vector<int> first;      // (new size)
  std::vector<float> weights;  // (new size, count)
};

float cubic(float x) {
  x = std::abs(x);
  if (x < 1) return (1.5F * x - 2.5F) * x * x + 1;
  if (x < 2) return ((-0.5F * x + 2.5F) * x - 4) * x + 2;
  return 0;
}

/// The part of the old pixel `at` that lies between two places.
float covered(int at, float begin, float end) {
  return std::max(
      0.0F, std::min(end, static_cast<float>(at + 1)) - std::max(begin, static_cast<float>(at)));
}

Taps make_taps(int from, int to) {
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  const bool smaller = scale > 1;
  Taps taps;
  const std::size_t wanted = smaller ? static_cast<std::size_t>(std::ceil(scale)) + 1 : 4;
  taps.count = std::min(wanted, static_cast<std::size_t>(from));
  const int last_first = from - static_cast<int>(taps.count);
  for (int i = 0; i < to; ++i) {
    const float begin = static_cast<float>(i) * scale;
    const float center = begin + scale / 2 - 0.5F;
    const int wanted_first =
        smaller ? static_cast<int>(begin) : static_cast<int>(std::floor(center)) - 1;
    const int first = std::clamp(wanted_first, 0, last_first);
    float sum = 0;
    for (std::size_t tap = 0; tap < taps.count; ++tap) {
      const int at = first + static_cast<int>(tap);
      const float weight =
          smaller ? covered(at, begin, begin + scale) : cubic(static_cast<float>(at) - center);
      taps.weights.push_back(weight);
      sum += weight;
    }
    for (std::size_t tap = 0; tap < taps.count; ++tap)
      taps.weights[taps.weights.size() - 1 - tap] /= sum;
    taps.first.push_back(first);
  }
  return taps;
}

std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F) + 0.5F);
}

}  // namespace

Plane resize(const Plane& plane, int width, int height) {
  if (width == plane.width && height == plane.height) return plane;
  const Taps across = make_taps(plane.width, width);
  const Taps down = make_taps(plane.height, height);
  Plane resized(width, height);
  std::vector<float> row(static_cast<std::size_t>(plane.width));
  for (int y = 0; y < height; ++y) {
    std::ranges::fill(row, 0.0F);
    for (std::size_t tap = 0; tap < down.count; ++tap) {
      const float weight = down.weights[static_cast<std::size_t>(y) * down.count + tap];
      if (weight == 0) continue;
      const std::uint8_t* in =
          plane.row(down.first[static_cast<std::size_t>(y)] + static_cast<int>(tap));
      for (std::size_t x = 0; x < row.size(); ++x) row[x] += weight * static_cast<float>(in[x]);
    }
    std::uint8_t* out = resized.row(y);
    for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
      const float* in = row.data() + across.first[x];
      const float* weights = across.weights.data() + x * across.count;
      float sum = 0;
      for (std::size_t tap = 0; tap < across.count; ++tap) sum += weights[tap] * in[tap];
      out[x] = to_byte(sum);
    }
  }
  return resized;
}

}  // namespace scrawl
