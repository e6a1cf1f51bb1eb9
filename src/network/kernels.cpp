#include "network/kernels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <scrawl/glyph.hpp>

// Clones need the loader's ifuncs, which run before a sanitizer's runtime is ready.
#if defined(__x86_64__) && defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !defined(SCRAWL_SANITIZED)
#define SCRAWL_CLONES \
  __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define SCRAWL_CLONES
#endif

namespace scrawl {

namespace {

[[gnu::always_inline]] inline void store(float value, float& to) {
  to = value;
}

[[gnu::always_inline]] inline void store(float value, Bf16& to) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  to.bits = static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

[[gnu::always_inline]] inline float load(float value) {
  return value;
}

[[gnu::always_inline]] inline float load(Bf16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16);
}

template <typename T>
[[gnu::always_inline]] inline void normalise_loop(const std::uint8_t* pixels, std::size_t count,
                                                  float scale, float shift, T* __restrict out) {
  for (std::size_t i = 0; i < count; ++i) {
    store(static_cast<float>(pixels[i]) * scale + shift, out[i]);
  }
}

template <typename T>
[[gnu::always_inline]] inline void sum_columns_loop(const T* matrix, std::size_t rows,
                                                    std::size_t columns, std::size_t stride,
                                                    float* __restrict out) {
  std::fill_n(out, columns, 0.0F);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) out[c] += load(matrix[r * stride + c]);
  }
}

template <typename T>
LossSum softmax_cross_entropy_loop(const float* logits, std::span<const std::uint8_t> labels,
                                   float scale, T* gradient) {
  LossSum sum;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const float* logit = logits + row * digit_count;
    const float* const largest = std::max_element(logit, logit + digit_count);
    float exponentials[digit_count];
    float total = 0;
    for (std::size_t c = 0; c < digit_count; ++c) {
      exponentials[c] = std::exp(logit[c] - *largest);
      total += exponentials[c];
    }
    const std::size_t label = labels[row];
    sum.loss += static_cast<double>(std::log(total) - (logit[label] - *largest));
    sum.right += static_cast<std::size_t>(largest - logit) == label ? 1 : 0;
    for (std::size_t c = 0; c < digit_count; ++c) {
      const float target = c == label ? 1.0F : 0.0F;
      store((exponentials[c] / total - target) * scale, gradient[row * digit_count + c]);
    }
  }
  return sum;
}

}  // namespace

SCRAWL_CLONES void normalise(std::span<const std::uint8_t> pixels, float scale, float shift,
                             float* out) {
  normalise_loop(pixels.data(), pixels.size(), scale, shift, out);
}

SCRAWL_CLONES void normalise(std::span<const std::uint8_t> pixels, float scale, float shift,
                             Bf16* out) {
  normalise_loop(pixels.data(), pixels.size(), scale, shift, out);
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
  sum_columns_loop(matrix, rows, columns, stride, out);
}

SCRAWL_CLONES void sum_columns(const Bf16* matrix, std::size_t rows, std::size_t columns,
                               std::size_t stride, float* out) {
  sum_columns_loop(matrix, rows, columns, stride, out);
}

SCRAWL_CLONES void convert(std::span<const float> from, Bf16* to) {
  const float* __restrict source = from.data();
  for (std::size_t i = 0; i < from.size(); ++i) store(source[i], to[i]);
}

void convert(std::span<const float> from, float* to) {
  std::copy(from.begin(), from.end(), to);
}

LossSum softmax_cross_entropy(const float* logits, std::span<const std::uint8_t> labels,
                              float scale, float* gradient) {
  return softmax_cross_entropy_loop(logits, labels, scale, gradient);
}

LossSum softmax_cross_entropy(const float* logits, std::span<const std::uint8_t> labels,
                              float scale, Bf16* gradient) {
  return softmax_cross_entropy_loop(logits, labels, scale, gradient);
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

}  // namespace scrawl
