// A sample laid over white paper.
#pragma once

#include <cstdint>

namespace scrawl {

/// A sample of 0 to 255 with this alpha, over white.
inline std::uint8_t lay_over_white(int sample, int alpha) {
  return static_cast<std::uint8_t>((sample * alpha + 255 * (255 - alpha) + 127) / 255);
}

}  // namespace scrawl
