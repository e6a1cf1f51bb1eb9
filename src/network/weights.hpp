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

/// Throws Error, naming the tensor, what was found and what was expected, when a model's weights
/// are not those that its architecture asks for, or are not finite.
void check_weights(const Model& model);

}  // namespace scrawl
