#include "network_training/detection_loss.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace scrawl {

namespace {

using Channels = DetectionChannels;

constexpr float smoothing = 0.02F;  // of symbols
constexpr float beta = 0.1F;        // where smooth L1 goes from a parabola into a line
constexpr float min_probability = 1e-4F;

float logistic(float x) {
  return 1 / (1 + std::exp(-x));
}

/// Zhou et al. 2019, equation 1, with alpha = 2 and beta = 4. Its slope is 0 where the probability
/// is so near 0 or 1 that it is taken as `min_probability` from there.
double center_loss(float logit, float target, float counted, float scale, float& slope) {
  const float given = logistic(logit);
  const float p = std::clamp(given, min_probability, 1 - min_probability);
  const bool clamped = p != given;
  if (target == 1) {
    const float q = 1 - p;
    slope = clamped ? 0 : scale * q * q * (2 * p * std::log(p) - q);
    return static_cast<double>(-q * q * std::log(p));
  }
  const float far = (1 - target) * (1 - target);
  const float penalty = counted * far * far * p * p;
  const float log_not = std::log(1 - p);
  slope = clamped ? 0 : scale * penalty * (p - 2 * (1 - p) * log_not);
  return static_cast<double>(-penalty * log_not);
}

/// Cross-entropy after softmax with a label of which the share `smoothing` is spread over all.
double symbol_loss(const float* logits, std::size_t symbol, float scale, float* slope) {
  const float largest = *std::max_element(logits, logits + symbol_count);
  float total = 0;
  float mean = 0;
  for (std::size_t i = 0; i < symbol_count; ++i) {
    slope[i] = std::exp(logits[i] - largest);
    total += slope[i];
    mean += logits[i] / symbol_count;
  }
  for (std::size_t i = 0; i < symbol_count; ++i) {
    const float target = (i == symbol ? 1 - smoothing : 0.0F) + smoothing / symbol_count;
    slope[i] = scale * (slope[i] / total - target);
  }
  const float log_total = std::log(total) + largest;
  return static_cast<double>(log_total - (1 - smoothing) * logits[symbol] - smoothing * mean);
}

double smooth_l1(float found, float expected, float scale, float& slope) {
  const float difference = found - expected;
  const float size = std::abs(difference);
  slope = scale * std::clamp(difference / beta, -1.0F, 1.0F);
  return static_cast<double>(size < beta ? 0.5F * size * size / beta : size - 0.5F * beta);
}

/// log(1 + exp(x)) - target x, without overflow.
double binary_cross_entropy(float logit, float target, float scale, float& slope) {
  slope = scale * (logistic(logit) - target);
  return static_cast<double>(std::max(logit, 0.0F) - target * logit +
                             std::log1p(std::exp(-std::abs(logit))));
}

/// A cell's loss of what is there, before it is weighted.
void add_mark_loss(const float* cell, const DetectionTargets& targets, std::size_t at, float scale,
                   double share, float* slope, DetectionSum& sum) {
  const std::size_t symbol = targets.symbol[at];
  sum.symbol +=
      share * symbol_loss(cell + Channels::symbols, symbol, scale, slope + Channels::symbols);
  if (symbol == other_symbol) return;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t c = Channels::box + i;
    sum.box +=
        share * smooth_l1(cell[c], targets.box[at][i], scale * DetectionSum::box_share, slope[c]);
  }
  constexpr std::size_t c = Channels::handwritten;
  sum.handwritten += share * binary_cross_entropy(cell[c], targets.handwritten[at] ? 1.0F : 0.0F,
                                                  scale * DetectionSum::written_share, slope[c]);
}

void count_peak(const float* cell, std::size_t symbol, DetectionSum& sum) {
  const float* symbols = cell + Channels::symbols;
  const auto best = std::max_element(symbols, symbols + symbol_count) - symbols;
  ++sum.peaks;
  if (logistic(cell[Channels::center]) > DetectionSum::probable_center) ++sum.found;
  if (static_cast<std::size_t>(best) == symbol) ++sum.correct;
}

}  // namespace

DetectionSum& DetectionSum::operator+=(const DetectionSum& other) {
  center += other.center;
  symbol += other.symbol;
  box += other.box;
  handwritten += other.handwritten;
  too_small += other.too_small;
  peaks += other.peaks;
  found += other.found;
  correct += other.correct;
  return *this;
}

DetectionSum detection_loss(const float* maps, const DetectionTargets& targets,
                            const DetectionCounts& counts, float* gradient) {
  DetectionSum sum;
  const double by_peak = 1 / std::max(counts.peaks, 1.0);
  const double by_weight = 1 / std::max(counts.weights, 1e-3);
  const double by_cell = 1 / std::max(counts.cells, 1.0);
  const std::size_t cells = targets.height * targets.width;
  std::fill_n(gradient, cells * Channels::count, 0.0F);
  for (std::size_t at = 0; at < cells; ++at) {
    const float* cell = maps + at * Channels::count;
    float* slope = gradient + at * Channels::count;
    sum.center +=
        by_peak * center_loss(cell[Channels::center], targets.center[at], targets.counted[at],
                              static_cast<float>(by_peak), slope[Channels::center]);
    if (targets.counted[at] != 0 || targets.too_small[at]) {
      constexpr std::size_t c = Channels::too_small;
      sum.too_small +=
          by_cell * binary_cross_entropy(cell[c], targets.too_small[at] ? 1.0F : 0.0F,
                                         static_cast<float>(by_cell) * DetectionSum::small_share,
                                         slope[c]);
    }
    if (targets.center[at] == 1) count_peak(cell, targets.symbol[at], sum);
    if (targets.weight[at] == 0) continue;
    const double share = by_weight * static_cast<double>(targets.weight[at]);
    add_mark_loss(cell, targets, at, static_cast<float>(share), share, slope, sum);
  }
  return sum;
}

}  // namespace scrawl
