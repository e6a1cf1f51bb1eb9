#include "formats/c_source/steps.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>

#include "network/folding.hpp"
#include "network/overloaded.hpp"
#include "network/shapes.hpp"

namespace scrawl::c_source {

namespace {

/// (outputs, channels, pixels) -> (outputs, pixels, channels)
std::vector<float> channels_last(const std::vector<float>& weights, std::size_t outputs,
                                 std::size_t channels) {
  const std::size_t pixels = weights.size() / outputs / channels;
  std::vector<float> moved(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::size_t output = i / (channels * pixels);
    const std::size_t channel = i / pixels % channels;
    moved[(output * pixels + i % pixels) * channels + channel] = weights[i];
  }
  return moved;
}

/// Of a layer's numbers, as a normalization makes them.
void require_finite(const std::string& layer, std::span<const float> numbers) {
  if (std::ranges::all_of(numbers, [](float value) { return std::isfinite(value); })) return;
  throw Error(fmt::format(
      "model: {}: its normalization makes numbers that are too large for f32; train it again",
      layer));
}

class Lowering {
 public:
  explicit Lowering(const Model& model)
      : model_(model),
        layers_(place_layers(model.architecture)),
        taken_(layers_.size()),
        value_before_(layers_.size()),
        shape_(model.architecture.input) {}

  std::vector<Step> run() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      value_before_[i] = steps_.size();
      if (!taken_[i]) add(i);
    }
    return std::move(steps_);
  }

 private:
  std::span<const Tensor> tensors(std::size_t layer) const {
    return std::span(model_.weights).subspan(layers_[layer].tensor, layers_[layer].tensors);
  }

  /// Of its tensors: conv1.weight -> conv1
  std::string name_of(std::size_t layer) const {
    const std::string& tensor = tensors(layer)[0].name;
    return tensor.substr(0, tensor.find('.'));
  }

  void push(decltype(Step::work) work, const Shape& out, std::size_t layers_done) {
    steps_.push_back({std::move(work), shape_, out, layers_done});
    shape_ = out;
  }

  void add(std::size_t i) {
    const Shape& out = layers_[i].out;
    std::visit(
        Overloaded{
            [&](const Conv& conv) {
              if (conv.padding > 0) add_border(i, conv.padding);
              add_linear(i,
                         {.kernel = conv.kernel, .stride = conv.stride, .dilation = conv.dilation});
            },
            [&](const Dense&) { add_linear(i, {.kernel = layers_[i].in.height}); },
            [&](const Pool& pool) { push(pool, out, i + 1); },
            [&](const Norm&) {
              Affine affine = affine_of(tensors(i));
              require_finite(name_of(i), affine.scale);
              require_finite(name_of(i), affine.shift);
              push(Scale{name_of(i), std::move(affine.scale), std::move(affine.shift)}, out, i + 1);
            },
            [&](const Relu&) { push(Activation::relu, out, i + 1); },
            [&](const Tanh&) { push(Activation::tanh, out, i + 1); },
            [&](const Residual& residual) {
              push(Sum{value_before_[i - residual.span]}, out, i + 1);
            },
            [](const Dropout&) {}},  // does nothing in use
        layers_[i].layer);
  }

  void add_border(std::size_t layer, std::size_t border) {
    push(Pad{border}, {shape_.channels, shape_.height + 2 * border, shape_.width + 2 * border},
         layer);
  }

  void add_linear(std::size_t i, Linear linear) {
    const PlacedLayer& placed = layers_[i];
    const std::size_t outputs = placed.out.channels;
    linear.name = name_of(i);
    linear.weights = channels_last(tensors(i)[0].values, outputs, placed.in.channels);
    linear.bias = placed.bias ? tensors(i)[1].values : std::vector<float>(outputs);
    fold(i, linear);
    const std::size_t layers_done = absorb(i, linear);
    if (i + 1 == layers_.size()) {
      for (float& weight : linear.weights) weight /= model_.temperature;
      for (float& bias : linear.bias) bias /= model_.temperature;
    }
    require_finite(linear.name, linear.weights);
    require_finite(linear.name, linear.bias);
    const Shape out{outputs, placed.out.height / linear.pool, placed.out.width / linear.pool};
    push(std::move(linear), out, layers_done);
  }

  /// Puts the normalization behind a linear layer into its weights.
  void fold(std::size_t i, Linear& linear) {
    const auto folding = folding_behind(model_, layers_, i);
    if (!folding) return;
    taken_[folding->norm] = true;
    const auto& [scale, shift] = folding->affine;
    const std::size_t size = linear.weights.size() / scale.size();
    for (std::size_t at = 0; at < linear.weights.size(); ++at) {
      linear.weights[at] *= scale[at / size];
    }
    linear.bias = shift;
  }

  /// Takes over a max-pooling and an activation, in any order: the largest of values is the same
  /// before or after a growing function, so that an activation may even pass by more poolings.
  /// Returns the number of layers that are done then.
  std::size_t absorb(std::size_t i, Linear& linear) {
    std::size_t done = i + 1;
    for (std::size_t next = i + 1; next < layers_.size(); ++next) {
      if (is_residual_source(layers_, next)) break;
      const Layer& layer = layers_[next].layer;
      const auto* pool = std::get_if<Pool>(&layer);
      const bool relu = std::holds_alternative<Relu>(layer);
      if (taken_[next]) {
        done = next + 1;
      } else if (pool != nullptr && pool->kind == Pool::Kind::max) {
        if (linear.pool > 1) continue;
        linear.pool = pool->size;
        taken_[next] = true;
        done = next + 1;
      } else if ((relu || std::holds_alternative<Tanh>(layer)) &&
                 linear.activation == Activation::none) {
        linear.activation = relu ? Activation::relu : Activation::tanh;
        taken_[next] = true;
        done = next + 1;
      } else {
        break;
      }
    }
    return done;
  }

  const Model& model_;
  std::vector<PlacedLayer> layers_;
  std::vector<bool> taken_;                // layers that are done in a step before their own
  std::vector<std::size_t> value_before_;  // what comes into each layer
  Shape shape_;                            // of the last value
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> steps_of(const Model& model) {
  return Lowering(model).run();
}

}  // namespace scrawl::c_source
