// How many pixels have each level.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "picture/plane.hpp"

namespace scrawl {

using Histogram = std::array<long, 256>;

/// Of a part of a picture, which lies in it.
inline Histogram count_levels(const Plane& plane, const Box& area) {
  Histogram levels{};
  for (int y = area.y; y < area.y + area.height; ++y)
    for (int x = area.x; x < area.x + area.width; ++x) ++levels[plane.row(y)[x]];
  return levels;
}

/// The same of one channel.
inline Histogram count_levels(const Picture& picture, int channel, const Box& area) {
  Histogram levels{};
  const auto channels = static_cast<std::size_t>(picture.channels);
  for (int y = area.y; y < area.y + area.height; ++y) {
    const std::uint8_t* row =
        picture.pixels.data() + static_cast<std::size_t>(y) * picture.width * channels + channel;
    for (int x = area.x; x < area.x + area.width; ++x) ++levels[row[x * channels]];
  }
  return levels;
}

/// The least level that at least half of the pixels do not exceed; 0 where there are none.
inline int find_median(const Histogram& histogram) {
  const long count = std::accumulate(histogram.begin(), histogram.end(), 0L);
  int median = 0;
  for (long seen = histogram[0]; 2 * seen < count; seen += histogram[median]) ++median;
  return median;
}

}  // namespace scrawl
