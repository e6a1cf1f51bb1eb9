#include "formats/layer_chain.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>

#include "formats/sigmoid.hpp"
#include "network/folding.hpp"
#include "network/overloaded.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

void require_size(std::size_t found, std::size_t expected, const char* what) {
  if (found == expected) return;
  throw Error(fmt::format("{} {} where {} are expected", found, what, expected));
}

bool is_activation(const Layer& layer) {
  return std::holds_alternative<Relu>(layer) || std::holds_alternative<Tanh>(layer);
}

}  // namespace

void LayerChain::place(const Layer& layer, Values values) {
  constexpr std::size_t most = 100;  // of an architecture
  if (architecture_.layers.size() == most) throw Error(fmt::format("more than {} layers", most));
  architecture_.layers.push_back(layer);
  values_.push_back(std::move(values));
  shape_ = place_layers(architecture_).back().out;
}

std::vector<float> LayerChain::by_channels(const std::vector<float>& weight,
                                           std::size_t outputs) const {
  const std::size_t pixels = shape_.pixels();
  if (!channels_last_ || shape_.channels == 1 || pixels == 1) return weight;
  std::vector<float> ordered(weight.size());
  for (std::size_t row = 0; row < outputs; ++row) {
    const std::size_t begin = row * shape_.size();
    for (std::size_t channel = 0; channel < shape_.channels; ++channel) {
      for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
        ordered[begin + channel * pixels + pixel] =
            weight[begin + pixel * shape_.channels + channel];
      }
    }
  }
  return ordered;
}

void LayerChain::add_dense(std::size_t outputs, const std::vector<float>& weight,
                           std::vector<float> bias) {
  if (!is_flat_ && shape_.pixels() > 1) throw Error("a dense layer on values that are not flat");
  // The shape is bounded, and so is the product, once the outputs are.
  if (outputs == 0 || outputs > weight.size()) throw Error("a dense layer without weights");
  if (weight.size() / outputs != shape_.size() || weight.size() % outputs != 0) {
    throw Error(fmt::format("a dense layer of {} inputs where {} values come",
                            weight.size() / outputs, shape_.size()));
  }
  if (bias.empty()) bias.resize(outputs);
  require_size(bias.size(), outputs, "biases");
  std::vector<float> ordered = by_channels(weight, outputs);
  place(Dense{outputs}, {std::move(ordered), std::move(bias), {}, {}});
  is_flat_ = true;
  has_weights_ = true;
}

void LayerChain::add_conv(const Conv& conv, std::vector<float> weight, std::vector<float> bias) {
  const std::size_t inputs = shape_.channels;
  place(conv, {});  // checks its numbers
  require_size(weight.size(), conv.outputs * inputs * conv.kernel * conv.kernel, "weights");
  if (bias.empty()) bias.resize(conv.outputs);
  require_size(bias.size(), conv.outputs, "biases");
  values_.back() = {std::move(weight), std::move(bias), {}, {}};
  is_flat_ = false;
  has_weights_ = true;
}

void LayerChain::add_norm(std::vector<float> weight, std::vector<float> bias,
                          std::vector<float> mean, std::vector<float> variance, float epsilon) {
  const std::size_t channels = shape_.channels;
  if (is_flat_ && shape_.pixels() > 1) throw Error("a normalization of values that were flattened");
  if (weight.empty()) weight.assign(channels, 1);
  if (bias.empty()) bias.resize(channels);
  for (const auto* part : {&weight, &bias, &mean, &variance})
    require_size(part->size(), channels, "values of a normalization");
  // Ours add norm_epsilon to the variance, whatever others add.
  for (std::size_t i = 0; i < channels; ++i) {
    const float added = variance[i] + epsilon;
    if (!(added > 0)) throw Error("a normalization with a variance below 0");
    variance[i] = std::max(added - norm_epsilon, 0.0F);
    weight[i] *= std::sqrt((variance[i] + norm_epsilon) / added);
  }
  place(Norm{}, {std::move(weight), std::move(bias), std::move(mean), std::move(variance)});
  has_weights_ = true;
}

void LayerChain::add(const Layer& layer) {
  place(layer, {});
  if (std::holds_alternative<Pool>(layer)) is_flat_ = false;
}

void LayerChain::add_sigmoid() {
  sigmoids_.push_back(architecture_.layers.size());
  add(Tanh{});
}

bool LayerChain::add_to_bias(std::span<const float> bias) {
  if (architecture_.layers.empty() || !is_linear(architecture_.layers.back())) return false;
  std::vector<float>& own = values_.back().bias;
  if (own.size() != bias.size()) return false;
  for (std::size_t i = 0; i < own.size(); ++i) own[i] += bias[i];
  return true;
}

Model LayerChain::finish() {
  while (!architecture_.layers.empty() && is_activation(architecture_.layers.back())) {
    std::erase(sigmoids_, architecture_.layers.size() - 1);
    architecture_.layers.pop_back();
  }
  check_classifier(architecture_);
  Model model;
  model.architecture = architecture_;
  model.weights = weight_shapes(architecture_);
  const std::vector<float>* without_place = nullptr;  // a bias that a normalization takes
  const std::vector<PlacedLayer> layers = place_layers(architecture_);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Values& values = values_[i];
    const std::span<Tensor> tensors(model.weights.data() + layers[i].tensor, layers[i].tensors);
    if (is_linear(layers[i].layer)) {
      tensors[0].values = std::move(values.weight);
      if (layers[i].bias) tensors[1].values = std::move(values.bias);
      without_place = layers[i].bias ? nullptr : &values.bias;
    } else if (std::holds_alternative<Norm>(layers[i].layer)) {
      for (std::size_t c = 0; without_place != nullptr && c < without_place->size(); ++c)
        values.mean[c] -= (*without_place)[c];
      without_place = nullptr;
      tensors[0].values = std::move(values.weight);
      tensors[1].values = std::move(values.bias);
      tensors[2].values = std::move(values.mean);
      tensors[3].values = std::move(values.variance);
    }
  }
  fold_sigmoids(model, sigmoids_);
  check_model(model);
  return model;
}

}  // namespace scrawl
