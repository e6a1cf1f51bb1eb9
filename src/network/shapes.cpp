#include "network/shapes.hpp"

#include <cstddef>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>

#include "network/layer_limits.hpp"
#include "network/overloaded.hpp"

namespace scrawl {

namespace {

// Untrusted model files name an architecture, so what it may ask for is bounded.
constexpr std::size_t max_parameters = std::size_t{1} << 28;
constexpr std::size_t max_values = std::size_t{1} << 20;          // of one image between two layers
constexpr std::size_t max_picture_values = std::size_t{1} << 28;  // where it is asked for a size

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
  const bool same = conv.kernel % 2 == 1 && conv.padding == conv.dilation * (conv.kernel / 2);
  if (conv.padding == 0 || same) return;
  refuse(conv, fmt::format("the padding is {}, expected 0, or half an odd kernel (times the "
                           "dilation)",
                           conv.padding));
}

/// A program may have put together what nobody could write.
void check_numbers(const Layer& layer) {
  std::visit(
      Overloaded{[&](const Dense& dense) { require(layer, dense_outputs, dense.outputs); },
                 [&](const Conv& conv) {
                   require(layer, conv_channels, conv.outputs);
                   require(layer, conv_kernel, conv.kernel);
                   require(layer, conv_stride, conv.stride);
                   require(layer, conv_dilation, conv.dilation);
                   check_padding(conv);
                 },
                 [&](const Pool& pool) { require(layer, pool_side, pool.size); },
                 [&](const Dropout& dropout) { require(layer, dropout_rate, dropout.rate); },
                 [&](const Residual& residual) { require(layer, residual_span, residual.span); },
                 [](const Norm&) {}, [](const Relu&) {}, [](const Tanh&) {}},
      layer);
}

std::size_t convolved(std::size_t side, const Conv& conv) {
  const std::size_t padded = side + 2 * conv.padding;
  const std::size_t reach = (conv.kernel - 1) * conv.dilation + 1;
  if (padded < reach) {
    refuse(conv, fmt::format("its kernel is larger than the {} pixels that come in", padded));
  }
  return (padded - reach) / conv.stride + 1;
}

Shape pooled(const Shape& in, const Pool& pool) {
  if (in.height < pool.size || in.width < pool.size) {
    refuse(pool, fmt::format("only {}x{} pixels come in", in.height, in.width));
  }
  return {in.channels, in.height / pool.size, in.width / pool.size};
}

std::string to_string(const Shape& shape) {
  return fmt::format("{}x{}x{}", shape.channels, shape.height, shape.width);
}

/// What comes out of a residual sum, which is what came in: `before` are the layers so far.
Shape summed(const Residual& residual, const Shape& in, const std::vector<PlacedLayer>& before) {
  if (residual.span >= before.size()) {
    refuse(residual, fmt::format("only {} layers are before it, and what comes into the first of "
                                 "them cannot be added",
                                 before.size()));
  }
  const PlacedLayer& other = before[before.size() - residual.span - 1];
  if (other.out != in) {
    refuse(residual, fmt::format("adds {} values to {}", to_string(other.out), to_string(in)));
  }
  if (other.stored != before.back().stored) {
    refuse(residual,
           "adds what a convolution gives to what a dense layer gives, or what has a bias "
           "to what has none; take more than 8 channels");
  }
  return in;
}

Shape output_of(const Layer& layer, const Shape& in, const std::vector<PlacedLayer>& before) {
  return std::visit(
      Overloaded{
          [](const Dense& dense) {
            return Shape{dense.outputs, 1, 1};
          },
          [&](const Conv& conv) {
            return Shape{conv.outputs, convolved(in.height, conv), convolved(in.width, conv)};
          },
          [&](const Pool& pool) { return pooled(in, pool); },
          [&](const Residual& residual) { return summed(residual, in, before); },
          [&](const Norm&) { return in; }, [&](const Relu&) { return in; },
          [&](const Tanh&) { return in; }, [&](const Dropout&) { return in; }},
      layer);
}

/// A normalization subtracts whatever bias came before it.
bool bias_is_lost(const std::vector<Layer>& layers, std::size_t linear) {
  std::size_t next = linear + 1;
  while (next < layers.size() && std::holds_alternative<Pool>(layers[next])) ++next;
  return next < layers.size() && std::holds_alternative<Norm>(layers[next]);
}

std::size_t weight_count(const PlacedLayer& placed) {
  return std::visit(
      Overloaded{
          [&](const Dense& dense) { return dense.outputs * placed.in.size(); },
          [&](const Conv& conv) {
            return conv.outputs * placed.in.channels * conv.kernel * conv.kernel;
          },
          [](const Pool&) { return std::size_t{0}; }, [](const Norm&) { return std::size_t{0}; },
          [](const Relu&) { return std::size_t{0}; }, [](const Tanh&) { return std::size_t{0}; },
          [](const Dropout&) { return std::size_t{0}; },
          [](const Residual&) { return std::size_t{0}; }},
      placed.layer);
}

void check_size(const PlacedLayer& placed, std::size_t most) {
  if (placed.out.size() > most) {
    refuse(placed.layer,
           fmt::format("gives {} values an image, more than {}", placed.out.size(), most));
  }
  if (weight_count(placed) > max_parameters) {
    refuse(placed.layer, fmt::format("has more than {} weights", max_parameters));
  }
}

/// How many tensors a layer has.
std::size_t tensor_count(const PlacedLayer& placed) {
  const std::size_t linear = placed.bias ? 2 : 1;
  return std::visit(
      Overloaded{
          [&](const Dense&) { return linear; }, [&](const Conv&) { return linear; },
          [](const Norm&) { return std::size_t{4}; }, [](const Pool&) { return std::size_t{0}; },
          [](const Relu&) { return std::size_t{0}; }, [](const Tanh&) { return std::size_t{0}; },
          [](const Dropout&) { return std::size_t{0}; },
          [](const Residual&) { return std::size_t{0}; }},
      placed.layer);
}

std::vector<PlacedLayer> place(const Architecture& architecture, const Shape& input,
                               std::size_t most) {
  std::vector<PlacedLayer> placed;
  std::size_t stored = input.channels;
  Shape shape = input;
  std::size_t tensor = 0;
  const auto& layers = architecture.layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    check_numbers(layers[i]);
    PlacedLayer next{layers[i], shape, output_of(layers[i], shape, placed), false, tensor, 0, 0};
    next.bias = is_linear(layers[i]) && !bias_is_lost(layers, i);
    next.tensors = tensor_count(next);
    check_size(next, most);
    if (std::holds_alternative<Conv>(next.layer)) stored = stored_channels(next);
    if (std::holds_alternative<Dense>(next.layer)) stored = next.out.channels;
    next.stored = stored;
    tensor += next.tensors;
    shape = next.out;
    placed.push_back(next);
  }
  return placed;
}

}  // namespace

std::string to_string(const Layer& layer) {
  return std::visit(
      Overloaded{
          [](const Dense& dense) { return fmt::format("dense {}", dense.outputs); },
          [](const Conv& conv) {
            std::string text = fmt::format("conv {} {}", conv.outputs, conv.kernel);
            if (conv.stride != 1) text += fmt::format(" stride {}", conv.stride);
            if (conv.dilation != 1) text += fmt::format(" dilation {}", conv.dilation);
            if (conv.padding == 0 && conv.kernel > 1) text += " valid";
            return text;
          },
          [](const Pool& pool) {
            return fmt::format("{}-pool {}", pool.kind == Pool::Kind::max ? "max" : "average",
                               pool.size);
          },
          [](const Norm&) { return std::string("norm"); },
          [](const Relu&) { return std::string("relu"); },
          [](const Tanh&) { return std::string("tanh"); },
          [](const Dropout& dropout) { return fmt::format("dropout {}", dropout.rate); },
          [](const Residual& residual) { return fmt::format("residual {}", residual.span); }},
      layer);
}

std::vector<PlacedLayer> place_layers(const Architecture& architecture) {
  return place(architecture, architecture.input, max_values);
}

std::vector<PlacedLayer> place_layers(const Architecture& architecture, const Shape& input) {
  return place(architecture, input, max_picture_values);
}

Shape output_shape(const Architecture& architecture) {
  const std::vector<PlacedLayer> placed = place_layers(architecture);
  return placed.empty() ? architecture.input : placed.back().out;
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
    const auto add_linear = [&](const std::string& name, std::vector<std::size_t> shape) {
      add(name + ".weight", std::move(shape));
      if (placed.bias) add(name + ".bias", {outputs});
    };
    std::visit(
        Overloaded{[&](const Conv& conv) {
                     add_linear(fmt::format("conv{}", ++convs),
                                {outputs, placed.in.channels, conv.kernel, conv.kernel});
                   },
                   [&](const Dense&) {
                     add_linear(fmt::format("fc{}", ++denses), {outputs, placed.in.size()});
                   },
                   [&](const Norm&) {
                     const std::string name = fmt::format("norm{}", ++norms);
                     for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
                       add(name + part, {outputs});
                   },
                   [](const Pool&) {}, [](const Relu&) {}, [](const Tanh&) {},
                   [](const Dropout&) {}, [](const Residual&) {}},
        placed.layer);
  }
  return tensors;
}

bool is_residual_source(std::span<const PlacedLayer> layers, std::size_t index) {
  for (std::size_t i = index + 1; i < layers.size(); ++i) {
    const auto* residual = std::get_if<Residual>(&layers[i].layer);
    if (residual != nullptr && i - residual->span == index) return true;
  }
  return false;
}

bool is_linear(const Layer& layer) {
  return std::holds_alternative<Conv>(layer) || std::holds_alternative<Dense>(layer);
}

bool is_statistic(const Tensor& tensor) {
  return tensor.name.find(".running_") != std::string::npos;
}

std::size_t operation_count(const PlacedLayer& placed) {
  return 2 * weight_count(placed) * placed.out.pixels();
}

std::size_t operation_count(const Architecture& architecture) {
  std::size_t count = 0;
  for (const PlacedLayer& placed : place_layers(architecture)) count += operation_count(placed);
  return count;
}

}  // namespace scrawl
