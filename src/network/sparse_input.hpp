// The first dense layer, for bfloat16: four fifths of a digit's pixels are bare paper, and need no
// work.
//
// oneDNN's matrix product cannot know that. This one takes the pixels as they are, 0 to 255 (each
// exact in bfloat16, and paper is 0), and brings in the normalisation x = a p - c afterwards,
// exactly:
//
//   forward   y[o]     = a sum_i w[o][i] p[i] - c sum_i w[o][i] + b[o]
//   backward  dw[o][i] = a sum_b dy[b][o] p[b][i] - c sum_b dy[b][o]
//
// Both sums over pixels run over pairs of bfloat16 (the CPU's vdpbf16ps multiplies two at a time),
// two rows at once, and skip the pairs that are 0 in both rows: two thirds of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/kernels.hpp"

namespace scrawl {

/// A layer from 784 pixels to `outputs`, followed by a ReLU or not, trained with SGD. Weights lie
/// as (784, outputs), the transpose of PyTorch's.
class SparseInput {
 public:
  /// Whether this CPU can run it, and it can run such a layer.
  static bool supports(std::size_t outputs);

  /// Rows come in chunks of this many.
  static constexpr std::size_t chunk = 32;

  /// `capacity` rows, a multiple of chunk, make a batch.
  SparseInput(std::size_t outputs, bool relu, const Normalisation& normalisation,
              std::size_t capacity);

  /// weight and velocity (outputs, 784), as in PyTorch.
  void load(std::span<const float> weight, std::span<const float> velocity);
  void store(std::span<float> weight, std::span<float> velocity) const;

  /// Takes one chunk of images, at row `begin` of the batch; those beyond images.size() are paper.
  void set_images(std::size_t begin, std::span<const std::uint8_t* const> images);

  /// out (chunk, outputs), of the chunk of rows at `begin`; bias (outputs).
  void forward(std::size_t begin, const float* bias, Bf16* out) const;

  /// Takes the gradient with respect to the chunk's outputs: (chunk, outputs).
  void set_gradient(std::size_t begin, const Bf16* gradient);

  /// The weights' gradient and update are cut into slices of pixels, for as many tasks.
  static constexpr std::size_t slices() { return glyph_pixels / slice; }
  void update(std::size_t slice_index, Sgd sgd);

  /// The gradient of the biases (outputs); the layer does not own its biases.
  void bias_gradient(float* out) const;

 private:
  static constexpr std::size_t slice = 56;  // pixels

  std::size_t outputs_;
  bool relu_;
  float scale_;   // a
  float offset_;  // c
  std::size_t capacity_;
  AlignedVector<Bf16> pixels_;                 // (capacity, 784)
  AlignedVector<std::uint32_t> row_pairs_;     // (784, capacity / 2): pixels of two rows, as bf16
  AlignedVector<std::uint32_t> gradients_;     // (capacity / 2, outputs): of the same two rows
  AlignedVector<float> gradient_sums_;         // (capacity / chunk, outputs): over a chunk's rows
  AlignedVector<float> weights_;               // (784, outputs)
  AlignedVector<float> velocity_;              // (784, outputs)
  AlignedVector<std::uint32_t> weight_pairs_;  // (392, outputs): of two pixels, as bf16
  AlignedVector<float> weight_sums_;           // (slices, outputs): over a slice's pixels
};

}  // namespace scrawl
