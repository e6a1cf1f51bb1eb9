// The learning rate over a training.
#pragma once

#include <cstddef>

#include <scrawl/training.hpp>

namespace scrawl {

/// The rate of batch `step`, 0 <= step < steps. `peak` is the rate asked for.
float learning_rate(Schedule schedule, float peak, std::size_t step, std::size_t steps);

}  // namespace scrawl
