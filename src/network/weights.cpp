// Named weights: how many, their first values, and whether they and the rest make a model.
#include "network/weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/model.hpp>

#include "network/overloaded.hpp"
#include "network/random.hpp"
#include "network/shapes.hpp"

namespace scrawl {

std::size_t element_count(const Tensor& tensor) {
  std::size_t count = 1;
  for (const std::size_t extent : tensor.shape) count *= extent;
  return count;
}

std::vector<Tensor> zero_weights(const Architecture& architecture) {
  std::vector<Tensor> tensors = weight_shapes(architecture);
  for (Tensor& tensor : tensors) tensor.values.assign(element_count(tensor), 0.0F);
  return tensors;
}

std::size_t parameter_count(const Architecture& architecture) {
  std::size_t count = 0;
  for (const Tensor& tensor : weight_shapes(architecture)) {
    if (!is_statistic(tensor)) count += element_count(tensor);
  }
  return count;
}

namespace {

std::string to_string(const std::vector<std::size_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

void check_tensor(const Tensor& found, const Tensor& expected) {
  if (found.name != expected.name || found.shape != expected.shape) {
    throw Error(fmt::format("model: tensor {} {} where the architecture has {} {}", found.name,
                            to_string(found.shape), expected.name, to_string(expected.shape)));
  }
  if (found.values.size() != element_count(found)) {
    throw Error(fmt::format("model: tensor {}: {} values, expected {}", found.name,
                            found.values.size(), element_count(found)));
  }
  for (const float value : found.values) {
    if (!std::isfinite(value)) {
      throw Error(
          fmt::format("model: tensor {} holds {}: the training went wrong", found.name, value));
    }
    if (value < 0 && found.name.ends_with(".running_var")) {
      throw Error(fmt::format("model: tensor {} holds {}, and a variance is not negative",
                              found.name, value));
    }
  }
}

void check_activation_ranges(const Model& model) {
  if (model.activation_ranges.empty()) return;
  const auto linear = std::ranges::count_if(model.architecture.layers, is_linear);
  const std::size_t expected = static_cast<std::size_t>(linear) - 1;
  if (model.activation_ranges.size() != expected) {
    throw Error(fmt::format("model: {} activation ranges, where the architecture '{}' has {}",
                            model.activation_ranges.size(), scrawl::to_string(model.architecture),
                            expected));
  }
  for (const float range : model.activation_ranges) {
    if (std::isfinite(range) && range >= 0) continue;
    throw Error(fmt::format("model: a range of values is {}, expected 0 or more", range));
  }
}

void check_weights(const Model& model) {
  const std::vector<Tensor> expected = weight_shapes(model.architecture);
  if (model.weights.size() != expected.size()) {
    throw Error(fmt::format("model: {} tensors, where the architecture '{}' has {}",
                            model.weights.size(), scrawl::to_string(model.architecture),
                            expected.size()));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) check_tensor(model.weights[i], expected[i]);
}

/// What is divided by: a number so small that it is not normal would make infinities.
bool is_divisor(float number) {
  return std::isnormal(number) && number > 0;
}

}  // namespace

void check_model(const Model& model) {
  check_architecture(model.architecture);
  const auto& [mean, std_dev] = model.normalization;
  if (!std::isfinite(mean) || !is_divisor(std_dev)) {
    throw Error(
        fmt::format("model: the normalization has mean {} and std {}, expected a finite mean and a "
                    "std above 0, as in {} and {}",
                    mean, std_dev, Normalization().mean, Normalization().std));
  }
  if (!is_divisor(model.temperature)) {
    throw Error(
        fmt::format("model: the temperature is {}, expected a number above 0", model.temperature));
  }
  check_weights(model);
  check_activation_ranges(model);
}

Model initialize(const Architecture& architecture, std::uint64_t seed) {
  check_architecture(architecture);
  Model model;
  model.architecture = architecture;
  model.weights = zero_weights(architecture);
  Random random({seed, random_weights});
  for (const PlacedLayer& placed : place_layers(architecture)) {
    const std::span<Tensor> tensors(model.weights.data() + placed.tensor, placed.tensors);
    const auto fill_linear = [&] {
      const std::size_t inputs = element_count(tensors[0]) / tensors[0].shape[0];
      const float bound = 1.0F / std::sqrt(static_cast<float>(inputs));
      for (Tensor& tensor : tensors) {
        for (float& value : tensor.values) value = (2 * random.uniform() - 1) * bound;
      }
    };
    std::visit(Overloaded{[&](const Dense&) { fill_linear(); }, [&](const Conv&) { fill_linear(); },
                          [&](const Norm&) {
                            std::ranges::fill(tensors[0].values, 1.0F);  // scale
                            std::ranges::fill(tensors[3].values, 1.0F);  // running variance
                          },
                          [](const Pool&) {}, [](const Relu&) {}, [](const Tanh&) {},
                          [](const Dropout&) {}, [](const Residual&) {}},
               placed.layer);
  }
  return model;
}

}  // namespace scrawl
