// Gradients of chunks, added to a sum that other processes have begun.
#pragma once

#include <cstddef>
#include <span>

namespace scrawl {

/// sum[i] += gradients[k][offset + i] for each k, in that order: goes on with what sum_gradients
/// has begun.
void add_gradients(std::span<const float* const> gradients, std::size_t offset,
                   std::span<float> sum);

}  // namespace scrawl
