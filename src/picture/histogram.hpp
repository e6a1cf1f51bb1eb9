// How many pixels have each level.
#pragma once

#include <array>
#include <numeric>

namespace scrawl {

using Histogram = std::array<long, 256>;

/// The least level that at least half of the pixels do not exceed; 0 where there are none.
inline int find_median(const Histogram& histogram) {
  const long count = std::accumulate(histogram.begin(), histogram.end(), 0L);
  int median = 0;
  for (long seen = histogram[0]; 2 * seen < count; seen += histogram[median]) ++median;
  return median;
}

}  // namespace scrawl
