#include "training/schedule.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace scrawl {

namespace {

/// From `from` to `to` along half a cosine; `share` goes from 0 to 1.
double anneal(double from, double to, double share) {
  return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * share));
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

}  // namespace

float learning_rate(Schedule schedule, float peak, std::size_t step, std::size_t steps) {
  if (schedule == Schedule::constant) return peak;
  return static_cast<float>(one_cycle(peak, static_cast<double>(step), static_cast<double>(steps)));
}

}  // namespace scrawl
