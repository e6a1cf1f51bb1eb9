// A model as an ONNX graph: a node for each layer, with the input's normalization before and the
// softmax behind.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/glyph.hpp>

#include "files/files.hpp"
#include "formats/model_file.hpp"
#include "formats/onnx.hpp"
#include "network/folding.hpp"
#include "network/overloaded.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

using onnx::Attribute;

std::vector<std::int64_t> twice(std::size_t value) {
  return std::vector<std::int64_t>(2, static_cast<std::int64_t>(value));
}

/// Adds node after node, each to what the one before it gives.
class Builder {
 public:
  explicit Builder(const Model& model)
      : model_(model),
        layers_(place_layers(model.architecture)),
        folded_(layers_.size()),
        values_before_(layers_.size()) {}

  onnx::Graph run() {
    graph_.description = "Reads handwritten digits: " + to_string(model_.architecture);
    graph_.metadata = metadata_of(model_);
    add_input();
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (!folded_[i]) add(i);
    }
    add_outputs();
    return std::move(graph_);
  }

 private:
  void node(std::string name, std::string operation, std::vector<std::string> constants = {},
            std::vector<Attribute> attributes = {}) {
    constants.insert(constants.begin(), last_);
    last_ = name;
    graph_.nodes.push_back(
        {std::move(name), std::move(operation), std::move(constants), std::move(attributes)});
  }

  /// A node without a tensor: relu1, relu2, ...
  void numbered(const std::string& name, std::string operation,
                std::vector<Attribute> attributes = {}) {
    node(fmt::format("{}{}", name, ++counts_[name]), std::move(operation), {},
         std::move(attributes));
  }

  std::string number(const std::string& name, float value) {
    graph_.constants.push_back({name, {}, std::vector<float>{value}});
    return name;
  }

  std::string axes(const std::string& name, std::vector<std::int64_t> values) {
    graph_.constants.push_back({name, {static_cast<std::int64_t>(values.size())}, values});
    return name;
  }

  std::string constant(const Tensor& tensor) {
    graph_.constants.push_back(
        {tensor.name, {tensor.shape.begin(), tensor.shape.end()}, tensor.values});
    return tensor.name;
  }

  /// (batch, 28, 28) bytes -> (batch, 1, 28, 28), normalized.
  void add_input() {
    const auto side = static_cast<std::int64_t>(glyph_side);
    graph_.inputs = {{"glyphs",
                      onnx::Type::uint8,
                      {side, side},
                      "Raw pixels, row by row: 0 paper to 255 ink, white on black as in MNIST"}};
    last_ = "glyphs";
    const auto [mean, std_dev] = model_.normalization;
    node("pixels", "Cast", {}, {{"to", std::int64_t{1}}});  // float
    node("centered", "Sub", {number("normalization.mean", 255 * mean)});
    node("normalized", "Div", {number("normalization.std", 255 * std_dev)});
    node("planes", "Unsqueeze", {axes("planes.axes", {1})});
  }

  void add_outputs() {
    node("logits", "Div", {number("temperature", model_.temperature)});
    node("probabilities", "Softmax", {}, {{"axis", std::int64_t{1}}});
    const auto digits = static_cast<std::int64_t>(digit_count);
    graph_.outputs = {{"probabilities",
                       onnx::Type::float32,
                       {digits},
                       "Of the digits 0 to 9; they sum to 1: the softmax of the logits"},
                      {"logits",
                       onnx::Type::float32,
                       {digits},
                       "Of the digits 0 to 9, divided by the model's temperature"}};
  }

  void add(std::size_t i) {
    values_before_[i] = {last_, flat_};
    std::visit(
        Overloaded{[&](const Conv& conv) { add_conv(i, conv); },
                   [&](const Dense&) {
                     become_flat();
                     node(name_of(i), "Gemm", linear(i), {{"transB", std::int64_t{1}}});
                   },
                   [&](const Pool& pool) { add_pool(pool); }, [&](const Norm&) { add_norm(i); },
                   [&](const Relu&) { numbered("relu", "Relu"); },
                   [&](const Tanh&) { numbered("tanh", "Tanh"); },
                   [&](const Residual& residual) { add_residual(i, residual); },
                   [](const Dropout&) {}},  // does nothing in use
        layers_[i].layer);
  }

  void add_conv(std::size_t i, const Conv& conv) {
    become_planes();
    node(name_of(i), "Conv", linear(i),
         {{"dilations", twice(conv.dilation)},
          {"kernel_shape", twice(conv.kernel)},
          {"pads", std::vector<std::int64_t>(4, static_cast<std::int64_t>(conv.padding))},
          {"strides", twice(conv.stride)}});
  }

  void add_pool(const Pool& pool) {
    become_planes();
    const bool largest = pool.kind == Pool::Kind::max;
    numbered(largest ? "max_pool" : "average_pool", largest ? "MaxPool" : "AveragePool",
             {{"kernel_shape", twice(pool.size)}, {"strides", twice(pool.size)}});
  }

  void add_norm(std::size_t i) {
    std::vector<std::string> names;
    for (const Tensor& tensor : tensors(i)) names.push_back(constant(tensor));
    node(name_of(i), "BatchNormalization", names, {{"epsilon", norm_epsilon}});
  }

  void add_residual(std::size_t i, const Residual& residual) {
    const auto& [other, flat] = values_before_[i - residual.span];
    flat ? become_flat() : become_planes();
    node(fmt::format("residual{}", ++counts_["residual"]), "Add", {other});
  }

  std::span<const Tensor> tensors(std::size_t layer) const {
    return std::span(model_.weights).subspan(layers_[layer].tensor, layers_[layer].tensors);
  }

  /// Of its tensors: conv1.weight -> conv1
  std::string name_of(std::size_t layer) const {
    const std::string& tensor = tensors(layer)[0].name;
    return tensor.substr(0, tensor.find('.'));
  }

  /// The names of a linear layer's weight and bias, with the normalization behind it inside.
  std::vector<std::string> linear(std::size_t i) {
    Tensor weight = tensors(i)[0];
    std::optional<Tensor> bias;
    if (layers_[i].bias) bias = tensors(i)[1];
    if (auto folding = folding_behind(model_, layers_, i)) {
      folded_[folding->norm] = true;
      auto& [scale, shift] = folding->affine;
      const std::size_t size = weight.values.size() / scale.size();
      for (std::size_t at = 0; at < weight.values.size(); ++at) {
        weight.values[at] *= scale[at / size];
      }
      bias = Tensor{name_of(i) + ".bias", {shift.size()}, std::move(shift)};
    }
    std::vector<std::string> names{constant(weight)};
    if (bias) names.push_back(constant(*bias));
    return names;
  }

  /// (batch, channels, height, width) -> (batch, values)
  void become_flat() {
    if (!std::exchange(flat_, true)) numbered("flat", "Flatten", {{"axis", std::int64_t{1}}});
  }

  /// (batch, values) -> (batch, values, 1, 1)
  void become_planes() {
    if (!std::exchange(flat_, false)) return;
    const std::string name = fmt::format("pixel{}", ++counts_["pixel"]);
    node(name, "Unsqueeze", {axes(name + ".axes", {2, 3})});
  }

  const Model& model_;
  std::vector<PlacedLayer> layers_;
  std::vector<bool> folded_;  // normalizations that are in the weights of a layer before them
  std::vector<std::pair<std::string, bool>> values_before_;  // each layer: its name, and flat_
  onnx::Graph graph_;
  std::string last_;                   // the value so far
  bool flat_ = false;                  // and whether it is (batch, values)
  std::map<std::string, int> counts_;  // of nodes without a tensor, by name
};

}  // namespace

void export_onnx(const Model& model, const std::filesystem::path& file) {
  check_model(model);
  check_classifier(model.architecture);
  const std::string bytes = onnx::to_bytes(Builder(model).run());
  if (bytes.size() > std::numeric_limits<std::int32_t>::max()) {
    throw Error(
        fmt::format("{}: {} bytes, more than the 2 GB that an ONNX file may have; take a "
                    "smaller network",
                    file.string(), bytes.size()));
  }
  write_file(file, std::as_bytes(std::span(bytes)));
}

}  // namespace scrawl
