// The places of all images of a data set.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include <scrawl/dataset.hpp>

namespace scrawl {

inline std::vector<std::uint32_t> all_of(const Dataset& dataset) {
  std::vector<std::uint32_t> indices(dataset.size());
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

}  // namespace scrawl
