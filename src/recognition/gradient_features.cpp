#include "recognition/gradient_features.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>

namespace scrawl {

namespace {

constexpr std::size_t side = glyph_side;

/// By a binomial of three.
std::array<float, side * side> blur(const Glyph& glyph) {
  const auto at = [&](std::size_t y, std::size_t x) {
    return static_cast<float>(glyph[y * side + x]) / 255;
  };
  std::array<float, side * side> blurred{};
  for (std::size_t y = 1; y + 1 < side; ++y) {
    for (std::size_t x = 1; x + 1 < side; ++x) {
      const auto row = [&](std::size_t of) {
        return at(of, x - 1) + 4 * at(of, x) + at(of, x + 1);
      };
      blurred[y * side + x] = (row(y - 1) + 4 * row(y) + row(y + 1)) / 36;
    }
  }
  return blurred;
}

/// How much each pixel of a row or column counts in each cell of it.
using CellWeights = std::array<std::array<float, gradient_cells>, side>;

CellWeights weigh_cells() {
  constexpr float deviation = 2.2F;  // pixels
  CellWeights weights{};
  for (std::size_t pixel = 0; pixel < side; ++pixel) {
    for (std::size_t cell = 0; cell < gradient_cells; ++cell) {
      const float away = (static_cast<float>(pixel) - static_cast<float>(4 * cell + 2)) / deviation;
      weights[pixel][cell] = std::abs(away) > 2.4F ? 0 : std::exp(-away * away / 2);
    }
  }
  return weights;
}

void normalize(GradientFeatures& features) {
  float sum = 0;  // of the squares of the roots
  for (const float feature : features) sum += feature;
  if (sum == 0) return;
  for (float& feature : features) feature = std::sqrt(feature / sum);
}

}  // namespace

GradientFeatures find_gradient_features(const Glyph& glyph) {
  static const CellWeights weights = weigh_cells();
  const auto levels = blur(glyph);
  GradientFeatures features{};
  const auto add = [&](std::size_t direction, std::size_t y, std::size_t x, float strength) {
    float* map = features.data() + direction * gradient_cells * gradient_cells;
    for (std::size_t row = 0; row < gradient_cells; ++row) {
      const float in_row = strength * weights[y][row];
      if (in_row == 0) continue;
      for (std::size_t column = 0; column < gradient_cells; ++column)
        map[row * gradient_cells + column] += in_row * weights[x][column];
    }
  };
  for (std::size_t y = 1; y + 1 < side; ++y) {
    for (std::size_t x = 1; x + 1 < side; ++x) {
      const float down = levels[(y + 1) * side + x] - levels[(y - 1) * side + x];
      const float across = levels[y * side + x + 1] - levels[y * side + x - 1];
      const float strength = std::hypot(down, across);
      if (strength == 0) continue;
      constexpr float directions = gradient_directions;
      float angle = std::atan2(down, across) / (2 * std::numbers::pi_v<float>)*directions;
      if (angle < 0) angle += directions;
      const float below = std::floor(angle);
      const auto first = static_cast<std::size_t>(below) % gradient_directions;
      add(first, y, x, strength * (1 - (angle - below)));
      add((first + 1) % gradient_directions, y, x, strength * (angle - below));
    }
  }
  normalize(features);
  return features;
}

float find_likeness(const GradientFeatures& a, const GradientFeatures& b) {
  std::array<float, gradient_directions> sums{};  // apart, as a register adds them
  for (std::size_t i = 0; i < a.size(); i += sums.size())
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += a[i + k] * b[i + k];
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

}  // namespace scrawl
