// Convolutions in plain loops, forward and back, in f32: what all faster ways are held to, and what
// is computed with where there is none.
//
// Values lie as (images, height, width, channels), weights as (kernel, kernel, inputs, outputs).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "network/convolution.hpp"

namespace scrawl::plain {

/// in (images, height, width, inputs), bias (outputs) or null -> out (images, out height, out
/// width, outputs).
void convolve(const ConvolutionShape& shape, const float* in, const float* weights,
              const float* bias, float* out);

/// The gradients of in and of weights, from that of out.
void convolve_input_gradient(const ConvolutionShape& shape, const float* gradient,
                             const float* weights, float* in_gradient);
void convolve_weight_gradient(const ConvolutionShape& shape, const float* in, const float* gradient,
                              float* weight_gradient);

/// Weights between (outputs, inputs, kernel, kernel), as PyTorch has them, and by tap: (kernel,
/// kernel, inputs, outputs).
void to_taps(const ConvolutionShape& shape, const float* weights, float* by_tap);
void from_taps(const ConvolutionShape& shape, const float* by_tap, float* weights);

}  // namespace scrawl::plain
