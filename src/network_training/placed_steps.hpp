// The steps that train a network's layers, one behind the other: which there are, what each reads
// and writes, and where its weights are.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/shapes.hpp"
#include "network_training/chunk.hpp"
#include "network_training/layer_step.hpp"

namespace scrawl {

/// A step with what it reads and writes.
template <typename T>
struct PlacedStep {
  LayerStep<T> step;
  std::size_t in_size = 0;  ///< values of one image
  std::size_t out_size = 0;
  std::size_t tensor = 0;  ///< the layer's first in weight_shapes(architecture)
  std::size_t tensors = 0;
};

template <typename T>
struct PlacedSteps {
  std::vector<PlacedStep<T>> steps;
  std::size_t size = 0;  ///< numbers of all weights, statistics among them
};

/// A step does in passing what it can of the layers behind it: a pool, a residual sum, a ReLU.
template <typename T>
PlacedSteps<T> place_steps(const Architecture& architecture, const Chunking& chunking);

/// The numbers of all steps, in parts of at most `max_size`, in the order in which they stand.
template <typename T>
std::vector<WeightRange> slices_of(std::span<const PlacedStep<T>> steps, std::size_t max_size);

/// From tensors as models have them to the steps' own order: (PlacedSteps::size).
template <typename T>
void import_weights(std::span<const PlacedStep<T>> steps, std::span<const Tensor> from,
                    AlignedVector<float>& to);

/// And back, into tensors of the right shapes.
template <typename T>
void export_weights(std::span<const PlacedStep<T>> steps, const AlignedVector<float>& from,
                    std::span<Tensor> to);

}  // namespace scrawl
