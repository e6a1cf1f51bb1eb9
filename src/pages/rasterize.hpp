// Shapes to shares of ink by pixel.
#pragma once

#include <cstddef>
#include <vector>

#include "pages/geometry.hpp"

namespace scrawl::pages {

/// Shares of ink, 0 to 1, of a part of a picture. Rows are `stride` floats apart, a whole number of
/// 8 and at least 8 more than `width`, so that loops may run over their ends.
struct Coverage {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
  int stride = 0;
  std::vector<float> shares;  ///< (height + 1, stride)

  /// Without ink, of this place and size.
  void reset(int x, int y, int w, int h);
  float* row(int y) { return shares.data() + static_cast<std::size_t>(y) * stride; }
  const float* row(int y) const { return shares.data() + static_cast<std::size_t>(y) * stride; }
};

/// Adds strokes of a round pen: the largest share wins where they cross. A pixel's share is what a
/// straight edge at that distance would leave of it; a pen of less than a pixel leaves as much ink
/// as it is wide.
void rasterize_strokes(const Shape& shape, Coverage& coverage);

/// Fills outlines: exact areas, by sums of signed trapezoids (as in font-rs and stb_truetype).
/// Where outlines go round the other way there is a hole. `coverage` has to be without ink.
void rasterize_outlines(const Shape& shape, Coverage& coverage);

}  // namespace scrawl::pages
