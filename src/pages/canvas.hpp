// Paper with ink on it, in gray levels, and the view by which a page comes onto it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pages/geometry.hpp"
#include "pages/rasterize.hpp"

namespace scrawl::pages {

/// From places on the page to places in the picture: turned, scaled, seen from the side, bent.
struct View {
  float xx = 1, xy = 0, x0 = 0;  ///< x' = xx x + xy y + x0
  float yx = 0, yy = 1, y0 = 0;
  float px = 0, py = 0;       ///< perspective: both divided by 1 + px x + py y
  float bow = 0, middle = 0;  ///< y rises by bow (x - middle)^2 before
  float scale = 1;            ///< of lengths, in the mean

  Point operator()(Point p) const {
    const float y = p.y + bow * (p.x - middle) * (p.x - middle);
    const float w = 1 / (1 + px * p.x + py * y);
    return {(xx * p.x + xy * y + x0) * w, (yx * p.x + yy * y + y0) * w};
  }
  bool straight() const { return bow == 0; }
};

/// What a pen or a printing press leaves.
struct Ink {
  float level = 0;         ///< gray level of full ink
  float opacity = 1;       ///< share of the paper that full ink hides
  float grain = 0;         ///< share of it that the paper's grain takes away
  std::uint32_t seed = 0;  ///< of that grain
};

class Canvas {
 public:
  Canvas(int width, int height, float level)
      : width_(width), height_(height), levels_(static_cast<std::size_t>(width) * height, level) {}

  int width() const { return width_; }
  int height() const { return height_; }
  float* row(int y) { return levels_.data() + static_cast<std::size_t>(y) * width_; }
  const float* row(int y) const { return levels_.data() + static_cast<std::size_t>(y) * width_; }
  std::vector<float>& levels() { return levels_; }

  View view;

  /// Draws a shape given in the page's places. Returns what its ink covers, in pixels of the
  /// canvas; that may lie beyond its edges.
  Rectangle draw(const Shape& shape, const Ink& ink);

  /// A straight line of the page, `width` wide (in the page's units).
  Rectangle draw_line(Point a, Point b, float width, const Ink& ink);

 private:
  Rectangle lay_seen(const Ink& ink);
  void lay(const Ink& ink);

  int width_;
  int height_;
  std::vector<float> levels_;  // (height, width), gray levels
  Shape seen_;                 // the shape as the view shows it
  Coverage coverage_;
};

}  // namespace scrawl::pages
