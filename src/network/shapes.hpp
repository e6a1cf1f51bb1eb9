// What goes from layer to layer, and which weights each layer has.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <scrawl/model.hpp>

namespace scrawl {

/// The values of one image between two layers.
struct Shape {
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;

  std::size_t pixels() const { return height * width; }
  std::size_t size() const { return channels * pixels(); }
  bool operator==(const Shape&) const = default;
};

/// A layer in its place.
struct PlacedLayer {
  Layer layer;
  Shape in;
  Shape out;
  bool bias = false;        ///< of a Conv or Dense
  std::size_t tensor = 0;   ///< its first one in weight_shapes(architecture)
  std::size_t tensors = 0;  ///< how many it has
};

/// The layers with what goes in and out of each. Throws Error, naming the layer, when one has a
/// number that cannot be (layer_limits.hpp) or does not fit what comes before it.
std::vector<PlacedLayer> place_layers(const Architecture& architecture);

/// Throws Error as place_layers does, and when the layers do not make a network from a glyph to ten
/// logits: when there are none or too many, or the last is not a dense one with ten outputs.
void check_architecture(const Architecture& architecture);

/// The layer as it is written in an architecture.
std::string to_string(const Layer& layer);

/// Whether a layer multiplies: a Conv or a Dense.
bool is_linear(const Layer& layer);

/// Whether a tensor is a running mean or variance, which is not learned.
bool is_statistic(const Tensor& tensor);

}  // namespace scrawl
