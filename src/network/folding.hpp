// Normalizations that the weights of a layer before them can take over.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/shapes.hpp"

namespace scrawl {

/// What the normalization adds to each variance, so that nothing is divided by zero.
inline constexpr float norm_epsilon = 1e-5F;

/// What a normalization does in use, channel by channel: x * scale + shift.
struct Affine {
  std::vector<float> scale;
  std::vector<float> shift;
};

/// Of a Norm's tensors: weight, bias, running mean and variance.
Affine affine_of(std::span<const Tensor> norm);

/// The first layer after `linear` that is no max-pooling; layers.size() when there is none.
std::size_t after_max_pools(std::span<const PlacedLayer> layers, std::size_t linear);

/// A normalization that goes into the weights of a layer before it.
struct Folding {
  std::size_t norm = 0;  ///< its place among the layers
  Affine affine;
};

/// The normalization behind the Conv or Dense at `linear`, even behind a max-pooling: the largest
/// of values is the same before or after a growing function. (One that falls, where a scale is
/// negative, stays where it is.)
std::optional<Folding> folding_behind(const Model& model, std::span<const PlacedLayer> layers,
                                      std::size_t linear);

}  // namespace scrawl
