#include "formats/import_onnx.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "files/excerpt.hpp"
#include "formats/input_scale.hpp"
#include "formats/layer_chain.hpp"
#include "formats/model_file.hpp"
#include "formats/onnx.hpp"

namespace scrawl {

namespace {

using Integers = std::vector<std::int64_t>;
using onnx::Constant;
using onnx::Node;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(what);
}

/// Goes through the nodes, each of which takes what the one before it gave.
class ChainReader {
 public:
  explicit ChainReader(const onnx::Graph& graph) : graph_(graph) {
    for (const Constant& constant : graph.constants) constants_[constant.name] = &constant;
  }

  Imported read() {
    find_input();
    for (const Node& node : graph_.nodes) {
      try {
        take(node);
      } catch (const Error& error) {
        throw Error(fmt::format("node {} ({}): {}", excerpt(node.name), excerpt(node.operation),
                                error.what()));
      }
      if (is_done_) break;
    }
    Imported imported{.model = chain_.finish()};
    imported.knows_normalization = input_.apply(imported.model);
    imported.model.temperature = temperature_;
    if (graph_.producer == "scrawl") imported.model.metadata = own_metadata(graph_.metadata);
    return imported;
  }

 private:
  using Operation = void (ChainReader::*)(const Node&);
  struct Known {
    std::string_view name;
    Operation read;
  };

  /// Files of before 2019 have the constants among the inputs.
  void find_input() {
    std::vector<const onnx::Value*> inputs;
    for (const onnx::Value& input : graph_.inputs) {
      if (!constants_.contains(input.name)) inputs.push_back(&input);
    }
    if (inputs.size() != 1)
      refuse(fmt::format("{} inputs where a glyph alone is expected", inputs.size()));
    const auto& shape = inputs[0]->shape;
    const bool is_known = !shape.empty() && std::ranges::all_of(shape, [](std::int64_t extent) {
      constexpr std::int64_t largest = 1 << 16;
      return extent > 0 && extent < largest;
    });
    std::size_t size = 1;
    for (const std::int64_t extent : shape) size *= static_cast<std::size_t>(extent);
    if (is_known && shape.size() < 5 && size != glyph_pixels) {
      refuse(fmt::format("its input is ({}) for each picture, where 28x28 pixels are expected",
                         fmt::join(shape, ", ")));
    }
    input_.set_bytes(inputs[0]->type == onnx::Type::uint8);
    current_ = inputs[0]->name;
  }

  void take(const Node& node) {
    static constexpr Known operations[] = {
        {"Gemm", &ChainReader::gemm},
        {"MatMul", &ChainReader::matmul},
        {"Conv", &ChainReader::conv},
        {"MaxPool", &ChainReader::pool},
        {"AveragePool", &ChainReader::pool},
        {"GlobalAveragePool", &ChainReader::global_pool},
        {"ReduceMean", &ChainReader::reduce_mean},
        {"BatchNormalization", &ChainReader::norm},
        {"Relu", &ChainReader::relu},
        {"Tanh", &ChainReader::tanh},
        {"Sigmoid", &ChainReader::sigmoid},
        {"Add", &ChainReader::add},
        {"Sub", &ChainReader::subtract},
        {"Mul", &ChainReader::multiply},
        {"Div", &ChainReader::divide},
        {"Flatten", &ChainReader::flatten},
        {"Reshape", &ChainReader::reshape},
        {"Transpose", &ChainReader::transpose},
        {"Pad", &ChainReader::pad},
        {"Softmax", &ChainReader::end},
        {"LogSoftmax", &ChainReader::end},
        {"ArgMax", &ChainReader::end},
        {"Identity", &ChainReader::pass},
        {"Dropout", &ChainReader::pass},
        {"Cast", &ChainReader::pass},
        {"Squeeze", &ChainReader::pass},
        {"Unsqueeze", &ChainReader::pass},
    };
    if (is_aside(node)) return;
    const auto* known = std::ranges::find(operations, node.operation, &Known::name);
    if (known == std::end(operations)) {
      refuse(
          "there is no such layer here. Read are chains of Conv, Gemm, MatMul, MaxPool, "
          "AveragePool, BatchNormalization, Relu, Tanh, Sigmoid and what reshapes; for other "
          "networks, run the file with onnxruntime");
    }
    if (!takes_current(node)) {
      refuse(
          fmt::format("it does not take what the node before it gives, {}: a network with "
                      "branches, where a chain of layers is expected",
                      excerpt(current_)));
    }
    places_[current_] = chain_.size();
    (this->*known->read)(node);
    current_ = node.name;
  }

  /// Nodes that make constants of constants, and those that find out the sizes of a Reshape.
  bool is_aside(const Node& node) {
    if (node.operation == "Shape") {
      asides_.insert(node.name);
      return true;
    }
    const bool is_aside = std::ranges::all_of(node.inputs, [&](const std::string& input) {
      return input.empty() || constants_.contains(input) || asides_.contains(input);
    });
    if (!is_aside) return false;
    const bool is_same = node.operation == "Identity" && !node.inputs.empty();
    const Constant* same = is_same ? constant_or_none(node, 0) : nullptr;
    same != nullptr ? void(constants_[node.name] = same) : void(asides_.insert(node.name));
    return true;
  }

  bool takes_current(const Node& node) const {
    return std::ranges::find(node.inputs, current_) != node.inputs.end();
  }

  // ---- Constants and attributes

  const Constant* constant_or_none(const Node& node, std::size_t input) const {
    if (input >= node.inputs.size()) return nullptr;
    const auto found = constants_.find(node.inputs[input]);
    return found == constants_.end() ? nullptr : found->second;
  }

  const Constant& constant(const Node& node, std::size_t input, std::size_t dimensions) const {
    const Constant* found = constant_or_none(node, input);
    if (found == nullptr) refuse(fmt::format("its input {} is no constant", input));
    if (found->shape.size() != dimensions) {
      refuse(fmt::format("{} has {} dimensions, expected {}", excerpt(found->name),
                         found->shape.size(), dimensions));
    }
    return *found;
  }

  static const std::vector<float>& reals(const Constant& constant) {
    const auto* values = std::get_if<std::vector<float>>(&constant.values);
    if (values == nullptr) refuse(fmt::format("{} is of integers", excerpt(constant.name)));
    return *values;
  }

  /// Of a vector that may be left out, as a bias.
  std::vector<float> reals_or_none(const Node& node, std::size_t input) const {
    if (input >= node.inputs.size() || node.inputs[input].empty()) return {};
    const Constant* found = constant_or_none(node, input);
    if (found == nullptr) refuse(fmt::format("its input {} is no constant", input));
    return reals(*found);
  }

  /// The one number of an input; nothing where it is none.
  std::optional<float> number(const Node& node, std::size_t input) const {
    const Constant* found = constant_or_none(node, input);
    if (found == nullptr) return std::nullopt;
    return std::visit(
        [](const auto& values) {
          return values.size() == 1 ? std::optional(static_cast<float>(values[0])) : std::nullopt;
        },
        found->values);
  }

  template <typename Kind>
  static Kind attribute(const Node& node, std::string_view name, Kind otherwise) {
    const auto found = std::ranges::find(node.attributes, name, &onnx::Attribute::name);
    if (found == node.attributes.end()) return otherwise;
    const auto* value = std::get_if<Kind>(&found->value);
    if (value == nullptr) refuse(fmt::format("{} is of another type than it should be", name));
    return *value;
  }

  /// All the same, as strides mostly are.
  static std::size_t same(const Node& node, std::string_view name, std::int64_t otherwise) {
    const auto values = attribute<Integers>(node, name, Integers{otherwise});
    constexpr std::int64_t largest = 1 << 16;
    const bool is_same = std::ranges::all_of(values, [&](std::int64_t value) {
      return value == values[0] && value >= 0 && value < largest;
    });
    if (values.empty() || !is_same)
      refuse(fmt::format("{} is ({}), expected the same in each direction", name,
                         fmt::join(values, ", ")));
    return static_cast<std::size_t>(values[0]);
  }

  // ---- Layers with weights

  void gemm(const Node& node) {
    if (attribute<float>(node, "alpha", 1) != 1 || attribute<float>(node, "beta", 1) != 1 ||
        attribute<std::int64_t>(node, "transA", 0) != 0 || node.inputs[0] != current_) {
      refuse("other than values times weights plus biases");
    }
    const Constant& weight = constant(node, 1, 2);
    chain_.flatten();
    dense(weight, attribute<std::int64_t>(node, "transB", 0) == 0, reals_or_none(node, 2));
  }

  void matmul(const Node& node) {
    if (node.inputs[0] != current_) refuse("weights times values, expected values times weights");
    dense(constant(node, 1, 2), true, {});
  }

  void dense(const Constant& weight, bool is_transposed, std::vector<float> bias) {
    const auto rows = static_cast<std::size_t>(weight.shape[0]);
    const auto columns = static_cast<std::size_t>(weight.shape[1]);
    std::vector<float> values = reals(weight);
    if (is_transposed) {
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j)
          values[j * rows + i] = reals(weight)[i * columns + j];
      }
    }
    // A bias of one number is that of each output.
    const std::size_t outputs = is_transposed ? columns : rows;
    if (bias.size() == 1) bias.assign(std::min(outputs, values.size()), bias[0]);
    chain_.add_dense(outputs, values, std::move(bias));
  }

  void conv(const Node& node) {
    const Constant& weight = constant(node, 1, 4);
    if (attribute<std::int64_t>(node, "group", 1) != 1) refuse("a convolution in groups");
    if (weight.shape[2] != weight.shape[3]) refuse("its kernels are not square");
    if (weight.shape[1] != static_cast<std::int64_t>(chain_.shape().channels)) {
      refuse(fmt::format("{} channels where {} come", weight.shape[1], chain_.shape().channels));
    }
    Conv conv{static_cast<std::size_t>(weight.shape[0]), static_cast<std::size_t>(weight.shape[2])};
    conv.stride = same(node, "strides", 1);
    conv.dilation = same(node, "dilations", 1);
    conv.padding = same(node, "pads", 0);
    const auto automatic = attribute<std::string>(node, "auto_pad", "NOTSET");
    if (automatic.starts_with("SAME")) {
      if (conv.stride != 1 || conv.kernel % 2 == 0) refuse("a border that is not the same around");
      conv.padding = conv.dilation * (conv.kernel - 1) / 2;
    }
    chain_.add_conv(conv, reals(weight), reals_or_none(node, 2));
  }

  void norm(const Node& node) {
    const auto values = [&](std::size_t input) { return reals(constant(node, input, 1)); };
    constexpr float usual = 1e-5F;
    chain_.add_norm(values(1), values(2), values(3), values(4),
                    attribute<float>(node, "epsilon", usual));
  }

  // ---- Layers without

  void pool(const Node& node) {
    const std::size_t size = same(node, "kernel_shape", 0);
    const std::size_t stride = same(node, "strides", 1);
    if (size != stride || same(node, "pads", 0) != 0 || same(node, "dilations", 1) != 1) {
      refuse(
          fmt::format("squares of {} at every {} pixels, or with a border: squares side by side "
                      "are expected",
                      size, stride));
    }
    const auto [channels, height, width] = chain_.shape();
    const bool fills = size != 0 && height % size == 0 && width % size == 0;
    if (attribute<std::int64_t>(node, "ceil_mode", 0) != 0 && !fills)
      refuse("squares that go beyond the edge (ceil_mode)");
    chain_.add(Pool{node.operation == "MaxPool" ? Pool::Kind::max : Pool::Kind::average, size});
  }

  void global_pool(const Node&) {
    const auto [channels, height, width] = chain_.shape();
    if (height != width) refuse("an average of what is not square");
    if (height > 1) chain_.add(Pool{Pool::Kind::average, height});
  }

  void reduce_mean(const Node& node) {
    Integers axes = attribute<Integers>(node, "axes", {});
    if (const Constant* input = constant_or_none(node, 1)) {
      if (const auto* values = std::get_if<Integers>(&input->values)) axes = *values;
    }
    constexpr std::int64_t dimensions = 4;
    for (std::int64_t& axis : axes) axis += axis < 0 ? dimensions : 0;
    std::ranges::sort(axes);
    if (axes != Integers{2, 3}) refuse("an average of other than all pixels");
    global_pool(node);
  }

  void relu(const Node&) { chain_.add(Relu{}); }
  void tanh(const Node&) { chain_.add(Tanh{}); }
  void sigmoid(const Node&) { chain_.add_sigmoid(); }
  void pass(const Node&) {}
  void end(const Node&) { is_done_ = true; }

  void flatten(const Node& node) {
    if (attribute<std::int64_t>(node, "axis", 1) != 1) refuse("axis: expected 1");
    chain_.flatten();
  }

  /// To (batch, values), or to (batch, channels, height, width).
  void reshape(const Node& node) {
    const Constant* target = constant_or_none(node, 1);
    const auto* sizes = target == nullptr ? nullptr : std::get_if<Integers>(&target->values);
    const Shape shape = chain_.shape();
    if (sizes == nullptr || sizes->size() == 2) {
      const auto size = static_cast<std::int64_t>(shape.size());
      if (sizes != nullptr && sizes->back() != -1 && sizes->back() != size)
        refuse(fmt::format("to {} values where {} come", sizes->back(), size));
      chain_.flatten();
      return;
    }
    std::int64_t size = 1;
    for (std::size_t i = 1; i < sizes->size(); ++i) {
      if (__builtin_mul_overflow(size, (*sizes)[i], &size)) refuse("its sizes cannot be");
    }
    const Integers planes{static_cast<std::int64_t>(shape.channels),
                          static_cast<std::int64_t>(shape.height),
                          static_cast<std::int64_t>(shape.width)};
    const bool is_glyph = !chain_.has_weights() && size == static_cast<std::int64_t>(glyph_pixels);
    const bool is_same =
        sizes->size() == 4 && std::equal(planes.begin(), planes.end(), sizes->begin() + 1);
    if (!is_glyph && !is_same)
      refuse(fmt::format("to ({}), where values of ({}) come", fmt::join(*sizes, ", "),
                         fmt::join(planes, ", ")));
  }

  /// PyTorch writes one before each average-pooling, mostly of nothing.
  void pad(const Node& node) {
    Integers borders = attribute<Integers>(node, "pads", {});
    if (const Constant* input = constant_or_none(node, 1)) {
      if (const auto* values = std::get_if<Integers>(&input->values)) borders = *values;
    }
    const bool is_nothing =
        !borders.empty() && std::ranges::count(borders, 0) == std::ssize(borders);
    if (!is_nothing) refuse("a border that is added before a layer");
  }

  /// Between (batch, channels, height, width) and (batch, height, width, channels).
  void transpose(const Node& node) {
    const auto order = attribute<Integers>(node, "perm", {});
    const bool to_channels_last = order == Integers{0, 2, 3, 1};
    if (!to_channels_last && order != Integers{0, 3, 1, 2})
      refuse(fmt::format("to the order ({})", fmt::join(order, ", ")));
    chain_.set_channels_last(to_channels_last);
  }

  // ---- Arithmetic: biases, residual sums, the input's normalization, the temperature

  void add(const Node& node) {
    if (node.inputs.size() != 2) refuse("two inputs are expected");
    const std::size_t other = node.inputs[0] == current_ ? 1 : 0;
    if (const Constant* constant = constant_or_none(node, other)) {
      if (!chain_.has_weights() && number(node, other)) return input_.add(*number(node, other));
      if (!chain_.add_to_bias(reals(*constant))) refuse("what is added is no bias");
      return;
    }
    const auto place = places_.find(node.inputs[other]);
    if (place == places_.end() || place->second >= chain_.size())
      refuse("a sum with what does not come from before");
    chain_.add(Residual{chain_.size() - place->second});
  }

  void subtract(const Node& node) {
    const bool is_second = node.inputs[0] == current_;
    const auto value = number(node, is_second ? 1 : 0);
    if (!value || chain_.has_weights()) refuse("a difference behind the first layer");
    if (!is_second) input_.multiply(-1);
    input_.add(is_second ? -*value : *value);
  }

  void multiply(const Node& node) {
    const auto value = number(node, node.inputs[0] == current_ ? 1 : 0);
    if (!value || chain_.has_weights()) refuse("a product behind the first layer");
    input_.multiply(*value);
  }

  void divide(const Node& node) {
    const auto value = node.inputs[0] == current_ ? number(node, 1) : std::nullopt;
    if (!value) refuse("a quotient of other than values and a number");
    if (!chain_.has_weights()) return input_.multiply(1 / *value);
    if (chain_.shape() != Shape{digit_count, 1, 1}) refuse("a quotient between layers");
    temperature_ *= *value;
  }

  const onnx::Graph& graph_;
  std::map<std::string, const Constant*, std::less<>> constants_;
  std::set<std::string, std::less<>> asides_;
  std::map<std::string, std::size_t> places_;  // of values: how many layers are before them
  LayerChain chain_;
  InputScale input_;
  std::string current_;  // the value that the chain gives so far
  float temperature_ = 1;
  bool is_done_ = false;
};

}  // namespace

Imported import_onnx(std::span<const std::byte> bytes, const std::filesystem::path& name) {
  try {
    return ChainReader(onnx::parse(bytes)).read();
  } catch (const Error& error) {
    throw Error(fmt::format("{}: ONNX: {}", name.string(), error.what()));
  }
}

}  // namespace scrawl
