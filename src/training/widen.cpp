#include "training/widen.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>

#include "network/random.hpp"
#include "network/shapes.hpp"

namespace scrawl {

namespace {

bool can_be_widened(const Layer& layer) {
  return std::holds_alternative<Conv>(layer) || std::holds_alternative<Norm>(layer) ||
         std::holds_alternative<Relu>(layer) || std::holds_alternative<Residual>(layer);
}

/// Parts of one channel's weight for its copies, which add up to 1: copy `i` of `channels` is of
/// channel i % channels. Parts may be negative, so that no copy has just the same gradient.
std::vector<float> split(std::size_t channels, std::size_t copies, Random& random) {
  std::vector<float> parts(copies);
  for (std::size_t c = 0; c < channels; ++c) {
    float rest = 1;
    for (std::size_t i = c + channels; i < copies; i += channels) {
      parts[i] = 1.5F * random.uniform() - 0.25F;
      rest -= parts[i];
    }
    if (c < copies) parts[c] = rest;
  }
  return parts;
}

/// (outputs, inputs, kernel, kernel) of a wide convolution, from those of a narrow one.
Tensor widen_weight(const Tensor& narrow, std::size_t outputs, std::size_t inputs, Random& random) {
  const std::size_t narrow_outputs = narrow.shape[0];
  const std::size_t narrow_inputs = narrow.shape[1];
  const std::size_t kernel = narrow.shape[2] * narrow.shape[3];
  Tensor wide{narrow.name, {outputs, inputs, narrow.shape[2], narrow.shape[3]}, {}};
  wide.values.reserve(outputs * inputs * kernel);
  for (std::size_t o = 0; o < outputs; ++o) {
    const std::vector<float> parts = split(narrow_inputs, inputs, random);
    for (std::size_t i = 0; i < inputs; ++i) {
      const float* from = narrow.values.data() +
                          ((o % narrow_outputs) * narrow_inputs + i % narrow_inputs) * kernel;
      for (std::size_t k = 0; k < kernel; ++k) wide.values.push_back(parts[i] * from[k]);
    }
  }
  return wide;
}

/// (outputs): a bias, or what a normalization has of each channel.
Tensor widen_values(const Tensor& narrow, std::size_t outputs) {
  Tensor wide{narrow.name, {outputs}, {}};
  for (std::size_t o = 0; o < outputs; ++o)
    wide.values.push_back(narrow.values[o % narrow.values.size()]);
  return wide;
}

}  // namespace

bool is_wider(const Architecture& wide, const Architecture& narrow) {
  if (wide.input != narrow.input || wide.layers.size() != narrow.layers.size() ||
      wide.layers.empty() || wide.layers.back() != narrow.layers.back() || wide == narrow)
    return false;
  for (std::size_t i = 0; i < wide.layers.size(); ++i) {
    if (!can_be_widened(wide.layers[i])) return false;
    Layer layer = wide.layers[i];
    const auto* own = std::get_if<Conv>(&narrow.layers[i]);
    if (auto* conv = std::get_if<Conv>(&layer); conv != nullptr && own != nullptr) {
      if (conv->outputs < own->outputs) return false;
      conv->outputs = own->outputs;
    }
    if (layer != narrow.layers[i]) return false;
  }
  return true;
}

Model widen(const Model& model, const Architecture& wide, std::uint64_t seed) {
  if (!is_wider(wide, model.architecture)) {
    throw Error(fmt::format("training: '{}' is not the network '{}' with more channels",
                            to_string(wide), to_string(model.architecture)));
  }
  Model widened = model;
  widened.architecture = wide;
  Random random({seed, random_weights});
  for (const PlacedLayer& placed : place_layers(wide)) {
    for (std::size_t t = placed.tensor; t < placed.tensor + placed.tensors; ++t) {
      const Tensor& narrow = model.weights[t];
      widened.weights[t] = narrow.shape.size() == 4 ? widen_weight(narrow, placed.out.channels,
                                                                   placed.in.channels, random)
                                                    : widen_values(narrow, placed.out.channels);
    }
  }
  return widened;
}

}  // namespace scrawl
