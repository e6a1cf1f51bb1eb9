// A network in plain loops, layer by layer, forward and back, in f32: it says what is right, and
// all faster ways are tested against it.
//
// Values lie as (images, height, width, channels). A gradient has the shape of what it is the
// gradient of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/shapes.hpp"

namespace scrawl {

/// May be used by many threads at once.
class PlainNetwork {
 public:
  /// Pictures of `input`, for networks that take more than one size. Throws Error when the model is
  /// none.
  PlainNetwork(const Model& model, const Shape& input);

  /// What goes into each layer, and behind them what the last one gives: (images, its shape).
  using Values = std::vector<std::vector<float>>;

  /// As a trained network is used: normalizations take their running statistics, nothing is
  /// dropped. `in` (images, height, width, channels) is what the normalization made of pixels.
  Values infer(std::span<const float> in, std::size_t images) const;

  /// As in training: normalizations take the moments of these images, and dropout drops what this
  /// key of random numbers says.
  Values train(std::span<const float> in, std::size_t images, std::uint64_t random) const;

  /// The gradient of all weights, as weight_shapes has them, from train()'s values and the gradient
  /// of what the last layer gave. Running statistics get zeros.
  std::vector<Tensor> gradients(const Values& values, std::size_t images, std::uint64_t random,
                                std::span<const float> gradient) const;

 private:
  enum class Use { inference, training };

  Values forward(std::span<const float> in, std::size_t images, Use use,
                 std::uint64_t random) const;
  void forward_layer(std::size_t layer, std::size_t images, Use use, std::uint64_t random,
                     Values& values) const;
  std::span<const Tensor> tensors(std::size_t layer) const;

  Architecture architecture_;
  std::vector<Tensor> weights_;
  std::vector<PlacedLayer> layers_;
};

}  // namespace scrawl
