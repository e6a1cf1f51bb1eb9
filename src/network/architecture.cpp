// The text form of an architecture, and what its layers ask for.
#include <charconv>
#include <cstddef>
#include <fmt/core.h>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>

namespace scrawl {

namespace {

constexpr std::string_view mlp = "dense 256, relu, dense 128, relu, dense 10";
constexpr std::size_t max_outputs = 65536;

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

[[noreturn]] void refuse(std::string_view layer, std::string_view why) {
  throw Error(
      fmt::format("architecture: layer '{}': {}; write for instance '{}'", layer, why, mlp));
}

Layer parse_layer(std::string_view text) {
  const auto space = text.find_first_of(" \t");
  const std::string_view kind = text.substr(0, space);
  const std::string_view argument =
      space == std::string_view::npos ? std::string_view() : trim(text.substr(space));
  if (kind == "relu") {
    if (!argument.empty()) refuse(text, "relu takes no number");
    return Relu{};
  }
  if (kind != "dense") refuse(text, "unknown layer; the layers are dense and relu");
  Dense dense;
  const char* end = argument.data() + argument.size();
  const auto [stop, error] = std::from_chars(argument.data(), end, dense.outputs);
  if (error != std::errc() || stop != end || dense.outputs == 0 || dense.outputs > max_outputs) {
    refuse(text, fmt::format("dense takes a number of outputs from 1 to {}", max_outputs));
  }
  return dense;
}

void check(const Architecture& architecture) {
  bool after_dense = false;
  for (const Layer& layer : architecture.layers) {
    const bool dense = std::holds_alternative<Dense>(layer);
    if (!dense && !after_dense) refuse("relu", "a relu follows a dense layer");
    after_dense = dense;
  }
  const auto* last = std::get_if<Dense>(&architecture.layers.back());
  if (last == nullptr) {
    refuse("relu", "the last layer gives the logits, and a relu there would kill classes");
  }
  if (last->outputs != digit_count) {
    refuse(fmt::format("dense {}", last->outputs), "the last layer gives ten logits");
  }
}

}  // namespace

Architecture parse_architecture(std::string_view text) {
  Architecture architecture;
  std::string_view rest = trim(text) == "mlp" ? mlp : text;
  for (;;) {
    const auto comma = rest.find(',');
    architecture.layers.push_back(parse_layer(trim(rest.substr(0, comma))));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  check(architecture);
  return architecture;
}

std::string to_string(const Architecture& architecture) {
  std::string text;
  for (const Layer& layer : architecture.layers) {
    if (!text.empty()) text += ", ";
    if (const auto* dense = std::get_if<Dense>(&layer)) {
      text += fmt::format("dense {}", dense->outputs);
    } else {
      text += "relu";
    }
  }
  return text;
}

std::vector<Tensor> weight_shapes(const Architecture& architecture) {
  std::vector<Tensor> tensors;
  std::size_t inputs = glyph_pixels;
  int number = 0;
  for (const Layer& layer : architecture.layers) {
    const auto* dense = std::get_if<Dense>(&layer);
    if (dense == nullptr) continue;
    ++number;
    tensors.push_back({fmt::format("fc{}.weight", number), {dense->outputs, inputs}, {}});
    tensors.push_back({fmt::format("fc{}.bias", number), {dense->outputs}, {}});
    inputs = dense->outputs;
  }
  return tensors;
}

}  // namespace scrawl
