// The loops of channel_kernels.hpp that training spends most of its time in between convolutions,
// over bfloat16, sixteen numbers at a time: they run as fast as the cache gives and takes.
#pragma once

#include "network/channel_kernels.hpp"

namespace scrawl::norm_lanes {

/// Whether this CPU has what they are compiled for, and the channels fill registers.
bool fit(Extent extent);

void add_moments(const Bf16* in, Extent extent, float* sum, float* square);
void scale_shift(const Bf16* in, const Bf16* added, Extent extent, const float* scale,
                 const float* shift, bool relu, Bf16* out);
void add_gradient_moments(const Bf16* in, const Bf16* gradient, Extent extent, const float* scale,
                          const float* shift, bool relu, float* sum, float* product);
void take_residual_gradient(const Bf16* in, const Bf16* out, const Bf16* also, Extent extent,
                            bool relu, Bf16* gradient, float* sum, float* product);
void combine_gradient(const Bf16* in, const Bf16* gradient, Extent extent, const float* scale,
                      const float* shift, bool relu, Combination combination, Bf16* out);

}  // namespace scrawl::norm_lanes
