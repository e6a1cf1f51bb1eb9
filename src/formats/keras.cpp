#include "formats/keras.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "files/excerpt.hpp"
#include "formats/hdf5.hpp"
#include "formats/input_scale.hpp"
#include "formats/layer_chain.hpp"
#include "formats/zip.hpp"

namespace scrawl {

namespace {

using Json = nlohmann::json;
using Bytes = std::span<const std::byte>;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(what);
}

Json parse_json(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) refuse("its description is no JSON");
  return json;
}

/// A member of an object, or null.
const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string text_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : "";
}

bool flag(const Json& config, const char* name, bool otherwise) {
  const Json& value = member(config, name);
  return value.is_boolean() ? value.get<bool>() : otherwise;
}

double number(const Json& config, const char* name, double otherwise) {
  const Json& value = member(config, name);
  return value.is_number() ? value.get<double>() : otherwise;
}

/// One number for both directions, as [3, 3] or 3.
std::size_t square(const Json& config, const char* name, std::size_t otherwise) {
  const Json& value = member(config, name);
  if (value.is_null()) return otherwise;
  const Json& first = value.is_array() && !value.empty() ? value[0] : value;
  if (value.is_array() && std::ranges::any_of(value, [&](const Json& one) { return one != first; }))
    refuse(fmt::format("its {} differs by direction", name));
  constexpr std::uint64_t most = 1 << 16;
  if (!first.is_number_unsigned() || first.get<std::uint64_t>() > most)
    refuse(fmt::format("its {} is no size", name));
  return first.get<std::size_t>();
}

// ---- Where weights are

/// Of all layers, by the layer's name: kernel, bias, ... in Keras' order.
using Weights = std::map<std::string, std::vector<Tensor>>;

/// Of .h5: model_weights/dense/dense/kernel:0, with the names as attributes.
Weights weights_by_name(const Hdf5& file) {
  const std::string root = "/model_weights";
  Weights weights;
  for (const std::string& layer : file.texts(root, "layer_names")) {
    const std::string group = fmt::format("{}/{}", root, layer);
    for (const std::string& name : file.texts(group, "weight_names"))
      weights[layer].push_back(file.tensor(fmt::format("{}/{}", group, name)));
  }
  return weights;
}

/// Conv2D -> conv2d, BatchNormalization -> batch_normalization: what Keras calls the group of a
/// layer of a class.
std::string snake_case(const std::string& name) {
  std::string snake;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool is_upper = name[i] >= 'A' && name[i] <= 'Z';
    const bool begins =
        is_upper && i > 0 && i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z';
    const bool follows = is_upper && i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z';
    if (begins || follows) snake += '_';
    snake += is_upper ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
  }
  return snake;
}

/// Of .keras: layers/conv2d_1/vars/0, where the second layer of a class is class_1.
Weights weights_by_class(const Hdf5& file, const Json& layers) {
  std::string root = "/layers";
  if (!file.has(root)) root = "/_layer_checkpoint_dependencies";
  Weights weights;
  std::map<std::string, std::size_t> counts;
  for (const Json& layer : layers) {
    std::string group = snake_case(text_of(member(layer, "class_name")));
    if (const std::size_t count = counts[group]++; count > 0) group += fmt::format("_{}", count);
    const std::string variables = fmt::format("{}/{}/vars", root, group);
    if (!file.has(variables)) continue;
    std::vector<Tensor>& own = weights[text_of(member(member(layer, "config"), "name"))];
    constexpr std::size_t most = 10;
    for (std::size_t i = 0; i < most && file.has(fmt::format("{}/{}", variables, i)); ++i)
      own.push_back(file.tensor(fmt::format("{}/{}", variables, i)));
  }
  return weights;
}

/// The list of layers, wherever this version of Keras has it.
const Json& layers_of(const Json& model) {
  const Json& config = member(model, "config");
  const Json& layers = config.is_array() ? config : member(config, "layers");
  if (!layers.is_array() || layers.empty()) refuse("it describes no layers");
  return layers;
}

// ---- From layers to a network

class KerasReader {
 public:
  KerasReader(const Json& layers, Weights weights) : layers_(layers), weights_(std::move(weights)) {
    chain_.set_channels_last(true);
  }

  Imported read() {
    for (const Json& layer : layers_) {
      const Json& config = member(layer, "config");
      const std::string name = text_of(member(config, "name"));
      const std::string kind = text_of(member(layer, "class_name"));
      try {
        check_chain(layer);
        check_input(config);
        take(kind, name, config);
      } catch (const Error& error) {
        throw Error(fmt::format("layer {} ({}): {}", excerpt(name), excerpt(kind), error.what()));
      }
      last_ = name;
    }
    Imported imported{.model = chain_.finish()};
    imported.knows_normalization = input_.apply(imported.model);
    return imported;
  }

 private:
  /// In a functional model each layer names those that it takes values from.
  void check_chain(const Json& layer) const {
    const Json& inbound = member(layer, "inbound_nodes");
    if (last_.empty() || !inbound.is_array() || inbound.empty()) return;
    if (inbound.dump().find(Json(last_).dump()) == std::string::npos)
      refuse("it does not come behind the layer before it: a network with branches");
  }

  static void check_input(const Json& config) {
    for (const char* key : {"batch_shape", "batch_input_shape"}) {
      const Json& shape = member(config, key);
      if (!shape.is_array() || shape.size() < 2) continue;
      std::size_t size = 1;
      for (std::size_t i = 1; i < shape.size(); ++i) {
        if (!shape[i].is_number_unsigned()) return;
        size *= std::min<std::size_t>(shape[i].get<std::size_t>(), glyph_pixels + 1);
        if (size > glyph_pixels * glyph_pixels) break;
      }
      if (size != glyph_pixels)
        refuse(fmt::format("its input is {}, where 28x28 pixels are expected", shape.dump()));
    }
  }

  void take(const std::string& kind, const std::string& name, const Json& config) {
    static constexpr std::string_view ignored[] = {
        "InputLayer",     "Dropout",          "SpatialDropout2D",      "GaussianDropout",
        "GaussianNoise",  "RandomRotation",   "RandomTranslation",     "RandomZoom",
        "RandomContrast", "RandomBrightness", "ActivityRegularization"};
    if (std::ranges::find(ignored, kind) != std::end(ignored)) return;
    if (is_done_) refuse("it comes behind a softmax");
    if (kind == "Dense") return dense(name, config);
    if (kind == "Conv2D" || kind == "Convolution2D") return conv(name, config);
    if (kind == "MaxPooling2D" || kind == "AveragePooling2D") return pool(kind, config);
    if (kind == "GlobalAveragePooling2D") return global_pool();
    if (kind == "BatchNormalization") return norm(name, config);
    if (kind == "Flatten") return chain_.flatten();
    if (kind == "Reshape") return reshape(config);
    if (kind == "Activation") return activate(member(config, "activation"));
    if (kind == "ReLU") return relu(config);
    if (kind == "Softmax") return end();
    if (kind == "Rescaling") return rescale(config);
    refuse(
        "there is no such layer here. Read are Dense, Conv2D, MaxPooling2D, AveragePooling2D, "
        "GlobalAveragePooling2D, BatchNormalization, Flatten, Reshape, Dropout, Activation, ReLU, "
        "Softmax and Rescaling, one after another");
  }

  std::vector<Tensor>& weights(const std::string& name, std::size_t count) {
    std::vector<Tensor>& own = weights_[name];
    if (own.size() != count)
      refuse(fmt::format("{} arrays of weights where {} are expected", own.size(), count));
    return own;
  }

  void dense(const std::string& name, const Json& config) {
    const bool has_bias = flag(config, "use_bias", true);
    std::vector<Tensor>& own = weights(name, has_bias ? 2 : 1);
    if (own[0].shape.size() != 2) refuse("its weights have no rows and columns");
    const std::size_t inputs = own[0].shape[0];
    const std::size_t outputs = own[0].shape[1];
    std::vector<float> weight(own[0].values.size());
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t j = 0; j < outputs; ++j)
        weight[j * inputs + i] = own[0].values[i * outputs + j];
    }
    chain_.add_dense(outputs, weight, has_bias ? std::move(own[1].values) : std::vector<float>());
    activate(member(config, "activation"));
  }

  /// (kernel, kernel, inputs, outputs) -> (outputs, inputs, kernel, kernel)
  static std::vector<float> by_outputs(const Tensor& weight) {
    const std::size_t pixels = weight.shape[0] * weight.shape[1];
    const std::size_t inputs = weight.shape[2];
    const std::size_t outputs = weight.shape[3];
    std::vector<float> ordered(weight.values.size());
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      for (std::size_t in = 0; in < inputs; ++in) {
        for (std::size_t out = 0; out < outputs; ++out) {
          ordered[(out * inputs + in) * pixels + pixel] =
              weight.values[(pixel * inputs + in) * outputs + out];
        }
      }
    }
    return ordered;
  }

  void conv(const std::string& name, const Json& config) {
    if (text_of(member(config, "data_format")) == "channels_first")
      refuse("its channels come first (data_format)");
    if (square(config, "groups", 1) != 1) refuse("a convolution in groups");
    const bool has_bias = flag(config, "use_bias", true);
    std::vector<Tensor>& own = weights(name, has_bias ? 2 : 1);
    const std::vector<std::size_t>& shape = own[0].shape;
    if (shape.size() != 4 || shape[0] != shape[1]) refuse("its kernels are not square");
    if (shape[2] != chain_.shape().channels)
      refuse(fmt::format("{} channels where {} come", shape[2], chain_.shape().channels));
    Conv conv{shape[3], shape[0], square(config, "strides", 1), 0,
              square(config, "dilation_rate", 1)};
    if (text_of(member(config, "padding")) == "same") {
      conv.padding = conv.dilation * (conv.kernel - 1) / 2;
      for (const std::size_t side : {chain_.shape().height, chain_.shape().width})
        check_same_padding(conv, side);
    }
    chain_.add_conv(conv, by_outputs(own[0]),
                    has_bias ? std::move(own[1].values) : std::vector<float>());
    activate(member(config, "activation"));
  }

  /// TensorFlow's border is wider at the right and bottom where it does not come out even.
  static void check_same_padding(const Conv& conv, std::size_t side) {
    if (conv.stride == 0) refuse("a stride of 0");
    const std::size_t reach = ((side + conv.stride - 1) / conv.stride - 1) * conv.stride +
                              conv.dilation * (conv.kernel - 1) + 1;
    if (reach - std::min(reach, side) != 2 * conv.padding)
      refuse("a border that is not the same around");
  }

  void pool(const std::string& kind, const Json& config) {
    const std::size_t size = square(config, "pool_size", 2);
    if (square(config, "strides", size) != size) refuse("squares that overlap, or lie apart");
    const Shape shape = chain_.shape();
    const bool fills = size > 0 && shape.height % size == 0 && shape.width % size == 0;
    if (text_of(member(config, "padding")) == "same" && !fills)
      refuse("squares that go beyond the edge");
    chain_.add(Pool{kind == "MaxPooling2D" ? Pool::Kind::max : Pool::Kind::average, size});
  }

  void global_pool() {
    const Shape shape = chain_.shape();
    if (shape.height != shape.width) refuse("an average of what is not square");
    if (shape.height > 1) chain_.add(Pool{Pool::Kind::average, shape.height});
  }

  void norm(const std::string& name, const Json& config) {
    const bool has_scale = flag(config, "scale", true);
    const bool has_center = flag(config, "center", true);
    std::vector<Tensor>& own = weights(name, std::size_t{2} + has_scale + has_center);
    std::size_t next = 0;
    const auto take_next = [&] { return std::move(own[next++].values); };
    std::vector<float> weight = has_scale ? take_next() : std::vector<float>();
    std::vector<float> bias = has_center ? take_next() : std::vector<float>();
    std::vector<float> mean = take_next();
    constexpr double usual = 1e-3;
    chain_.add_norm(std::move(weight), std::move(bias), std::move(mean), take_next(),
                    static_cast<float>(number(config, "epsilon", usual)));
  }

  void reshape(const Json& config) {
    const Json& target = member(config, "target_shape");
    if (target.is_array() && target.size() == 1) return chain_.flatten();
    if (chain_.has_weights()) refuse("a reshaping between layers with weights");
  }

  /// Its name, or a description with the name in it.
  void activate(const Json& activation) {
    const std::string name =
        text_of(activation.is_object() ? member(activation, "config") : activation);
    if (activation.is_null() || name == "linear") return;
    if (name == "relu") return chain_.add(Relu{});
    if (name == "tanh") return chain_.add(Tanh{});
    if (name == "sigmoid") return chain_.add_sigmoid();
    if (name == "softmax" || name == "log_softmax") return end();
    refuse(
        fmt::format("its activation is {}, where relu, tanh, sigmoid, softmax and linear are "
                    "known",
                    excerpt(activation.dump())));
  }

  void relu(const Json& config) {
    if (!member(config, "max_value").is_null() || number(config, "negative_slope", 0) != 0 ||
        number(config, "threshold", 0) != 0)
      refuse("a ReLU with a largest value or a slope");
    chain_.add(Relu{});
  }

  void rescale(const Json& config) {
    if (chain_.has_weights()) refuse("it comes behind a layer with weights");
    input_.multiply(static_cast<float>(number(config, "scale", 1)));
    input_.add(static_cast<float>(number(config, "offset", 0)));
  }

  void end() { is_done_ = true; }

  const Json& layers_;
  Weights weights_;
  LayerChain chain_;
  InputScale input_;
  std::string last_;  // the name of the layer before
  bool is_done_ = false;
};

Bytes entry(const std::vector<ZipEntry>& entries, std::string_view name) {
  const auto found = std::ranges::find(entries, name, &ZipEntry::name);
  return found == entries.end() ? Bytes() : found->content;
}

Imported read_archive(Bytes bytes, const std::filesystem::path& name) {
  const std::vector<ZipEntry> entries = parse_zip(bytes, name);
  const Bytes config = entry(entries, "config.json");
  const Bytes weights = entry(entries, "model.weights.h5");
  if (weights.empty()) refuse("there is no model.weights.h5 in it");
  const Json model = parse_json({reinterpret_cast<const char*>(config.data()), config.size()});
  const Json& layers = layers_of(model);
  return KerasReader(layers, weights_by_class(Hdf5(weights), layers)).read();
}

Imported read_h5(Bytes bytes) {
  const Hdf5 file(bytes);
  const std::vector<std::string> config = file.texts("/", "model_config");
  if (config.size() != 1) {
    refuse(
        "it holds weights without a description of the layers; save the whole model: "
        "model.save(\"model.keras\")");
  }
  const Json model = parse_json(config[0]);
  return KerasReader(layers_of(model), weights_by_name(file)).read();
}

bool is_archive(Bytes bytes) {
  if (!is_zip(bytes)) return false;
  constexpr std::string_view weights = "model.weights.h5";  // its name stands in the directory
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.find(weights) != std::string_view::npos &&
         text.find("config.json") != std::string_view::npos;
}

}  // namespace

bool is_keras(Bytes bytes) {
  return is_hdf5(bytes) || is_archive(bytes);
}

Imported import_keras(Bytes bytes, const std::filesystem::path& name) {
  try {
    return is_hdf5(bytes) ? read_h5(bytes) : read_archive(bytes, name);
  } catch (const Error& error) {
    const std::string_view what = error.what();
    if (what.starts_with(name.string())) throw;
    throw Error(fmt::format("{}: Keras: {}", name.string(), what));
  }
}

}  // namespace scrawl
