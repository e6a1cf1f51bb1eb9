// The first dense layer, for bfloat16: four fifths of a digit's pixels are bare paper, and need no
// work.
//
// oneDNN's matrix product cannot know that. This one takes the pixels as they are, 0 to 255 (each
// exact in bfloat16, and paper is 0), and brings in the normalization x = a p - c afterward,
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

/// A layer from 784 pixels to 128 outputs, followed by a ReLU or not, trained with SGD; a wider
/// layer is several of them side by side. Each keeps its own copy of the input, so that the worker
/// that runs it finds all it needs in its own core's cache: what one core has written is slow to
/// fetch for another.
///
/// A step is forward() for each chunk of rows, set_gradient() for each, and update() for each
/// slice; chunks and slices may run at the same time as others of their kind.
class SparseInput {
 public:
  static constexpr std::size_t outputs = 128;
  static constexpr std::size_t chunk = 32;  ///< rows
  static constexpr std::size_t slices = 14;

  /// Whether this CPU has the instructions, and a layer of this width can be made of such parts.
  static bool supports(std::size_t layer_outputs);

  /// `capacity` rows, a multiple of chunk, make a batch.
  SparseInput(bool relu, const Normalization& normalization, std::size_t capacity);

  /// weight and velocity (128, 784), as in PyTorch.
  void load(std::span<const float> weight, std::span<const float> velocity);
  void store(std::span<float> weight, std::span<float> velocity) const;

  /// out (chunk, 128), its rows `stride` apart, of the chunk of images from row `begin` of the
  /// batch on; those beyond images.size() are paper. bias (128).
  void forward(std::size_t begin, std::span<const std::uint8_t* const> images, const float* bias,
               Bf16* out, std::size_t stride);

  /// Takes the gradient with respect to the chunk's outputs: (chunk, 128), its rows `stride` apart.
  void set_gradient(std::size_t begin, const Bf16* gradient, std::size_t stride);

  /// Computes the gradient of some pixels' weights and applies it.
  void update(std::size_t slice, Sgd sgd);

  /// The gradient of the biases (128); they are not kept here.
  void bias_gradient(float* out) const;

 private:
  bool relu_;
  float scale_;   // a
  float offset_;  // c
  std::size_t capacity_;
  AlignedVector<std::uint32_t> row_pairs_;     // (784, capacity / 2): pixels of two rows, as bf16
  AlignedVector<std::uint32_t> gradients_;     // (capacity / 2, 128): of the same two rows
  AlignedVector<float> gradient_sums_;         // (capacity / chunk, 128): over a chunk's rows
  AlignedVector<float> weights_;               // (784, 128)
  AlignedVector<float> velocity_;              // (784, 128)
  AlignedVector<std::uint32_t> weight_pairs_;  // (392, 128): of two pixels, as bf16
  AlignedVector<float> weight_sums_;           // (slices, 128): over a slice's pixels
};

}  // namespace scrawl
