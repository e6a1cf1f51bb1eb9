// Makes one model of several.
#pragma once

#include <span>

#include <scrawl/model.hpp>

namespace scrawl {

/// A model with the averages of the weights of several, which have to start from the same weights,
/// as those of one training at several times do (Izmailov et al. 2018). Averages of others are
/// nothing; their ensemble is something (evaluate()). Temperatures are averaged too; activation
/// ranges and metadata are dropped. Throws Error if there is none, or if architectures or
/// normalizations differ.
Model average_models(std::span<const Model> models);

}  // namespace scrawl
