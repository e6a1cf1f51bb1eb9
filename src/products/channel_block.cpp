#include "products/channel_block.hpp"

#include <algorithm>
#include <cstring>

#include "network/clones.hpp"

namespace scrawl {

namespace {

/// As many numbers as a block has channels, which gcc and clang add and multiply as registers are
/// wide. Left to themselves, they put pixels side by side and gather them.
using Channels = float __attribute__((vector_size(block_outputs * sizeof(float))));

}  // namespace

SCRAWL_CLONES void convolve_block(const ConvolutionShape& shape, const float* in, std::size_t row,
                                  const float* weights, const float* bias, float least,
                                  float* out) {
  Channels first{};
  if (bias != nullptr) std::memcpy(&first, bias, sizeof first);
  Channels sums[block_pixels];
  for (Channels& sum : sums) sum = first;
  const std::size_t step = shape.stride * shape.inputs;
  for (std::size_t ky = 0; ky < shape.kernel; ++ky) {
    for (std::size_t kx = 0; kx < shape.kernel; ++kx) {
      const float* seen = in + (ky * row + kx * shape.inputs) * shape.dilation;
      for (std::size_t i = 0; i < shape.inputs; ++i, weights += shape.outputs) {
        Channels by;
        std::memcpy(&by, weights, sizeof by);
        for (std::size_t p = 0; p < block_pixels; ++p) sums[p] += seen[p * step + i] * by;
      }
    }
  }
  for (std::size_t p = 0; p < block_pixels; ++p) {
    for (std::size_t o = 0; o < block_outputs; ++o)
      out[p * shape.outputs + o] = std::max(sums[p][o], least);
  }
}

}  // namespace scrawl
