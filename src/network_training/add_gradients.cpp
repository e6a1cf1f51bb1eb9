#include "network_training/add_gradients.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "network/clones.hpp"

namespace scrawl {

SCRAWL_CLONES void add_gradients(std::span<const float* const> gradients, std::size_t offset,
                                 std::span<float> sum) {
  constexpr std::size_t block = 256;  // that stays in the first cache
  for (std::size_t begin = 0; begin < sum.size(); begin += block) {
    const std::size_t count = std::min(block, sum.size() - begin);
    float* __restrict to = sum.data() + begin;
    for (const float* gradient : gradients) {
      for (std::size_t i = 0; i < count; ++i) to[i] += gradient[offset + begin + i];
    }
  }
}

}  // namespace scrawl
