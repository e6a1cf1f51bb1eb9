// Parts of pictures side by side on canvases of a few sizes, so that a network is compiled for
// those alone. Small pages share a crop in training as well.
#pragma once

#include <cstddef>
#include <vector>

#include "network/rectangle.hpp"
#include "picture/picture.hpp"

namespace scrawl {

/// A part of a level of the pyramid that a network is to look at.
struct Patch {
  std::size_t level = 0;
  Box area;        ///< pixels of the level: the core, and what is around it
  Rectangle core;  ///< whose centers count; others are another patch's
};

struct PlacedPatch {
  Patch patch;
  int x = 0;  ///< of its upper left corner; multiples of a cell's side
  int y = 0;
};

struct Canvas {
  int width = 0;
  int height = 0;
  std::vector<PlacedPatch> patches;
};

/// Between patches, and between them and a canvas's edge, in pixels: nothing.
inline constexpr int patch_gap = 8;
inline constexpr int edge_gap = 4;

/// The largest patch that fits.
inline constexpr int max_patch_width = 512 - 2 * edge_gap;
inline constexpr int max_patch_height = 256 - 2 * edge_gap;

/// The smallest canvas that holds all patches, or several. Each patch fits a canvas.
std::vector<Canvas> pack(std::vector<Patch> patches);

}  // namespace scrawl
