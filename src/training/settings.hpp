// What a training is known by: it goes on from a checkpoint of the same settings alone.
#pragma once

#include <map>
#include <string>

#include <scrawl/model.hpp>
#include <scrawl/training.hpp>

namespace scrawl {

/// All that changes the model, by name, but for the data set: that takes a while to look at, and is
/// the caller's to add. The number of threads is not here, since it does not change the weights.
std::map<std::string, std::string> settings_of(const Architecture& architecture,
                                               const TrainingOptions& options);

}  // namespace scrawl
