#include "network/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <scrawl/glyph.hpp>

#include "network/clones.hpp"

namespace scrawl {

namespace {

template <typename T>
[[gnu::always_inline]] inline void normalize_loop(std::span<const std::uint8_t> pixels,
                                                  const Normalization& normalization,
                                                  T* __restrict out) {
  const float scale = 1.0F / (255.0F * normalization.std);
  const float shift = -normalization.mean / normalization.std;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    store(static_cast<float>(pixels[i]) * scale + shift, out[i]);
  }
}

template <typename T>
[[gnu::always_inline]] inline void quantize_loop(const T* values, std::size_t count, float scale,
                                                 std::uint8_t* __restrict out) {
  for (std::size_t i = 0; i < count; ++i) {
    const float value = load(values[i]) * scale + 0.5F;
    const float below = value < 255 ? value : 255.0F;  // so is what is not a number
    out[i] = static_cast<std::uint8_t>(static_cast<int>(below > 0 ? below : 0.0F));
  }
}

constexpr std::size_t narrow = 32;  // columns

template <typename T>
[[gnu::always_inline]] inline void sum_columns_loop(const T* matrix, std::size_t rows,
                                                    std::size_t columns, std::size_t stride,
                                                    float* __restrict out) {
  std::fill_n(out, columns, 0.0F);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) out[c] += load(matrix[r * stride + c]);
  }
}

/// The same for many rows of few columns without gaps: rows in groups, whose sums fill vectors.
template <typename T>
[[gnu::always_inline]] inline void sum_narrow_loop(const T* matrix, std::size_t rows,
                                                   std::size_t columns, float* __restrict out) {
  constexpr std::size_t group = 16;
  float sums[group * narrow] = {};
  const std::size_t size = group * columns;
  std::size_t row = 0;
  for (; row + group <= rows; row += group) {
    const T* from = matrix + row * columns;
    for (std::size_t i = 0; i < size; ++i) sums[i] += load(from[i]);
  }
  sum_columns_loop(sums, group, columns, columns, out);
  for (; row < rows; ++row) {
    for (std::size_t c = 0; c < columns; ++c) out[c] += load(matrix[row * columns + c]);
  }
}

/// And many rows: few are summed in no time.
bool is_narrow(std::size_t rows, std::size_t columns, std::size_t stride) {
  return columns <= narrow && stride == columns && rows > 256;
}

float target_of(const Targets& targets, std::size_t row, std::size_t c) {
  if (targets.probabilities != nullptr) return targets.probabilities[row * digit_count + c];
  const float label = c == targets.labels[row] ? 1.0F : 0.0F;
  return label * (1 - targets.smoothing) + targets.smoothing / digit_count;
}

template <typename T>
LossSum softmax_cross_entropy_loop(const float* logits, const Targets& targets, float scale,
                                   T* gradient) {
  LossSum sum;
  for (std::size_t row = 0; row < targets.labels.size(); ++row) {
    const float* logit = logits + row * digit_count;
    const float* const largest = std::max_element(logit, logit + digit_count);
    float exponentials[digit_count];
    float total = 0;
    for (std::size_t c = 0; c < digit_count; ++c) {
      exponentials[c] = std::exp(logit[c] - *largest);
      total += exponentials[c];
    }
    const float log_total = std::log(total);
    for (std::size_t c = 0; c < digit_count; ++c) {
      const float target = target_of(targets, row, c);
      if (target > 0) sum.loss += static_cast<double>(target * (log_total - (logit[c] - *largest)));
      store((exponentials[c] / total - target) * scale, gradient[row * digit_count + c]);
    }
    sum.correct += static_cast<std::size_t>(largest - logit) == targets.labels[row] ? 1 : 0;
  }
  return sum;
}

}  // namespace

SCRAWL_CLONES void normalize(std::span<const std::uint8_t> pixels,
                             const Normalization& normalization, float* out) {
  normalize_loop(pixels, normalization, out);
}

SCRAWL_CLONES void normalize(std::span<const std::uint8_t> pixels,
                             const Normalization& normalization, Bf16* out) {
  normalize_loop(pixels, normalization, out);
}

SCRAWL_CLONES void quantize(const float* values, std::size_t count, float scale,
                            std::uint8_t* out) {
  quantize_loop(values, count, scale, out);
}

SCRAWL_CLONES void quantize(const Bf16* values, std::size_t count, float scale, std::uint8_t* out) {
  quantize_loop(values, count, scale, out);
}

SCRAWL_CLONES void mask_relu(std::span<float> gradient, const float* activation) {
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] = activation[i] > 0 ? gradient[i] : 0.0F;
  }
}

SCRAWL_CLONES void mask_relu(std::span<Bf16> gradient, const Bf16* activation) {
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i].bits = activation[i].bits != 0 ? gradient[i].bits : std::uint16_t{0};
  }
}

SCRAWL_CLONES void sum_columns(const float* matrix, std::size_t rows, std::size_t columns,
                               std::size_t stride, float* out) {
  is_narrow(rows, columns, stride) ? sum_narrow_loop(matrix, rows, columns, out)
                                   : sum_columns_loop(matrix, rows, columns, stride, out);
}

SCRAWL_CLONES void sum_columns(const Bf16* matrix, std::size_t rows, std::size_t columns,
                               std::size_t stride, float* out) {
  is_narrow(rows, columns, stride) ? sum_narrow_loop(matrix, rows, columns, out)
                                   : sum_columns_loop(matrix, rows, columns, stride, out);
}

SCRAWL_CLONES void convert(std::span<const float> from, Bf16* to) {
  const float* __restrict source = from.data();
  for (std::size_t i = 0; i < from.size(); ++i) store(source[i], to[i]);
}

void convert(std::span<const float> from, float* to) {
  std::copy(from.begin(), from.end(), to);
}

LossSum softmax_cross_entropy(const float* logits, const Targets& targets, float scale,
                              float* gradient) {
  return softmax_cross_entropy_loop(logits, targets, scale, gradient);
}

LossSum softmax_cross_entropy(const float* logits, const Targets& targets, float scale,
                              Bf16* gradient) {
  return softmax_cross_entropy_loop(logits, targets, scale, gradient);
}

SCRAWL_CLONES void update(std::span<float> weights, float* velocity, const float* gradient,
                          Sgd sgd) {
  float* __restrict w = weights.data();
  if (sgd.momentum == 0) {
    for (std::size_t i = 0; i < weights.size(); ++i) w[i] -= sgd.rate * gradient[i];
    return;
  }
  float* __restrict v = velocity;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    v[i] = sgd.momentum * v[i] + gradient[i];
    w[i] -= sgd.rate * v[i];
  }
}

SCRAWL_CLONES void sum_gradients(std::span<const float* const> gradients, std::size_t offset,
                                 std::span<const float> weights, float decay,
                                 std::span<float> sum) {
  constexpr std::size_t block = 256;  // that stays in the first cache
  for (std::size_t begin = 0; begin < sum.size(); begin += block) {
    const std::size_t count = std::min(block, sum.size() - begin);
    float* __restrict to = sum.data() + begin;
    for (std::size_t i = 0; i < count; ++i) to[i] = decay * weights[begin + i];
    for (const float* gradient : gradients) {
      for (std::size_t i = 0; i < count; ++i) to[i] += gradient[offset + begin + i];
    }
  }
}

SCRAWL_CLONES void update_all(std::span<float> weights, float* velocity, float* ema,
                              const float* gradient, const Sgd& sgd) {
  const float ahead = sgd.nesterov ? sgd.momentum : 1.0F;
  const float now = sgd.nesterov ? 1.0F : 0.0F;
  float* __restrict w = weights.data();
  float* __restrict v = velocity;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    v[i] = sgd.momentum * v[i] + gradient[i];
    w[i] -= sgd.rate * (now * gradient[i] + ahead * v[i]);
  }
  if (ema != nullptr) update_ema({ema, weights.size()}, w, 1 - sgd.ema_decay);
}

SCRAWL_CLONES double square_sum(std::span<const float> values) {
  constexpr std::size_t block = 256;  // which f32 sums without loss that counts
  double sum = 0;
  for (std::size_t begin = 0; begin < values.size(); begin += block) {
    const std::size_t count = std::min(block, values.size() - begin);
    float lanes[16] = {};
    for (std::size_t i = 0; i < count; ++i) {
      const float value = values[begin + i];
      lanes[i % 16] += value * value;
    }
    for (const float lane : lanes) sum += static_cast<double>(lane);
  }
  return sum;
}

SCRAWL_CLONES void update_adam(std::span<float> weights, const AdamWState& state,
                               const float* gradient, float scale, const AdamW& adam) {
  const auto steps = static_cast<double>(adam.number + 1);
  const double first_seen = 1 - std::pow(static_cast<double>(adam.first_keep), steps);
  const double second_seen = 1 - std::pow(static_cast<double>(adam.second_keep), steps);
  const float rate = adam.rate / static_cast<float>(first_seen);
  const float root = 1 / static_cast<float>(std::sqrt(second_seen));
  const float kept = 1 - adam.rate * adam.decay;
  float* __restrict w = weights.data();
  float* __restrict m = state.first;
  float* __restrict v = state.second;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float g = gradient[i] * scale;
    m[i] += (1 - adam.first_keep) * (g - m[i]);
    v[i] += (1 - adam.second_keep) * (g * g - v[i]);
    w[i] = kept * w[i] - rate * m[i] / (std::sqrt(v[i]) * root + adam.epsilon);
  }
  if (state.ema != nullptr) {
    update_ema({state.ema, weights.size()}, w, 1 - adam.ema_decay);
  }
}

SCRAWL_CLONES void update_ema(std::span<float> ema, const float* values, float rate) {
  float* __restrict to = ema.data();
  for (std::size_t i = 0; i < ema.size(); ++i) to[i] += rate * (values[i] - to[i]);
}

}  // namespace scrawl
