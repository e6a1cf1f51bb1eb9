// How much one picture may hold.
#pragma once

#include <cstddef>
#include <string>

#include "picture/picture.hpp"

namespace scrawl {

/// Throws TooLargeError where there are more of `what` than `most`: merging and ordering take the
/// square of what there is.
inline void check_fullness(std::size_t found, const char* what, std::size_t most) {
  if (found <= most) return;
  throw TooLargeError(std::to_string(found) + " " + what + " in one picture, expected at most " +
                      std::to_string(most) + "; read it in parts");
}

}  // namespace scrawl
