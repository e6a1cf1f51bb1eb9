#include "network_training/chunk.hpp"

#include <algorithm>
#include <cstddef>

namespace scrawl {

std::size_t images_in_chunk(const Shape& input) {
  constexpr std::size_t pixels = 32 * 28 * 28;
  return std::clamp(pixels / input.pixels(), std::size_t{1}, std::size_t{32});
}

}  // namespace scrawl
