// A model that computes the same with more channels, to go on training from (Net2Net; Chen,
// Goodfellow and Shlens 2016).
#pragma once

#include <cstdint>

#include <scrawl/model.hpp>

namespace scrawl {

/// Whether `wide` is `narrow` but for convolutions before its last layer that have more channels;
/// both of convolutions, normalizations, ReLUs and residual sums alone.
bool is_wider(const Architecture& wide, const Architecture& narrow);

/// `model` with the channels of `wide`, and the same outputs up to rounding. Channels beyond a
/// layer's own are copies of its first ones, each with a random part of what these give to the next
/// layer, so that training makes them different. Throws Error where is_wider() is false.
Model widen(const Model& model, const Architecture& wide, std::uint64_t seed);

}  // namespace scrawl
