// The learning rate over a training, and how far back the average of its weights looks.
#pragma once

#include <cstddef>

#include <scrawl/training.hpp>

namespace scrawl {

/// The rate of batch `step`, 0 <= step < steps. `peak` is the rate asked for; `warmup` steps, 0 to
/// steps, come before a cosine.
float learning_rate(Schedule schedule, float peak, double warmup, std::size_t step,
                    std::size_t steps);

/// The same of a training with these options, of so many batches an epoch.
float learning_rate(const TrainingOptions& options, std::size_t batches, std::size_t step);

/// How much of the weights' moving average step `step` keeps: as the options have it, but at first
/// so much less that the average looks back no further than there was training.
float ema_decay(const TrainingOptions& options, std::size_t step);

}  // namespace scrawl
