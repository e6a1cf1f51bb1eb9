#include "training/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace scrawl {

namespace {

/// From `from` to `to` along half a cosine; `fraction` goes from 0 to 1.
double anneal(double from, double to, double fraction) {
  return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * fraction));
}

/// Smith and Topin 2018, with the defaults of PyTorch's OneCycleLR.
double one_cycle(double peak, double step, double steps) {
  const double start = peak / 25;
  const double end = start / 1e4;
  const double rise = 0.3 * steps - 1;
  const double last = steps - 1;
  if (rise > 0 && step <= rise) return anneal(start, peak, step / rise);
  return last > rise ? anneal(peak, end, (step - rise) / (last - rise)) : peak;
}

/// The first step has a rate above 0, and the one after the last would have 0 (Loshchilov and
/// Hutter 2017).
double cosine(double peak, double warmup, double step, double steps) {
  if (step < warmup) return peak * (step + 1) / (warmup + 1);
  return steps > warmup ? anneal(peak, 0, (step - warmup) / (steps - warmup)) : peak;
}

}  // namespace

float learning_rate(Schedule schedule, float peak, double warmup, std::size_t step,
                    std::size_t steps) {
  const auto at = static_cast<double>(step);
  const auto end = static_cast<double>(steps);
  switch (schedule) {
    case Schedule::constant:
      return peak;
    case Schedule::one_cycle:
      return static_cast<float>(one_cycle(peak, at, end));
    case Schedule::cosine:
      return static_cast<float>(cosine(peak, warmup, at, end));
  }
  return peak;
}

float learning_rate(const TrainingOptions& options, std::size_t batches, std::size_t step) {
  const std::size_t steps = static_cast<std::size_t>(options.epochs) * batches;
  const double warmup = static_cast<double>(options.warmup) * static_cast<double>(batches);
  return learning_rate(options.schedule, options.learning_rate, warmup, step, steps);
}

float ema_decay(const TrainingOptions& options, std::size_t step) {
  const float young = static_cast<float>(1 + step) / static_cast<float>(10 + step);
  return std::min(options.weight_ema, young);
}

}  // namespace scrawl
