#include "report/filters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "network/shapes.hpp"

namespace scrawl::report {

namespace {

constexpr std::size_t max_filters = 64;

using Color = std::array<double, 3>;

/// Blue for -1, nearly white for 0, orange for 1; lightness falls evenly to both sides.
void append_color(double value, std::vector<std::uint8_t>& pixels) {
  constexpr Color middle{247, 247, 245};
  constexpr std::array<Color, 2> below{Color{116, 165, 214}, Color{23, 66, 130}};
  constexpr std::array<Color, 2> above{Color{238, 154, 96}, Color{160, 54, 10}};
  const auto& side = value < 0 ? below : above;
  const double strength = std::min(1.0, std::abs(value));
  const Color& from = strength < 0.5 ? middle : side[0];
  const Color& to = strength < 0.5 ? side[0] : side[1];
  const double fraction = strength < 0.5 ? 2 * strength : 2 * strength - 1;
  for (std::size_t c = 0; c < 3; ++c) {
    pixels.push_back(
        static_cast<std::uint8_t>(std::lround(from[c] + fraction * (to[c] - from[c]))));
  }
}

Picture draw(std::span<const float> weights, std::size_t width, float limit) {
  Picture picture{static_cast<int>(width), static_cast<int>(weights.size() / width), 3, {}};
  for (const float weight : weights) append_color(weight / limit, picture.pixels);
  return picture;
}

/// What 1 % of the weights exceed, so that a few large ones do not pale the rest.
float color_limit(std::span<const float> weights) {
  std::vector<float> sizes;
  for (const float weight : weights) sizes.push_back(std::abs(weight));
  const auto at = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() * 99 / 100);
  std::ranges::nth_element(sizes, at);
  return std::max(*at, 1e-9F);
}

}  // namespace

Filters draw_filters(const Model& model) {
  const std::vector<PlacedLayer> layers = place_layers(model.architecture);
  const auto placed = std::ranges::find_if(
      layers, [](const PlacedLayer& candidate) { return is_linear(candidate.layer); });
  Filters filters;
  filters.layer = to_string(placed->layer);
  filters.convolution = std::holds_alternative<Conv>(placed->layer);
  filters.outputs = placed->out.channels;
  const std::size_t shown = std::min(filters.outputs, max_filters);
  const std::vector<float>& values = model.weights[placed->tensor].values;
  const std::size_t size = values.size() / filters.outputs;  // the input has one channel
  const auto weights = std::span(values).first(shown * size);
  filters.limit = color_limit(weights);
  const std::size_t width =
      filters.convolution ? std::get<Conv>(placed->layer).kernel : placed->in.width;
  for (std::size_t i = 0; i < shown; ++i) {
    filters.pictures.push_back(draw(weights.subspan(i * size, size), width, filters.limit));
  }
  return filters;
}

Picture color_scale() {
  std::vector<float> levels;
  for (int i = -64; i <= 64; ++i) levels.push_back(static_cast<float>(i));
  return draw(levels, levels.size(), 64);
}

}  // namespace scrawl::report
