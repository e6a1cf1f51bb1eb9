// What goes from layer to layer, and which weights each layer has.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <scrawl/model.hpp>

namespace scrawl {

/// A layer in its place.
struct PlacedLayer {
  Layer layer;
  Shape in;
  Shape out;
  bool bias = false;        ///< of a Conv or Dense
  std::size_t tensor = 0;   ///< its first one in weight_shapes(architecture)
  std::size_t tensors = 0;  ///< how many it has
  std::size_t stored = 0;   ///< channels that come out, as they lie in memory (see stored_channels)
};

/// The layers with what goes in and out of each. Throws Error, naming the layer, when one has a
/// number that cannot be (layer_limits.hpp) or does not fit what comes before it.
std::vector<PlacedLayer> place_layers(const Architecture& architecture);

/// The same for pictures of another size than the architecture's own input.
std::vector<PlacedLayer> place_layers(const Architecture& architecture, const Shape& input);

/// Throws Error as place_layers does, and when the layers do not make a network: when there are
/// none or too many, or the last gives neither ten logits nor maps.
void check_architecture(const Architecture& architecture);

/// Whether a network goes from a glyph to ten logits.
bool is_classifier(const Architecture& architecture);

/// Throws Error when a network is no classifier of glyphs.
void check_classifier(const Architecture& architecture);

/// The layer as it is written in an architecture.
std::string to_string(const Layer& layer);

/// Channels as they are stored behind a convolution: a multiple of a vector's, so that oneDNN and
/// our loops take their fast ways; those beyond the layer's own are 0. A few that no normalization
/// works on are stored as they are, for there would be more zeros than values.
inline std::size_t stored_channels(const PlacedLayer& convolution) {
  constexpr std::size_t few = 8;
  const std::size_t channels = convolution.out.channels;
  return convolution.bias && channels <= few ? channels : (channels + 15) / 16 * 16;
}

/// Whether a residual sum adds what comes into layers[index], which then has to be there as it is.
bool is_residual_source(std::span<const PlacedLayer> layers, std::size_t index);

/// The shape of what a network gives.
Shape output_shape(const Architecture& architecture);

/// Whether a layer multiplies: a Conv or a Dense.
bool is_linear(const Layer& layer);

/// Floating-point operations of a layer for one image, as operation_count of an architecture counts
/// them.
std::size_t operation_count(const PlacedLayer& placed);

/// Whether a tensor is a running mean or variance, which is not learned.
bool is_statistic(const Tensor& tensor);

}  // namespace scrawl
