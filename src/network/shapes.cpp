#include "network/shapes.hpp"

#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>

#include "network/layer_limits.hpp"

namespace scrawl {

namespace {

// Untrusted model files name an architecture, so what it may ask for is bounded.
constexpr std::size_t most_parameters = std::size_t{1} << 28;
constexpr std::size_t most_values = std::size_t{1} << 20;  // of one image between two layers

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

[[noreturn]] void refuse(const Layer& layer, std::string_view why) {
  throw Error(fmt::format("architecture: layer '{}': {}", to_string(layer), why));
}

template <typename Number>
void require(const Layer& layer, const Limits<Number>& limits, Number value) {
  if (limits.hold(value)) return;
  refuse(layer,
         fmt::format("{} is {}, expected {} to {}", limits.what, value, limits.low, limits.high));
}

/// "Same" or "valid": others could not be written, and so not saved.
void check_padding(const Conv& conv) {
  if (conv.padding == 0 || (conv.kernel % 2 == 1 && conv.padding == conv.kernel / 2)) return;
  refuse(conv, fmt::format("the padding is {}, expected 0, or half an odd kernel", conv.padding));
}

/// A program may have put together what nobody could write.
void check_numbers(const Layer& layer) {
  std::visit(
      Overloaded{[&](const Dense& dense) { require(layer, dense_outputs, dense.outputs); },
                 [&](const Conv& conv) {
                   require(layer, conv_channels, conv.outputs);
                   require(layer, conv_kernel, conv.kernel);
                   require(layer, conv_stride, conv.stride);
                   check_padding(conv);
                 },
                 [&](const Pool& pool) { require(layer, pool_side, pool.size); },
                 [&](const Dropout& dropout) { require(layer, dropout_share, dropout.share); },
                 [](const Norm&) {}, [](const Relu&) {}, [](const Tanh&) {}},
      layer);
}

std::size_t convolved(std::size_t side, const Conv& conv) {
  const std::size_t padded = side + 2 * conv.padding;
  if (padded < conv.kernel) {
    refuse(conv, fmt::format("its kernel is larger than the {} pixels that come in", padded));
  }
  return (padded - conv.kernel) / conv.stride + 1;
}

Shape pooled(const Shape& in, const Pool& pool) {
  if (in.height < pool.size || in.width < pool.size) {
    refuse(pool, fmt::format("only {}x{} pixels come in", in.height, in.width));
  }
  return {in.channels, in.height / pool.size, in.width / pool.size};
}

Shape output_of(const Layer& layer, const Shape& in) {
  return std::visit(
      Overloaded{
          [](const Dense& dense) {
            return Shape{dense.outputs, 1, 1};
          },
          [&](const Conv& conv) {
            return Shape{conv.outputs, convolved(in.height, conv), convolved(in.width, conv)};
          },
          [&](const Pool& pool) { return pooled(in, pool); }, [&](const auto&) { return in; }},
      layer);
}

/// A normalisation subtracts whatever bias came before it.
bool bias_is_lost(const std::vector<Layer>& layers, std::size_t linear) {
  std::size_t next = linear + 1;
  while (next < layers.size() && std::holds_alternative<Pool>(layers[next])) ++next;
  return next < layers.size() && std::holds_alternative<Norm>(layers[next]);
}

std::size_t weight_count(const PlacedLayer& placed) {
  if (const auto* conv = std::get_if<Conv>(&placed.layer)) {
    return conv->outputs * placed.in.channels * conv->kernel * conv->kernel;
  }
  return std::holds_alternative<Dense>(placed.layer) ? placed.out.channels * placed.in.size() : 0;
}

void check_size(const PlacedLayer& placed) {
  if (placed.out.size() > most_values) {
    refuse(placed.layer,
           fmt::format("gives {} values an image, more than {}", placed.out.size(), most_values));
  }
  if (weight_count(placed) > most_parameters) {
    refuse(placed.layer, fmt::format("has more than {} weights", most_parameters));
  }
}

}  // namespace

std::string to_string(const Layer& layer) {
  return std::visit(
      Overloaded{[](const Dense& dense) { return fmt::format("dense {}", dense.outputs); },
                 [](const Conv& conv) {
                   std::string text = fmt::format("conv {} {}", conv.outputs, conv.kernel);
                   if (conv.stride != 1) text += fmt::format(" stride {}", conv.stride);
                   if (conv.padding == 0 && conv.kernel > 1) text += " valid";
                   return text;
                 },
                 [](const Pool& pool) {
                   return fmt::format("{}-pool {}",
                                      pool.kind == Pool::Kind::max ? "max" : "average", pool.size);
                 },
                 [](const Norm&) { return std::string("norm"); },
                 [](const Relu&) { return std::string("relu"); },
                 [](const Tanh&) { return std::string("tanh"); },
                 [](const Dropout& dropout) { return fmt::format("dropout {}", dropout.share); }},
      layer);
}

std::vector<PlacedLayer> place_layers(const Architecture& architecture) {
  std::vector<PlacedLayer> placed;
  Shape shape{1, glyph_side, glyph_side};
  std::size_t tensor = 0;
  const auto& layers = architecture.layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    check_numbers(layers[i]);
    PlacedLayer next{layers[i], shape, output_of(layers[i], shape), false, tensor, 0};
    if (is_linear(layers[i])) {
      next.bias = !bias_is_lost(layers, i);
      next.tensors = next.bias ? 2 : 1;
    }
    if (std::holds_alternative<Norm>(layers[i])) next.tensors = 4;
    check_size(next);
    tensor += next.tensors;
    shape = next.out;
    placed.push_back(next);
  }
  return placed;
}

std::vector<Tensor> weight_shapes(const Architecture& architecture) {
  std::vector<Tensor> tensors;
  int convs = 0;
  int denses = 0;
  int norms = 0;
  for (const PlacedLayer& placed : place_layers(architecture)) {
    const std::size_t outputs = placed.out.channels;
    const auto add = [&](const std::string& name, std::vector<std::size_t> shape) {
      tensors.push_back({name, std::move(shape), {}});
    };
    std::string name;
    if (const auto* conv = std::get_if<Conv>(&placed.layer)) {
      name = fmt::format("conv{}", ++convs);
      add(name + ".weight", {outputs, placed.in.channels, conv->kernel, conv->kernel});
    } else if (std::holds_alternative<Dense>(placed.layer)) {
      name = fmt::format("fc{}", ++denses);
      add(name + ".weight", {outputs, placed.in.size()});
    } else if (std::holds_alternative<Norm>(placed.layer)) {
      name = fmt::format("norm{}", ++norms);
      for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) {
        add(name + part, {outputs});
      }
    }
    if (placed.bias) add(name + ".bias", {outputs});
  }
  return tensors;
}

bool is_linear(const Layer& layer) {
  return std::holds_alternative<Conv>(layer) || std::holds_alternative<Dense>(layer);
}

bool is_statistic(const Tensor& tensor) {
  return tensor.name.find(".running_") != std::string::npos;
}

std::size_t operation_count(const Architecture& architecture) {
  std::size_t count = 0;
  for (const PlacedLayer& placed : place_layers(architecture)) {
    count += 2 * weight_count(placed) * placed.out.pixels();
  }
  return count;
}

}  // namespace scrawl
