// Medians and other quantiles.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace scrawl {

/// The value that has `n` of the others before it when they are sorted; n is below their number.
template <typename Value>
Value nth_smallest(std::vector<Value> values, std::size_t n) {
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(n);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

}  // namespace scrawl
