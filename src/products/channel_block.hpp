// The inner loop of convolutions in plain loops: some pixels by some channels, in registers.
#pragma once

#include <cstddef>

#include "network/convolution.hpp"

namespace scrawl {

/// What is computed at once: so many pixels of a row, and channels of each. WebAssembly and CPUs
/// without AVX have 16 registers of 4 numbers.
constexpr std::size_t block_pixels = 4;
#ifdef __x86_64__
constexpr std::size_t block_outputs = 16;
#else
constexpr std::size_t block_outputs = 8;
#endif

/// A block of outputs. `in` is what the first pixel's first tap sees, of rows of `row` numbers;
/// `weights` (kernel, kernel, inputs, outputs) and `bias` (outputs), which may be null, begin at
/// the block's first channel. Values below `least` become that.
void convolve_block(const ConvolutionShape& shape, const float* in, std::size_t row,
                    const float* weights, const float* bias, float least, float* out);

}  // namespace scrawl
