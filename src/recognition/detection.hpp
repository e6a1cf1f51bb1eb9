// A digit, a sign or a letter that the page reader has found.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "network/detection_channels.hpp"
#include "network/map_plan.hpp"
#include "network/rectangle.hpp"
#include "picture/plane.hpp"

namespace scrawl {

inline Rectangle to_rectangle(const Box& box) {
  const auto left = static_cast<float>(box.x);
  const auto top = static_cast<float>(box.y);
  return {left, top, left + static_cast<float>(box.width), top + static_cast<float>(box.height)};
}

/// Its whole pixels, as far as they are in the picture.
inline Box to_box(const Rectangle& place, const Plane& picture) {
  const auto clamp_to = [](float value, int size) {
    return static_cast<int>(std::clamp(value, 0.0F, static_cast<float>(size)));
  };
  const int left = clamp_to(place.left, picture.width);
  const int top = clamp_to(place.top, picture.height);
  return {left, top, clamp_to(std::ceil(place.right), picture.width) - left,
          clamp_to(std::ceil(place.bottom), picture.height) - top};
}

/// What two have in common, of both together, 0 to 1 (Jaccard 1912).
float intersection_over_union(const Rectangle& a, const Rectangle& b);

struct Detection {
  Rectangle box;                              ///< in pixels of the picture
  std::array<float, symbol_count> symbols{};  ///< probabilities
  float objectness = 0;                       ///< how probable a digit or sign is here at all
  float handwritten = 0;                      ///< rather than printed
  float scale = 1;                            ///< of the level where it was found, to the picture
  float score = 0;  ///< objectness, as far as its size is one that the network knows

  /// The most probable one.
  std::size_t symbol() const {
    return static_cast<std::size_t>(std::ranges::max_element(symbols) - symbols.begin());
  }
  float level_height() const { return box.height() * scale; }
};

/// The cells of a part of a level of the pyramid, and where they lie in the picture.
struct Region {
  const Maps& maps;
  std::size_t first_x = 0;  ///< cells
  std::size_t first_y = 0;
  std::size_t end_x = 0;
  std::size_t end_y = 0;
  float scale_x = 1;  ///< pixels of the level by pixels of the picture
  float scale_y = 1;
  float origin_x = 0;  ///< where the picture's corner lies, in pixels of the maps
  float origin_y = 0;

  /// From pixels of the maps to those of the picture.
  Rectangle to_picture(const Rectangle& box) const {
    return {(box.left - origin_x) / scale_x, (box.top - origin_y) / scale_y,
            (box.right - origin_x) / scale_x, (box.bottom - origin_y) / scale_y};
  }
};

/// A cell's place, in pixels of the maps.
inline Rectangle cell_at(std::size_t x, std::size_t y) {
  constexpr auto side = static_cast<float>(cell_pixels);
  const float left = static_cast<float>(x) * side;
  const float top = static_cast<float>(y) * side;
  return {left, top, left + side, top + side};
}

/// (rows, columns) of the region's cells: how probable it is that a digit or a sign has its center
/// there. Below `threshold`, letters are not taken off.
std::vector<float> find_objectness(const Region& region, float threshold = 0);

/// All cells whose objectness is a local maximum, and no less than `threshold`.
std::vector<Detection> find_peaks(const Region& region, float threshold);

/// Cells that hold, with at least that probability, a digit too small to be read at this scale.
std::vector<Rectangle> find_too_small(const Region& region, float probability);

/// Of several detections of the same thing, by other levels or at neighboring cells, the best,
/// with what all of them say of its symbol.
std::vector<Detection> merge_detections(std::vector<Detection> detections);

}  // namespace scrawl
