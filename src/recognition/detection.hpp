// A digit, a sign or a letter that the page reader has found.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "network/detection_channels.hpp"
#include "network/map_plan.hpp"
#include "network/rectangle.hpp"

namespace scrawl {

/// What two have in common, of both together, 0 to 1 (Jaccard 1912).
float intersection_over_union(const Rectangle& a, const Rectangle& b);

struct Detection {
  Rectangle box;                              ///< in pixels of the picture
  std::array<float, symbol_count> symbols{};  ///< probabilities
  float objectness = 0;                       ///< how probable a digit or sign is here at all
  float handwritten = 0;                      ///< rather than printed
  float scale = 1;                            ///< of the level where it was found, to the picture
  float score = 0;  ///< objectness, as far as its size is one that the network knows

  float level_height() const { return box.height() * scale; }
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
