// The learning rate over a training.
#pragma once

#include <cstddef>

#include <scrawl/training.hpp>

namespace scrawl {

/// The rate of batch `step`, 0 <= step < steps. `peak` is the rate asked for; `warmup` steps, 0 to
/// steps, come before a cosine.
float learning_rate(Schedule schedule, float peak, double warmup, std::size_t step,
                    std::size_t steps);

}  // namespace scrawl
