#include "network_training/detection_targets.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace scrawl {

namespace {

constexpr float cell = cell_pixels;

/// A box whose size's logarithm is taken is at least so large, in pixels.
constexpr float min_width = 2;
constexpr float min_height = 4;
/// What log(width / ...) and log(height / ...) are taken of, in pixels.
constexpr float usual_size = DetectionChannels::usual_side;

/// A mark's symbol and box are learned where its Gaussian is above this.
constexpr float middle = 0.3F;

/// The cell, of `count` in a row, that holds a pixel's coordinate.
std::size_t cell_of(float coordinate, std::size_t count) {
  const float last = static_cast<float>(count - 1);
  return static_cast<std::size_t>(std::clamp(std::floor(coordinate / cell), 0.0F, last));
}

float center_of(std::size_t index) {
  return (static_cast<float>(index) + 0.5F) * cell;
}

/// exp(-(distance / sigma)^2 / 2) of `count` cells' centers from that of cell `peak`.
std::vector<float> bell(std::size_t count, std::size_t peak, float sigma) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float distance = (center_of(i) - center_of(peak)) / sigma;
    values[i] = std::exp(-0.5F * distance * distance);
  }
  return values;
}

/// Calls set(index) for each cell that a part of `area` is in.
template <typename Set>
void for_cells_of(const Rectangle& area, const DetectionTargets& targets, Set set) {
  const std::size_t top = cell_of(area.top, targets.height);
  const std::size_t left = cell_of(area.left, targets.width);
  const auto end = [](float coordinate, std::size_t count) {
    return static_cast<std::size_t>(
        std::clamp(std::ceil(coordinate / cell), 0.0F, static_cast<float>(count)));
  };
  for (std::size_t y = top; y < end(area.bottom, targets.height); ++y) {
    for (std::size_t x = left; x < end(area.right, targets.width); ++x) {
      set(y * targets.width + x);
    }
  }
}

void add(const TargetMark& mark, DetectionTargets& targets) {
  const float width = mark.box.right - mark.box.left;
  const float height = mark.box.bottom - mark.box.top;
  const float center_x = (mark.box.left + mark.box.right) / 2;
  const float center_y = (mark.box.top + mark.box.bottom) / 2;
  const std::size_t peak_x = cell_of(center_x, targets.width);
  const std::size_t peak_y = cell_of(center_y, targets.height);
  // A slim digit's Gaussian is as wide as if it were a third as wide as high.
  const float sigma_x = std::max(0.16F * std::max(width, 0.35F * height), 2.0F);
  const float sigma_y = std::max(0.16F * height, 2.0F);
  const std::vector<float> across = bell(targets.width, peak_x, sigma_x);
  const std::vector<float> down = bell(targets.height, peak_y, sigma_y);
  const float log_width = std::log(std::max(width, min_width) / usual_size);
  const float log_height = std::log(std::max(height, min_height) / usual_size);
  const bool has_center = mark.symbol != other_symbol;
  for (std::size_t y = 0; y < targets.height; ++y) {
    for (std::size_t x = 0; x < targets.width; ++x) {
      const std::size_t at = y * targets.width + x;
      const float near = down[y] * across[x];
      if (has_center) targets.center[at] = std::max(targets.center[at], near);
      if (near <= std::max(targets.weight[at], middle)) continue;
      targets.weight[at] = near;
      targets.symbol[at] = static_cast<std::uint8_t>(mark.symbol);
      targets.handwritten[at] = mark.handwritten;
      targets.box[at] = {(center_x - center_of(x)) / cell, (center_y - center_of(y)) / cell,
                         log_width, log_height};
    }
  }
  if (has_center) targets.counted[peak_y * targets.width + peak_x] = 1;
}

}  // namespace

DetectionTargets make_targets(std::span<const TargetMark> marks, std::span<const Rectangle> ignored,
                              std::span<const Rectangle> too_small, std::size_t height,
                              std::size_t width) {
  const std::size_t cells = height * width;
  DetectionTargets targets{height,
                           width,
                           std::vector<float>(cells),
                           std::vector<float>(cells, 1.0F),
                           std::vector<float>(cells),
                           std::vector<std::uint8_t>(cells),
                           std::vector<bool>(cells),
                           std::vector<std::array<float, 4>>(cells),
                           std::vector<bool>(cells),
                           0,
                           0};
  for (const Rectangle& area : ignored)
    for_cells_of(area, targets, [&](std::size_t at) { targets.counted[at] = 0; });
  const auto set_too_small = [&](std::size_t at) { targets.too_small[at] = true; };
  for (const Rectangle& area : too_small) for_cells_of(area, targets, set_too_small);
  for (const TargetMark& mark : marks) {
    if (mark.symbol < 10 && mark.box.height() < well_seen)
      for_cells_of(mark.box, targets, set_too_small);
  }
  // Digits and signs first, so that in a cell with another mark they are what counts.
  for (const bool others : {false, true}) {
    for (const TargetMark& mark : marks) {
      if ((mark.symbol == other_symbol) == others) add(mark, targets);
    }
  }
  targets.peaks = static_cast<std::size_t>(std::ranges::count(targets.center, 1.0F));
  for (const float weight : targets.weight) targets.weights += static_cast<double>(weight);
  return targets;
}

}  // namespace scrawl
