#include "recognition/detection.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "network/softmax.hpp"

namespace scrawl {

namespace {

using Channels = DetectionChannels;

float sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

/// How much less a size counts that the network has hardly been shown, in pixels of the level.
float size_prior(float height) {
  if (height < 9 || height > 46) return 0.6F;
  if (height < 12 || height > 38) return 0.8F;
  return 1;
}

Detection read_cell(const Level& level, std::size_t y, std::size_t x, float objectness) {
  const float* cell = level.maps.at(y, x);
  constexpr auto side = static_cast<float>(cell_pixels);
  const auto to_size = [](float value) {
    return Channels::usual_side * std::exp(std::clamp(value, -3.F, 3.F));
  };
  const float center_x =
      (static_cast<float>(x) + 0.5F + cell[Channels::box]) * side - level.padding;
  const float center_y =
      (static_cast<float>(y) + 0.5F + cell[Channels::box + 1]) * side - level.padding;
  const float width = to_size(cell[Channels::box + 2]);
  const float height = to_size(cell[Channels::box + 3]);
  Detection found;
  found.box = {(center_x - width / 2) / level.scale_x, (center_y - height / 2) / level.scale_y,
               (center_x + width / 2) / level.scale_x, (center_y + height / 2) / level.scale_y};
  softmax(std::span<const float>(cell + Channels::symbols, symbol_count), found.symbols);
  found.objectness = objectness;
  found.handwritten = sigmoid(cell[Channels::handwritten]);
  found.scale = level.scale_y;
  found.score = objectness * size_prior(height);
  return found;
}

}  // namespace

float intersection_over_union(const Rectangle& a, const Rectangle& b) {
  const float common = intersection(a, b).area();
  return common == 0 ? 0 : common / (a.area() + b.area() - common);
}

std::vector<Detection> find_peaks(const Level& level, float threshold) {
  const Maps& maps = level.maps;
  std::vector<float> objectness(maps.height * maps.width);
  for (std::size_t i = 0; i < objectness.size(); ++i) {
    const float* cell = maps.values.data() + i * maps.channels;
    objectness[i] = sigmoid(cell[Channels::center]);
    if (objectness[i] < threshold) continue;
    std::array<float, symbol_count> symbols;
    softmax(std::span<const float>(cell + Channels::symbols, symbol_count), symbols);
    objectness[i] *= 1 - symbols[other_symbol];
  }
  std::vector<Detection> found;
  const auto is_peak = [&](std::size_t y, std::size_t x) {
    const float own = objectness[y * maps.width + x];
    for (std::size_t i = y - (y > 0); i < std::min(y + 2, maps.height); ++i) {
      for (std::size_t j = x - (x > 0); j < std::min(x + 2, maps.width); ++j) {
        if (objectness[i * maps.width + j] > own) return false;
      }
    }
    return true;
  };
  for (std::size_t y = 0; y < maps.height; ++y) {
    for (std::size_t x = 0; x < maps.width; ++x) {
      const float own = objectness[y * maps.width + x];
      if (own >= threshold && is_peak(y, x)) found.push_back(read_cell(level, y, x, own));
    }
  }
  return found;
}

namespace {

/// Whether `part` is a piece of `whole`, which a coarser level has seen: an upper half of an 8 is
/// no 0.
bool is_part_of(const Detection& part, const Detection& whole) {
  constexpr float larger = 1.35F;
  constexpr float nearly = 0.8F;
  constexpr float inside = 0.7F;
  return part.scale > whole.scale && whole.box.height() > larger * part.box.height() &&
         whole.score > nearly * part.score &&
         intersection(part.box, whole.box).area() >
             inside * std::min(part.box.area(), whole.box.area());
}

bool is_same(const Detection& a, const Detection& b) {
  const float common = intersection(a.box, b.box).area();
  const float contained = common / std::min(a.box.area(), b.box.area());
  return intersection_over_union(a.box, b.box) > 0.5F ||
         contained > (a.scale == b.scale ? 0.8F : 0.65F);
}

}  // namespace

std::vector<Detection> merge_detections(std::vector<Detection> detections) {
  std::ranges::sort(detections, std::ranges::greater{}, &Detection::score);
  std::vector<Detection> kept;
  std::vector<float> weights;  // of what was summed up
  for (const Detection& candidate : detections) {
    const bool is_part = std::ranges::any_of(
        detections, [&](const Detection& whole) { return is_part_of(candidate, whole); });
    if (is_part) continue;
    const auto same = std::ranges::find_if(
        kept, [&](const Detection& other) { return is_same(candidate, other); });
    const float weight = candidate.score * candidate.score;
    if (same == kept.end()) {
      kept.push_back(candidate);
      weights.push_back(weight);
      continue;
    }
    if (same->scale == candidate.scale || intersection_over_union(same->box, candidate.box) < 0.55F)
      continue;
    float& sum = weights[static_cast<std::size_t>(same - kept.begin())];
    for (std::size_t s = 0; s < symbol_count; ++s) {
      same->symbols[s] = (sum * same->symbols[s] + weight * candidate.symbols[s]) / (sum + weight);
    }
    sum += weight;
  }
  return kept;
}

}  // namespace scrawl
