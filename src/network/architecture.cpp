// The text form of an architecture.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fmt/core.h>
#include <iterator>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>

#include "network/layer_limits.hpp"
#include "network/shapes.hpp"
#include "network/trim.hpp"

namespace scrawl {

namespace {

struct NamedArchitecture {
  std::string_view name;
  std::string_view text;
};

constexpr NamedArchitecture named[] = {
    {"mlp", "dense 256, relu, dense 128, relu, dense 10"},
    {"lenet",
     "conv 6 5, tanh, average-pool 2, conv 16 5 valid, tanh, average-pool 2, dense 120, tanh, "
     "dense 84, tanh, dense 10"},
    {"fast",
     "conv 16 5 valid, max-pool 4, norm, relu, conv 32 3 valid, norm, relu, dense 64, norm, relu, "
     "dense 10"},
    {"good",
     "conv 16 5 valid, max-pool 3, norm, relu, conv 64 3 valid, max-pool 2, norm, relu, dense 128, "
     "norm, relu, dense 10"},
    {"best",
     "conv 32 5 valid, max-pool 2, norm, relu, conv 96 3 valid, norm, relu, conv 96 3 valid, "
     "max-pool 2, norm, relu, conv 144 3, norm, relu, conv 144 3, norm, relu, dense 10"},
};
constexpr std::size_t max_layers = 100;

const NamedArchitecture* find_named(std::string_view name) {
  const auto* found = std::ranges::find(named, name, &NamedArchitecture::name);
  return found == std::end(named) ? nullptr : found;
}

[[noreturn]] void refuse(std::string_view layer, std::string_view why) {
  throw Error(fmt::format("architecture: layer '{}': {}; write for instance '{}'", layer, why,
                          named[0].text));
}

/// The words of one layer, taken from the left.
class Words {
 public:
  explicit Words(std::string_view layer) : layer_(layer), rest_(layer) {}

  bool empty() const { return rest_.find_first_not_of(space) == std::string_view::npos; }

  std::string_view next() {
    rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_not_of(space)));
    const std::string_view word = rest_.substr(0, rest_.find_first_of(space));
    rest_.remove_prefix(word.size());
    return word;
  }

  /// The next word as a number within `limits`.
  template <typename Number>
  Number number(const Limits<Number>& limits) {
    const std::string_view word = next();
    Number value = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || stop != word.data() + word.size() || !limits.hold(value)) {
      refuse(layer_, fmt::format("{} is missing or not a number from {} to {}", limits.what,
                                 limits.low, limits.high));
    }
    return value;
  }

  void end() const {
    if (!empty()) refuse(layer_, fmt::format("'{}' is too much", rest_));
  }

 private:
  static constexpr std::string_view space = " \t\n";
  std::string_view layer_;
  std::string_view rest_;
};

Conv parse_conv(Words& words, std::string_view text) {
  Conv conv;
  conv.outputs = words.number(conv_channels);
  conv.kernel = words.number(conv_kernel);
  bool valid = false;
  while (!words.empty()) {
    const std::string_view word = words.next();
    if (word == "stride") {
      conv.stride = words.number(conv_stride);
    } else if (word == "dilation") {
      conv.dilation = words.number(conv_dilation);
    } else if (word == "valid") {
      valid = true;
    } else {
      refuse(text,
             "after a conv's channels and kernel come only 'stride N', 'dilation N' and 'valid'");
    }
  }
  if (!valid && conv.kernel % 2 == 0) refuse(text, "an even kernel goes with 'valid' only");
  conv.padding = valid ? 0 : conv.dilation * (conv.kernel - 1) / 2;
  return conv;
}

constexpr std::string_view input_word = "input";

/// What comes into the network: channels, height and width.
Shape parse_input(std::string_view text) {
  Words words(text);
  words.next();  // "input"
  const std::size_t channels = words.number(input_channels);
  const std::size_t height = words.number(input_side);
  const std::size_t width = words.number(input_side);
  words.end();
  return {channels, height, width};
}

bool is_input(std::string_view text) {
  return Words(text).next() == input_word;
}

Layer parse_layer(std::string_view padded) {
  const std::string_view text = trim(padded);
  Words words(text);
  const std::string_view kind = words.next();
  Layer layer;
  if (kind == "dense") {
    layer = Dense{words.number(dense_outputs)};
  } else if (kind == "conv") {
    layer = parse_conv(words, text);
  } else if (kind == "max-pool") {
    layer = Pool{Pool::Kind::max, words.number(pool_side)};
  } else if (kind == "average-pool") {
    layer = Pool{Pool::Kind::average, words.number(pool_side)};
  } else if (kind == "norm") {
    layer = Norm{};
  } else if (kind == "relu") {
    layer = Relu{};
  } else if (kind == "tanh") {
    layer = Tanh{};
  } else if (kind == "dropout") {
    layer = Dropout{words.number(dropout_rate)};
  } else if (kind == "residual") {
    layer = Residual{words.number(residual_span)};
  } else if (find_named(text) != nullptr) {
    throw Error(fmt::format(
        "architecture: '{}' is a preset, a whole network and not a layer of one: give its name "
        "alone, and train several presets one at a time",
        text));
  } else {
    refuse(text,
           "unknown layer; the layers are dense, conv, max-pool, average-pool, norm, relu, tanh, "
           "dropout and residual");
  }
  words.end();
  return layer;
}

void check_input(const Shape& input) {
  const auto require = [](const Limits<std::size_t>& limits, std::size_t value) {
    if (limits.hold(value)) return;
    throw Error(fmt::format("architecture: input: {} is {}, expected {} to {}", limits.what, value,
                            limits.low, limits.high));
  };
  require(input_channels, input.channels);
  require(input_side, input.height);
  require(input_side, input.width);
}

void check_count(const Architecture& architecture) {
  if (architecture.layers.size() > max_layers) {
    throw Error(fmt::format("architecture: more than {} layers", max_layers));
  }
}

}  // namespace

void check_architecture(const Architecture& architecture) {
  if (architecture.layers.empty()) {
    throw Error(fmt::format("architecture: no layers; write for instance '{}'", named[0].text));
  }
  check_count(architecture);
  check_input(architecture.input);
  const Layer& last = architecture.layers.back();
  if (!is_linear(last)) {
    refuse(to_string(last),
           "the last layer gives the logits, so it is a dense one, or maps, so it is a conv, with "
           "nothing behind it: a relu there would kill classes");
  }
  const auto* dense = std::get_if<Dense>(&last);
  if (dense != nullptr && dense->outputs != digit_count) {
    refuse(to_string(last), "the last layer gives ten logits");
  }
  place_layers(architecture);
}

bool is_classifier(const Architecture& architecture) {
  return architecture.input == Architecture().input &&
         std::holds_alternative<Dense>(architecture.layers.back());
}

void check_classifier(const Architecture& architecture) {
  check_architecture(architecture);
  if (is_classifier(architecture)) return;
  throw Error(fmt::format(
      "architecture: '{}' gives maps or takes another input than a glyph, where ten logits of a "
      "glyph of {}x{} pixels are needed: end it with 'dense {}', and write no input",
      to_string(architecture), glyph_side, glyph_side, digit_count));
}

Architecture parse_architecture(std::string_view text) {
  Architecture architecture;
  const NamedArchitecture* preset = find_named(trim(text));
  std::string_view rest = preset == nullptr ? text : preset->text;
  if (is_input(rest)) {
    const auto comma = rest.find(',');
    architecture.input = parse_input(trim(rest.substr(0, comma)));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  for (;;) {
    const auto comma = rest.find(',');
    architecture.layers.push_back(parse_layer(rest.substr(0, comma)));
    check_count(architecture);  // at once: a file may go on for megabytes
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  check_architecture(architecture);
  return architecture;
}

std::string to_string(const Architecture& architecture) {
  std::string text;
  if (const Shape& input = architecture.input; input != Architecture().input) {
    text = fmt::format("{} {} {} {}", input_word, input.channels, input.height, input.width);
  }
  for (const Layer& layer : architecture.layers) {
    if (!text.empty()) text += ", ";
    text += to_string(layer);
  }
  return text;
}

}  // namespace scrawl
