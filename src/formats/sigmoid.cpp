#include "formats/sigmoid.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>

#include "network/shapes.hpp"

namespace scrawl {

namespace {

bool has_weights(const Layer& layer) {
  return is_linear(layer) || std::holds_alternative<Norm>(layer);
}

/// Whether a layer may stand between a sigmoid and weights: it treats (t + 1) / 2 as it treats t.
bool is_transparent(const Layer& layer) {
  return std::holds_alternative<Pool>(layer) || std::holds_alternative<Dropout>(layer);
}

/// The layer with weights that gives the tanh at `place` its values.
std::optional<std::size_t> weights_before(std::span<const Layer> layers, std::size_t place) {
  while (place > 0 && is_transparent(layers[place - 1])) --place;
  if (place == 0 || !has_weights(layers[place - 1])) return std::nullopt;
  return place - 1;
}

std::optional<std::size_t> weights_behind(std::span<const Layer> layers, std::size_t place) {
  ++place;
  while (place < layers.size() && is_transparent(layers[place])) ++place;
  if (place == layers.size() || !is_linear(layers[place])) return std::nullopt;
  const auto* conv = std::get_if<Conv>(&layers[place]);
  if (conv != nullptr && conv->padding != 0) return std::nullopt;
  return place;
}

std::vector<std::size_t> tanhs_of(const Architecture& architecture) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    if (std::holds_alternative<Tanh>(architecture.layers[i])) places.push_back(i);
  }
  return places;
}

bool may_be_sigmoid(const Architecture& architecture, std::size_t place) {
  return weights_before(architecture.layers, place) && weights_behind(architecture.layers, place) &&
         std::ranges::none_of(architecture.layers, [](const Layer& layer) {
           return std::holds_alternative<Residual>(layer);
         });
}

void halve(Tensor& tensor) {
  for (float& value : tensor.values) value /= 2;
}

/// W (t + 1) / 2 + b = (W / 2) t + (b + the sum of W / 2). A layer without a bias has a
/// normalization behind it, which subtracts a mean.
void take_range(Model& model, std::span<const PlacedLayer> layers, std::size_t place) {
  const PlacedLayer& linear = layers[place];
  Tensor& weight = model.weights[linear.tensor];
  halve(weight);
  std::vector<float>* shifted = nullptr;
  float sign = 1;
  if (linear.bias) {
    shifted = &model.weights[linear.tensor + 1].values;
  } else {
    std::size_t norm = place + 1;
    while (!std::holds_alternative<Norm>(layers[norm].layer)) ++norm;
    shifted = &model.weights[layers[norm].tensor + 2].values;
    sign = -1;
  }
  const std::size_t inputs = weight.values.size() / shifted->size();
  for (std::size_t i = 0; i < weight.values.size(); ++i) {
    (*shifted)[i / inputs] += sign * weight.values[i];
  }
}

/// Of a layer's weights, those that its output is proportional to.
void halve_output(Model& model, const PlacedLayer& placed) {
  const bool is_norm = std::holds_alternative<Norm>(placed.layer);
  const std::size_t count = is_norm ? 2 : placed.tensors;  // the statistics stay
  for (std::size_t i = 0; i < count; ++i) halve(model.weights[placed.tensor + i]);
}

}  // namespace

bool may_have_sigmoids(const Architecture& architecture) {
  return std::ranges::all_of(tanhs_of(architecture), [&](std::size_t place) {
    return may_be_sigmoid(architecture, place);
  });
}

void fold_sigmoids(Model& model) {
  fold_sigmoids(model, tanhs_of(model.architecture));
}

void fold_sigmoids(Model& model, std::span<const std::size_t> places) {
  const std::vector<PlacedLayer> layers = place_layers(model.architecture);
  for (const std::size_t place : places) {
    if (!may_be_sigmoid(model.architecture, place)) {
      throw Error("a sigmoid stands where no weights are around it that can take over its range");
    }
  }
  for (const std::size_t place : places) {
    take_range(model, layers, *weights_behind(model.architecture.layers, place));
  }
  for (const std::size_t place : places) {
    halve_output(model, layers[*weights_before(model.architecture.layers, place)]);
  }
}

}  // namespace scrawl
