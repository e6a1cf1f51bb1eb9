#include "network/folding.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace scrawl {

Affine affine_of(std::span<const Tensor> norm) {
  const std::size_t channels = norm[0].values.size();
  Affine affine{std::vector<float>(channels), std::vector<float>(channels)};
  for (std::size_t c = 0; c < channels; ++c) {
    affine.scale[c] = norm[0].values[c] / std::sqrt(norm[3].values[c] + norm_epsilon);
    affine.shift[c] = norm[1].values[c] - norm[2].values[c] * affine.scale[c];
  }
  return affine;
}

std::size_t after_max_pools(std::span<const PlacedLayer> layers, std::size_t linear) {
  std::size_t next = linear + 1;
  while (next < layers.size()) {
    const auto* pool = std::get_if<Pool>(&layers[next].layer);
    if (pool == nullptr || pool->kind != Pool::Kind::max) break;
    ++next;
  }
  return next;
}

std::optional<Folding> folding_behind(const Model& model, std::span<const PlacedLayer> layers,
                                      std::size_t linear) {
  const std::size_t next = after_max_pools(layers, linear);
  for (std::size_t i = linear + 1; i <= next && i < layers.size(); ++i) {
    if (is_residual_source(layers, i)) return {};  // what would have changed is added elsewhere
  }
  if (next == layers.size() || !std::holds_alternative<Norm>(layers[next].layer)) return {};
  Affine affine =
      affine_of(std::span(model.weights).subspan(layers[next].tensor, layers[next].tensors));
  const bool pooled = next > linear + 1;
  if (pooled && std::ranges::any_of(affine.scale, [](float s) { return s < 0; })) return {};
  return Folding{next, std::move(affine)};
}

}  // namespace scrawl
