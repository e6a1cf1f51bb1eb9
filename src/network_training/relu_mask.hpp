// The gradient of a ReLU that a layer does in passing.
#pragma once

#include <cstddef>

#include "network/bf16.hpp"
#include "network/kernels.hpp"

namespace scrawl {

/// Where there is a ReLU, no gradient goes where it gave 0: out, gradient (count).
inline void mask(bool relu, std::size_t count, const float* out, float* gradient) {
  if (relu) mask_relu({gradient, count}, out);
}

inline void mask(bool relu, std::size_t count, const Bf16* out, Bf16* gradient) {
  if (relu) mask_relu({gradient, count}, out);
}

}  // namespace scrawl
