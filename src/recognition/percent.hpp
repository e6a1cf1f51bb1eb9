// Probabilities as people read them.
#pragma once

#include <fmt/format.h>
#include <string>

namespace scrawl {

/// "98.1 %", and "> 99.9 %" for more than that: never quite sure.
inline std::string percent(double probability) {
  return probability > 0.999 ? "> 99.9 %" : fmt::format("{:.1f} %", 100 * probability);
}

}  // namespace scrawl
