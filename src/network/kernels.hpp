// The loops between the matrix products: plain C++ that the compiler turns into vector code, built
// for several CPUs and chosen when the program starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "network/onednn.hpp"

namespace scrawl {

/// A bfloat16 number: the upper half of an f32.
struct Bf16 {
  std::uint16_t bits = 0;
};

template <typename T>
inline constexpr onednn::Type type_of = onednn::Type::f32;
template <>
inline constexpr onednn::Type type_of<Bf16> = onednn::Type::bf16;

/// out[i] = pixels[i] * scale + shift.
void normalise(std::span<const std::uint8_t> pixels, float scale, float shift, float* out);
void normalise(std::span<const std::uint8_t> pixels, float scale, float shift, Bf16* out);

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
  double loss = 0;        ///< sum of cross-entropies, natural logarithm
  std::size_t right = 0;  ///< images whose largest logit is that of the label
};

/// Cross-entropy after softmax (Bridle 1990) of logits (labels.size(), 10), and its gradient
/// (probability - [class is label]) * scale in the same shape.
LossSum softmax_cross_entropy(const float* logits, std::span<const std::uint8_t> labels,
                              float scale, float* gradient);
LossSum softmax_cross_entropy(const float* logits, std::span<const std::uint8_t> labels,
                              float scale, Bf16* gradient);

/// Stochastic gradient descent with momentum, as PyTorch has it: v = momentum v + g, w = w - rate
/// v.
struct Sgd {
  float rate = 0;
  float momentum = 0;
};

/// Applies Sgd; `velocity` is not touched where the momentum is 0.
void update(std::span<float> weights, float* velocity, const float* gradient, Sgd sgd);

}  // namespace scrawl
