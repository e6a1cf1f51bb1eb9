// A page while it is being written: its canvas and what has come onto it.
#pragma once

#include <string_view>
#include <vector>

#include "network/random.hpp"
#include "pages/canvas.hpp"
#include "pages/glyph_bank.hpp"
#include "pages/hand.hpp"
#include "pages/page.hpp"

namespace scrawl::pages {

/// Everything is placed in the page's units, of which `width` by `height` are seen. Boxes of marks
/// are in the canvas's pixels.
struct Draft {
  Draft(const GlyphBank& b, Random r, int w, int h, float paper, float resolution)
      : bank(b),
        random(r),
        width(static_cast<float>(w)),
        height(static_cast<float>(h)),
        canvas(std::max(4, static_cast<int>(static_cast<float>(w) * resolution)),
               std::max(4, static_cast<int>(static_cast<float>(h) * resolution)), paper) {
    canvas.view.xx = static_cast<float>(canvas.width()) / width;
    canvas.view.yy = static_cast<float>(canvas.height()) / height;
    canvas.view.scale = resolution;
  }

  void next_line() { ++line, ++number; }
  void next_number() { ++number; }
  void mark(Symbol symbol, const Rectangle& box, bool handwritten = true) {
    marks.push_back({symbol, box, handwritten, line, number, row, column});
  }
  /// In which cell of a table follows what is written; in none without numbers.
  void next_cell(int in_row = -1, int in_column = -1) { row = in_row, column = in_column; }

  const GlyphBank& bank;
  Random random;
  float width;
  float height;
  Canvas canvas;
  std::vector<Mark> marks;
  std::vector<Rectangle> ignored;
  int line = 0;
  int number = 0;
  int row = -1;
  int column = -1;
  Shape shape;  // the one that is being drawn
};

}  // namespace scrawl::pages
