// A digit, a sign or a letter that the page reader has found.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "network/detection_channels.hpp"
#include "network/map_plan.hpp"

namespace scrawl {

/// A place in a picture, in its pixels.
struct Area {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;

  float width() const { return right - left; }
  float height() const { return bottom - top; }
  float size() const { return width() * height(); }
  float center_x() const { return (left + right) / 2; }
  float center_y() const { return (top + bottom) / 2; }
};

/// What two areas have in common; 0 where they do not meet.
float intersection(const Area& a, const Area& b);

/// The same, of the two together, 0 to 1 (Jaccard 1912).
float intersection_over_union(const Area& a, const Area& b);

struct Detection {
  Area area;
  std::array<float, symbol_count> symbols{};  ///< probabilities
  float objectness = 0;                       ///< how probable a digit or sign is here at all
  float handwritten = 0;                      ///< rather than printed
  float scale = 1;                            ///< of the level where it was found, to the picture
  float score = 0;  ///< objectness, as far as its size is one that the network knows

  float level_height() const { return area.height() * scale; }
};

/// The maps of one level of the pyramid, and where they lie in the picture.
struct Level {
  Maps maps;
  float scale_x = 1;  ///< pixels of the level by pixels of the picture
  float scale_y = 1;
  float padding = 0;  ///< pixels of the level around it
};

/// All cells whose objectness is a local maximum, and no less than `threshold`.
std::vector<Detection> find_peaks(const Level& level, float threshold);

/// Of several detections of the same thing, by other levels or at neighboring cells, the best,
/// with what all of them say of its symbol.
std::vector<Detection> merge_detections(std::vector<Detection> detections);

}  // namespace scrawl
