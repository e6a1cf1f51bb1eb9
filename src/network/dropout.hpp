// Which values a dropout keeps.
#pragma once

#include <cstddef>
#include <cstdint>

#include "network/random.hpp"

namespace scrawl {

/// A stream of 32 random bits for each value, in the order in which values lie in memory. A value
/// is kept where its bits are below the limit.
class DropoutBits {
 public:
  /// `key` is that of a chunk of images in a step of a training; `layer` counts the architecture's.
  DropoutBits(std::uint64_t key, std::size_t layer) : random_({key, random_dropout, layer}) {}

  std::uint32_t next() {
    if (has_upper_) {
      has_upper_ = false;
      return static_cast<std::uint32_t>(both_ >> 32);
    }
    both_ = random_.next();
    has_upper_ = true;
    return static_cast<std::uint32_t>(both_);
  }

  /// For dropping values with that probability.
  static std::uint32_t limit(float rate) {
    return static_cast<std::uint32_t>((1.0 - static_cast<double>(rate)) * 0x1p32);
  }

 private:
  Random random_;
  std::uint64_t both_ = 0;
  bool has_upper_ = false;
};

}  // namespace scrawl
