// The loops between the matrix products: plain C++ that the compiler turns into vector code, built
// for several CPUs and chosen when the program starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include <scrawl/model.hpp>

#include "network/bf16.hpp"

namespace scrawl {

/// What the network sees of pixels.
void normalize(std::span<const std::uint8_t> pixels, const Normalization& normalization,
               float* out);
void normalize(std::span<const std::uint8_t> pixels, const Normalization& normalization, Bf16* out);

/// out[i] = values[i] * scale, rounded to 0 to 255.
void quantize(const float* values, std::size_t count, float scale, std::uint8_t* out);
void quantize(const Bf16* values, std::size_t count, float scale, std::uint8_t* out);

/// gradient[i] = 0 wherever activation[i], which came out of a ReLU, is 0.
void mask_relu(std::span<float> gradient, const float* activation);
void mask_relu(std::span<Bf16> gradient, const Bf16* activation);

/// out[c] = the sum of column c of `matrix` (rows, columns), whose rows are `stride` elements
/// apart.
void sum_columns(const float* matrix, std::size_t rows, std::size_t columns, std::size_t stride,
                 float* out);
void sum_columns(const Bf16* matrix, std::size_t rows, std::size_t columns, std::size_t stride,
                 float* out);

/// Rounds to the nearest, ties to even.
void convert(std::span<const float> from, Bf16* to);
void convert(std::span<const float> from, float* to);

/// What a batch, or a part of one, adds up to.
struct LossSum {
  double loss = 0;          ///< sum of cross-entropies, natural logarithm
  std::size_t correct = 0;  ///< images whose largest logit is that of the label

  LossSum& operator+=(const LossSum& other) {
    loss += other.loss;
    correct += other.correct;
    return *this;
  }
};

/// What rows of logits should say.
struct Targets {
  std::span<const std::uint8_t> labels;
  float smoothing = 0;                   ///< see Batch
  const float* probabilities = nullptr;  ///< (labels.size(), 10) in place of labels; may be null
};

/// Cross-entropy after softmax (Bridle 1990) of logits (labels.size(), 10) with the targets, and
/// its gradient (probability - target) * scale in the same shape.
LossSum softmax_cross_entropy(const float* logits, const Targets& targets, float scale,
                              float* gradient);
LossSum softmax_cross_entropy(const float* logits, const Targets& targets, float scale,
                              Bf16* gradient);

/// Stochastic gradient descent with momentum, as PyTorch has it: g += decay w, v = momentum v + g,
/// w -= rate v, or with Nesterov's momentum w -= rate (g + momentum v).
struct Sgd {
  float rate = 0;
  float momentum = 0;
  bool nesterov = false;
  float decay = 0;  ///< of weights, not of biases and normalizations
  /// ema += (1 - ema_decay) (w - ema), after the update.
  float ema_decay = 0;
};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as PyTorch has it.
struct AdamW {
  float rate = 0;
  float first_keep = 0.9F;     ///< of the gradient's ema, each step
  float second_keep = 0.999F;  ///< of its square's
  float epsilon = 1e-8F;
  float decay = 0;           ///< of weights, not of biases and normalizations
  float max_norm = 0;        ///< a longer gradient, over all weights, is made so long; 0: never
  std::uint64_t number = 0;  ///< of the step in the training, from 0
  float ema_decay = 0;       ///< as Sgd's
};

using Optimizer = std::variant<Sgd, AdamW>;

/// Applies rate and momentum alone; `velocity` is not touched where the momentum is 0.
void update(std::span<float> weights, float* velocity, const float* gradient, Sgd sgd);

/// sum[i] = decay * weights[i], which is the gradient of what the decay adds to the loss, and
/// gradients[k][offset + i] for each k, in that order.
void sum_gradients(std::span<const float* const> gradients, std::size_t offset,
                   std::span<const float> weights, float decay, std::span<float> sum);

/// Applies all of sgd but the decay, which is in the gradient, to weights (count); `ema` may be
/// null.
void update_all(std::span<float> weights, float* velocity, float* ema, const float* gradient,
                const Sgd& sgd);

/// The sum of squares.
double square_sum(std::span<const float> values);

/// The averages that AdamW keeps of each number's gradient, and the ema of the weights.
struct AdamWState {
  float* first;   ///< (count) of the gradient
  float* second;  ///< (count) of its square
  float* ema;     ///< (count), or null
};

/// Applies gradient * scale (count) to weights (count); the decay is `adam.decay`.
void update_adam(std::span<float> weights, const AdamWState& state, const float* gradient,
                 float scale, const AdamW& adam);

/// ema += rate (values - ema).
void update_ema(std::span<float> ema, const float* values, float rate);

}  // namespace scrawl
