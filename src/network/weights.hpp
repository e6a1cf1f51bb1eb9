// Named weights: what the plans, the checkpoints and the model files share.
#pragma once

#include <cstddef>
#include <vector>

#include <scrawl/model.hpp>

namespace scrawl {

/// The product of the shape's extents.
std::size_t element_count(const Tensor& tensor);

/// weight_shapes(architecture), filled with zeros.
std::vector<Tensor> zero_weights(const Architecture& architecture);

/// Throws Error, naming the part, what was found and what was expected, when a model, from a file
/// or from memory, cannot be: its architecture is no network, its weights are not those that it
/// asks for or are not finite, or its normalization, temperature or ranges are numbers that they
/// may not be.
void check_model(const Model& model);

}  // namespace scrawl
