// Noise that is the same wherever it is made: a hash of its place.
#pragma once

#include <cstdint>

namespace scrawl::pages {

/// 32 bits that look random (Ellis's lowbias32, 2018).
inline std::uint32_t hash_of(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7FEB352DU;
  x = (x ^ (x >> 15)) * 0x846CA68BU;
  return x ^ (x >> 16);
}

}  // namespace scrawl::pages
