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

Detection read_cell(const Region& region, std::size_t y, std::size_t x, float objectness) {
  const float* cell = region.maps.at(y, x);
  constexpr auto side = static_cast<float>(cell_pixels);
  const auto to_size = [](float value) {
    return Channels::usual_side * std::exp(std::clamp(value, -3.F, 3.F));
  };
  const float center_x = (static_cast<float>(x) + 0.5F + cell[Channels::box]) * side;
  const float center_y = (static_cast<float>(y) + 0.5F + cell[Channels::box + 1]) * side;
  const float width = to_size(cell[Channels::box + 2]);
  const float height = to_size(cell[Channels::box + 3]);
  Detection found;
  found.box = region.to_picture(
      {center_x - width / 2, center_y - height / 2, center_x + width / 2, center_y + height / 2});
  softmax(std::span<const float>(cell + Channels::symbols, symbol_count), found.symbols);
  found.objectness = objectness;
  found.handwritten = sigmoid(cell[Channels::handwritten]);
  found.scale = region.scale_y;
  found.score = objectness * size_prior(height);
  return found;
}

}  // namespace

float intersection_over_union(const Rectangle& a, const Rectangle& b) {
  const float common = intersection(a, b).area();
  return common == 0 ? 0 : common / (a.area() + b.area() - common);
}

std::vector<float> find_objectness(const Region& region, float threshold) {
  const std::size_t width = region.end_x - region.first_x;
  const std::size_t height = region.end_y - region.first_y;
  std::vector<float> objectness(height * width);
  for (std::size_t i = 0; i < objectness.size(); ++i) {
    const float* cell = region.maps.at(region.first_y + i / width, region.first_x + i % width);
    objectness[i] = sigmoid(cell[Channels::center]);
    if (objectness[i] < threshold) continue;
    std::array<float, symbol_count> symbols;
    softmax(std::span<const float>(cell + Channels::symbols, symbol_count), symbols);
    objectness[i] *= 1 - symbols[other_symbol];
  }
  return objectness;
}

std::vector<Detection> find_peaks(const Region& region, float threshold) {
  const std::size_t width = region.end_x - region.first_x;
  const std::size_t height = region.end_y - region.first_y;
  const std::vector<float> objectness = find_objectness(region, threshold);
  const auto is_peak = [&](std::size_t y, std::size_t x) {
    const float own = objectness[y * width + x];
    for (std::size_t i = y - (y > 0); i < std::min(y + 2, height); ++i) {
      for (std::size_t j = x - (x > 0); j < std::min(x + 2, width); ++j) {
        if (objectness[i * width + j] > own) return false;
      }
    }
    return true;
  };
  std::vector<Detection> found;
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const float own = objectness[y * width + x];
      if (own >= threshold && is_peak(y, x))
        found.push_back(read_cell(region, region.first_y + y, region.first_x + x, own));
    }
  }
  return found;
}

std::vector<Rectangle> find_too_small(const Region& region, float probability) {
  const float least = std::log(probability / (1 - probability));
  std::vector<Rectangle> cells;
  for (std::size_t y = region.first_y; y < region.end_y; ++y) {
    for (std::size_t x = region.first_x; x < region.end_x; ++x) {
      if (region.maps.at(y, x)[Channels::too_small] < least) continue;
      cells.push_back(region.to_picture(cell_at(x, y)));
    }
  }
  return cells;
}

namespace {

/// Boxes of neighbors that touch overlap too, those of slim digits by much: they are told from
/// boxes of the same digit by how far apart their middles are.
bool is_same(const Detection& a, const Detection& b) {
  const float height = std::min(a.box.height(), b.box.height());
  const float across = std::abs(a.box.center_x() - b.box.center_x()) / height;
  const float down = std::abs(a.box.center_y() - b.box.center_y()) / height;
  if (across < 0.12F && down < 0.3F) return true;
  if (intersection_over_union(a.box, b.box) > 0.5F) return true;
  const float contained = intersection(a.box, b.box).area() / std::min(a.box.area(), b.box.area());
  if (a.symbol() == b.symbol()) return contained > 0.5F;
  return across < 0.3F && contained > (a.scale == b.scale ? 0.8F : 0.65F);
}

/// Whether `one` is two or more of `surer`, seen from too far away.
bool spans_several(const Detection& one, const std::vector<Detection>& surer) {
  constexpr float inside = 0.7F;
  return std::ranges::count_if(surer, [&](const Detection& other) {
           return intersection(one.box, other.box).area() > inside * other.box.area();
         }) > 1;
}

}  // namespace

std::vector<Detection> merge_detections(std::vector<Detection> detections) {
  std::ranges::sort(detections, std::ranges::greater{}, &Detection::score);
  std::vector<Detection> kept;
  std::vector<float> weights;  // of what was summed up
  for (const Detection& candidate : detections) {
    if (spans_several(candidate, kept)) continue;
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
