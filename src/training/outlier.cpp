#include "training/outlier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <numbers>
#include <optional>
#include <string_view>
#include <vector>

#include "pages/letters.hpp"
#include "picture/fit.hpp"
#include "picture/plane.hpp"

namespace scrawl {

namespace {

using pages::parse_letter;
using pages::Point;
using pages::smooth;
using pages::Stroke;

float between(Random& random, float low, float high) {
  return low + (high - low) * random.uniform();
}

// ---- Drawing with a pen.

constexpr int canvas_side = 64;

void draw_line(Point a, Point b, float pen, Plane& canvas) {
  const float reach = pen / 2 + 1;
  const auto pixel = [](float at) {
    return std::clamp(static_cast<int>(std::lround(at)), 0, canvas_side - 1);
  };
  const float length2 = (b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y);
  for (int y = pixel(std::min(a.y, b.y) - reach); y <= pixel(std::max(a.y, b.y) + reach); ++y) {
    for (int x = pixel(std::min(a.x, b.x) - reach); x <= pixel(std::max(a.x, b.x) + reach); ++x) {
      const float px = static_cast<float>(x) - a.x;
      const float py = static_cast<float>(y) - a.y;
      const float along =
          length2 == 0 ? 0
                       : std::clamp((px * (b.x - a.x) + py * (b.y - a.y)) / length2, 0.0F, 1.0F);
      const float distance = std::hypot(px - along * (b.x - a.x), py - along * (b.y - a.y));
      const float ink = std::clamp(pen / 2 - distance + 0.5F, 0.0F, 1.0F);
      std::uint8_t& level = canvas.row(y)[x];
      level = std::max(level, static_cast<std::uint8_t>(ink * 255));
    }
  }
}

/// Strokes in any units, drawn over most of a canvas.
Plane draw(const std::vector<Stroke>& strokes, float pen) {
  Point low = strokes[0][0];
  Point high = low;
  for (const Stroke& stroke : strokes) {
    for (const Point& p : stroke) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  constexpr float margin = 8;
  const float scale = (canvas_side - 2 * margin) / std::max({high.x - low.x, high.y - low.y, 0.1F});
  const auto place = [&](Point p) {
    return Point{margin + (p.x - low.x) * scale, margin + (p.y - low.y) * scale};
  };
  Plane canvas(canvas_side, canvas_side);
  for (const Stroke& stroke : strokes) {
    for (std::size_t i = 0; i + 1 < stroke.size(); ++i) {
      draw_line(place(stroke[i]), place(stroke[i + 1]), pen, canvas);
    }
  }
  return canvas;
}

float random_pen(Random& random) {
  return between(random, 3.5F, 9);  // 1.5 to 3.75 pixels of a glyph
}

// ---- Letters.

/// Moves each point a little, smoothly along a stroke.
void jitter(Random& random, float most, std::vector<Stroke>& strokes) {
  for (Stroke& stroke : strokes) {
    const Point begin{between(random, -most, most), between(random, -most, most)};
    const Point end{between(random, -most, most), between(random, -most, most)};
    const float bow = between(random, -most, most);
    for (std::size_t i = 0; i < stroke.size(); ++i) {
      const float t = static_cast<float>(i) / static_cast<float>(stroke.size() - 1);
      const float arch = bow * 4 * t * (1 - t);
      stroke[i].x += begin.x + (end.x - begin.x) * t + arch;
      stroke[i].y += begin.y + (end.y - begin.y) * t - arch;
    }
  }
}

void widen(float times, std::vector<Stroke>& strokes) {
  for (Stroke& stroke : strokes)
    for (Point& p : stroke) p.x *= times;
}

Plane draw_letter(Random& random) {
  std::vector<Stroke> strokes = parse_letter(
      pages::letters_unlike_digits()[random.below(pages::letters_unlike_digits().size())]);
  jitter(random, 0.5F, strokes);
  widen(between(random, 0.6F, 1.4F), strokes);
  return draw(strokes, random_pen(random));
}

// ---- Scribbles and blots.

Plane draw_scribble(Random& random) {
  std::vector<Stroke> strokes(1 + random.below(3));
  const std::size_t points = 5 + random.below(8);  // in all strokes at least so many
  for (Stroke& stroke : strokes) {
    Stroke corners;
    for (std::size_t i = 0; i < points / strokes.size() + 3; ++i) {
      corners.push_back({between(random, 0, 8), between(random, 0, 8)});
    }
    stroke = random.below(3) == 0 ? corners : smooth(corners);
  }
  return draw(strokes, random_pen(random));
}

Plane draw_blot(Random& random) {
  const float width = between(random, 0.5F, 1);
  Stroke outline;
  for (int i = 0; i < 5; ++i) outline.push_back({between(random, 0, width), between(random, 0, 1)});
  return draw({smooth(outline)}, between(random, 18, 36));
}

// ---- What is made of digits.

Plane random_digit(const DatasetView& dataset, std::span<const std::uint32_t> indices,
                   std::initializer_list<std::uint8_t> allowed, Random& random) {
  constexpr int attempts = 100;  // a data set may lack them
  std::uint32_t index = 0;
  for (int i = 0; i < attempts; ++i) {
    index = indices[random.below(indices.size())];
    if (std::ranges::find(allowed, dataset.labels[index]) != allowed.end()) break;
  }
  Plane digit(glyph_side, glyph_side);
  std::ranges::copy(dataset.image(index), digit.pixels.begin());
  return digit;
}

struct Extent {
  int first;
  int last;
};

/// The columns that have ink.
Extent columns_of(const Plane& plane) {
  Extent extent{plane.width, -1};
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      if (plane.row(y)[x] < 64) continue;
      extent = {std::min(extent.first, x), std::max(extent.last, x)};
    }
  }
  return extent;
}

Plane mirror(Plane plane) {
  for (int y = 0; y < plane.height; ++y) std::reverse(plane.row(y), plane.row(y) + plane.width);
  return plane;
}

/// Two digits, a little apart or overlapping.
Plane draw_pair(const Plane& left, const Plane& right, Random& random) {
  const Extent a = columns_of(left);
  const Extent b = columns_of(right);
  const int gap = static_cast<int>(random.below(9)) - 4;
  const int drop = static_cast<int>(random.below(7)) - 3;
  Plane pair(3 * static_cast<int>(glyph_side), 2 * static_cast<int>(glyph_side));
  const auto lay = [&pair](const Plane& digit, int x0, int y0) {
    for (int y = 0; y < digit.height; ++y) {
      for (int x = 0; x < digit.width; ++x) {
        if (digit.row(y)[x] == 0) continue;
        std::uint8_t& level = pair.row(y0 + y)[std::clamp(x0 + x, 0, pair.width - 1)];
        level = std::max(level, digit.row(y)[x]);
      }
    }
  };
  lay(left, 8, 14);
  lay(right, 8 + a.last + 1 + gap - b.first, 14 + drop);
  return pair;
}

/// The left or right, upper or lower part of a digit, 3 to 5 tenths of it.
Plane cut_piece(Plane digit, Random& random) {
  const bool down = random.below(2) == 1;
  if (down) digit = transpose(digit);
  const Extent extent = columns_of(digit);
  const bool keep_left = random.below(2) == 1;
  const float kept = between(random, 0.3F, 0.5F);
  const float fraction = keep_left ? kept : 1 - kept;
  const int cut =
      extent.first + static_cast<int>(fraction * static_cast<float>(extent.last - extent.first));
  for (int y = 0; y < digit.height; ++y) {
    std::uint8_t* row = digit.row(y);
    if (keep_left) std::fill(row + cut, row + digit.width, 0);
    if (!keep_left) std::fill(row, row + cut, 0);
  }
  return down ? transpose(digit) : digit;
}

/// Cropped to its ink; nothing where there is none.
std::optional<Plane> crop_to_ink(const Plane& plane) {
  const Extent across = columns_of(plane);
  if (across.last < 0) return std::nullopt;
  const Extent down = columns_of(transpose(plane));
  return crop(plane, {across.first, down.first, across.last - across.first + 1,
                      down.last - down.first + 1});
}

/// A slim piece could be a 1.
bool is_slim(const Plane& piece) {
  return 3 * piece.width < 2 * piece.height;
}

// ---- Digits in rare styles. A stem is 8 high.

std::vector<Stroke> one_with_flag(Random& random) {
  const float length = between(random, 1.5F, 5.5F);
  const float angle = between(random, 42, 72) * std::numbers::pi_v<float> / 180;
  const float slant = between(random, -1, 0.5F);
  std::vector<Stroke> strokes{
      {{-length * std::cos(angle), length * std::sin(angle)}, {0, 0}, {slant, 8}}};
  if (random.below(3) == 0) {
    const float side = between(random, 1, 2.5F);
    strokes.push_back({{slant - side, 8}, {slant + side, 8}});
  }
  return strokes;
}

std::vector<Stroke> seven(Random& random) {
  const float width = between(random, 2.2F, 6);
  const float end = between(random, 0.3F, 0.9F) * width;
  std::vector<Stroke> strokes{{{0, 0}, {width, 0}, {end, 8}}};
  if (random.below(4) == 0) strokes[0].insert(strokes[0].begin(), {0, between(random, 0.7F, 1.6F)});
  if (random.below(4) != 0) {
    const float middle = (width + end) / 2;
    const float side = between(random, 1, 2.5F);
    const float y = between(random, 3.3F, 4.8F);
    strokes.push_back({{middle - side, y}, {middle + side, y}});
  }
  return strokes;
}

std::vector<Stroke> four(Random& random) {
  const float bar = between(random, 4.3F, 5.7F);
  const float stem = between(random, 3, 4.5F);
  const bool closed = random.below(2) == 0;
  const float top = closed ? 0 : between(random, 1, 3.5F);
  const float corner = closed ? stem : between(random, 0.5F, 2);
  return {{{corner, 0}, {0, bar}, {stem + between(random, 0.8F, 2.5F), bar}},
          {{stem, top}, {stem + between(random, -0.5F, 0.5F), 8}}};
}

}  // namespace

LabeledGlyph draw_rare_style(Random random) {
  constexpr std::array<std::uint8_t, 8> labels{1, 1, 1, 1, 7, 7, 7, 4};
  const std::uint8_t label = labels[random.below(labels.size())];
  std::vector<Stroke> strokes = label == 1   ? one_with_flag(random)
                                : label == 7 ? seven(random)
                                             : four(random);
  jitter(random, 0.25F, strokes);
  return {fit_digit(*crop_to_ink(draw(strokes, random_pen(random)))), label};
}

Glyph draw_by_one_writer(std::string_view text, float pen, Random random) {
  std::vector<Stroke> strokes = parse_letter(text);
  jitter(random, 0.4F, strokes);
  widen(between(random, 0.85F, 1.15F), strokes);
  return fit_digit(*crop_to_ink(draw(strokes, pen * between(random, 0.9F, 1.1F))));
}

Glyph make_outlier(const DatasetView& dataset, std::span<const std::uint32_t> indices,
                   Random random) {
  const auto digit = [&](std::initializer_list<std::uint8_t> allowed) {
    return random_digit(dataset, indices, allowed, random);
  };
  constexpr std::size_t kinds = 20;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const std::size_t kind = random.below(kinds);
    Plane plane(1, 1);
    bool may_be_slim = true;
    if (kind < 8) {
      plane = draw_letter(random);
    } else if (kind < 11) {
      plane = draw_scribble(random);
    } else if (kind < 12) {
      plane = draw_blot(random);
    } else if (kind < 16) {
      const Plane left = digit({0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
      plane = draw_pair(left, digit({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), random);
    } else if (kind < 18) {
      plane = cut_piece(digit({2, 3, 4, 5, 6, 7, 9}), random);
      may_be_slim = false;
    } else if (kind < 19) {
      plane = mirror(digit({3, 4, 6, 9}));
    } else {
      plane = transpose(digit({2, 3, 4, 5, 6, 7, 9}));
    }
    const std::optional<Plane> cut = crop_to_ink(plane);
    if (cut && (may_be_slim || !is_slim(*cut))) return fit_digit(*cut);
  }
  return {};
}

}  // namespace scrawl
