#include "pages/trace.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace scrawl::pages {

namespace {

// A glyph at twice its size with an empty border: pixel i of the glyph is 2 i and 2 i + 1, from the
// fifth on.
constexpr int border = 4;
constexpr int side = 2 * static_cast<int>(glyph_side) + 2 * border;  // 64
using Levels = std::array<float, static_cast<std::size_t>(side* side)>;
using Bits = std::array<std::uint64_t, side>;  // bit x of row y

/// Cubic B-spline through the glyph's values as coefficients: it smooths a little.
Levels enlarge(GlyphView glyph) {
  // Of the pixels from the one before, at a quarter of a pixel after a pixel's middle.
  constexpr std::array<float, 4> early{0.0703125F, 0.6119791667F, 0.3151041667F, 0.0026041667F};
  constexpr int n = static_cast<int>(glyph_side);
  const auto at = [](const float* values, int step, int i) {
    return i < 0 || i >= n ? 0.0F : values[i * step];
  };
  const auto between_pixels = [&](const float* values, int step, int twice) {
    const int i = twice >> 1;  // floor
    float sum = 0;
    for (int k = 0; k < 4; ++k)
      sum += early[static_cast<std::size_t>(k)] *
             ((twice & 1) == 0 ? at(values, step, i + 1 - k) : at(values, step, i - 1 + k));
    return sum;
  };
  std::array<float, glyph_pixels> source{};
  std::copy(glyph.begin(), glyph.end(), source.begin());
  std::array<float, static_cast<std::size_t>(n * side)> rows{};  // (28, 64)
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < side; ++x)
      rows[static_cast<std::size_t>(y * side + x)] =
          between_pixels(source.data() + y * n, 1, x - border);
  Levels levels{};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      levels[static_cast<std::size_t>(y * side + x)] =
          between_pixels(rows.data() + x, side, y - border);
  return levels;
}

Point to_glyph(float x, float y) {
  return {(x - border + 0.5F) / 2, (y - border + 0.5F) / 2};
}

Bits threshold(const Levels& levels, float level) {
  Bits bits{};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      if (levels[static_cast<std::size_t>(y * side + x)] > level)
        bits[static_cast<std::size_t>(y)] |= std::uint64_t{1} << x;
  return bits;
}

/// The eight neighbors of all pixels of row y, from the north clockwise.
std::array<std::uint64_t, 8> neighbors(const Bits& bits, int y) {
  const std::uint64_t n = y > 0 ? bits[static_cast<std::size_t>(y - 1)] : 0;
  const std::uint64_t p = bits[static_cast<std::size_t>(y)];
  const std::uint64_t s = y + 1 < side ? bits[static_cast<std::size_t>(y + 1)] : 0;
  return {n, n >> 1, p >> 1, s >> 1, s, s << 1, p << 1, n << 1};
}

/// One half of a step of thinning, all pixels of a row at once.
bool thin_once(Bits& bits, bool second) {
  const Bits before = bits;
  bool changed = false;
  for (int y = 0; y < side; ++y) {
    const std::uint64_t p = before[static_cast<std::size_t>(y)];
    if (p == 0) continue;
    const auto around = neighbors(before, y);
    std::uint64_t once = 0, twice = 0;  // pixels set around
    std::uint64_t gap = 0, gaps = 0;    // pixels not set around
    std::uint64_t step = 0, steps = 0;  // changes from not set to set
    for (std::size_t i = 0; i < 8; ++i) {
      const std::uint64_t a = around[i];
      twice |= once & a;
      once |= a;
      gaps |= gap & ~a;
      gap |= ~a;
      const std::uint64_t rises = ~a & around[(i + 1) % 8];
      steps |= step & rises;
      step |= rises;
    }
    const std::uint64_t n = around[0], e = around[2], s = around[4], w = around[6];
    const std::uint64_t keep = second ? (n & e & w) | (n & s & w) : (n & e & s) | (e & s & w);
    const std::uint64_t gone = p & twice & gaps & step & ~steps & ~keep;
    bits[static_cast<std::size_t>(y)] = p & ~gone;
    changed = changed || gone != 0;
  }
  return changed;
}

Bits thin(Bits bits) {
  for (bool changed = true; changed;) {
    changed = thin_once(bits, false);
    changed = thin_once(bits, true) || changed;
  }
  return bits;
}

/// For each pixel how often the shape can be eroded until it is gone, by an octagon.
std::array<std::uint8_t, static_cast<std::size_t>(side* side)> depths(Bits bits) {
  std::array<std::uint8_t, static_cast<std::size_t>(side * side)> depth{};
  for (std::uint8_t round = 1; round < 16; ++round) {
    std::uint64_t any = 0;
    for (int y = 0; y < side; ++y) {
      for (std::uint64_t row = bits[static_cast<std::size_t>(y)]; row != 0; row &= row - 1)
        depth[static_cast<std::size_t>(y * side + std::countr_zero(row))] = round;
      any |= bits[static_cast<std::size_t>(y)];
    }
    if (any == 0) break;
    const Bits before = bits;
    for (int y = 0; y < side; ++y) {
      const auto around = neighbors(before, y);
      std::uint64_t row = before[static_cast<std::size_t>(y)];
      for (std::size_t i = 0; i < 8; i += round % 2 == 0 ? 1 : 2) row &= around[i];
      bits[static_cast<std::size_t>(y)] = row;
    }
  }
  return depth;
}

struct Pixel {
  int x;
  int y;
  bool operator==(const Pixel&) const = default;
};

constexpr std::array<Pixel, 8> steps{
    {{0, -1}, {1, 0}, {0, 1}, {-1, 0}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}}};

/// A thinned shape as a graph: pixels that touch along an edge are neighbors, those that touch at
/// a corner only where there is no way around it.
class Thinned {
 public:
  explicit Thinned(const Bits& bits) : bits_(bits) {}

  bool at(Pixel p) const {
    return p.x >= 0 && p.y >= 0 && p.x < side && p.y < side &&
           ((bits_[static_cast<std::size_t>(p.y)] >> p.x) & 1) != 0;
  }
  void remove(Pixel p) { bits_[static_cast<std::size_t>(p.y)] &= ~(std::uint64_t{1} << p.x); }

  /// At most 8; returns how many.
  int neighbors_of(Pixel p, std::array<Pixel, 8>& found) const {
    int count = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const Pixel q{p.x + steps[i].x, p.y + steps[i].y};
      if (!at(q)) continue;
      if (i >= 4 && (at({q.x, p.y}) || at({p.x, q.y}))) continue;
      found[static_cast<std::size_t>(count++)] = q;
    }
    return count;
  }
  int degree(Pixel p) const {
    std::array<Pixel, 8> found;
    return neighbors_of(p, found);
  }
  const Bits& bits() const { return bits_; }

 private:
  Bits bits_;
};

using Way = std::vector<Pixel>;

/// From `start` by `next` on to the next end or fork, or round to `start`.
Way follow(const Thinned& lines, Pixel start, Pixel next) {
  Way way{start, next};
  std::array<Pixel, 8> found;
  while (way.back() != start) {
    const Pixel here = way.back();
    const int count = lines.neighbors_of(here, found);
    if (count != 2) break;
    const Pixel before = way[way.size() - 2];
    way.push_back(found[0] == before ? found[1] : found[0]);
  }
  return way;
}

/// All ways between ends and forks, each once, and rings.
std::vector<Way> ways_of(const Thinned& lines) {
  std::vector<Way> ways;
  Bits seen{};  // pixels within ways
  const auto mark = [&](const Way& way) {
    for (std::size_t i = 1; i + 1 < way.size(); ++i)
      seen[static_cast<std::size_t>(way[i].y)] |= std::uint64_t{1} << way[i].x;
  };
  const auto is_seen = [&](Pixel p) {
    return ((seen[static_cast<std::size_t>(p.y)] >> p.x) & 1) != 0;
  };
  std::array<Pixel, 8> found;
  const auto each = [&](auto&& visit) {
    for (int y = 0; y < side; ++y)
      for (std::uint64_t row = lines.bits()[static_cast<std::size_t>(y)]; row != 0; row &= row - 1)
        visit(Pixel{std::countr_zero(row), y});
  };
  each([&](Pixel p) {
    const int count = lines.neighbors_of(p, found);
    if (count == 2) return;
    if (count == 0) ways.push_back({p});
    const std::array<Pixel, 8> around = found;
    for (int i = 0; i < count; ++i) {
      const Pixel next = around[static_cast<std::size_t>(i)];
      if (is_seen(next)) continue;
      Way way = follow(lines, p, next);
      // Two forks side by side would be joined from both.
      const Pixel end = way.back();
      if (way.size() == 2 && (end.y < p.y || (end.y == p.y && end.x < p.x))) continue;
      mark(way);
      ways.push_back(std::move(way));
    }
  });
  each([&](Pixel p) {
    if (is_seen(p) || lines.neighbors_of(p, found) != 2) return;
    Way way = follow(lines, p, found[0]);
    mark(way);
    seen[static_cast<std::size_t>(p.y)] |= std::uint64_t{1} << p.x;
    ways.push_back(std::move(way));
  });
  return ways;
}

/// Takes out what thinning leaves of a stroke's corners: short ways that end nowhere.
void prune(Thinned& lines,
           const std::array<std::uint8_t, static_cast<std::size_t>(side* side)>& depth) {
  for (const Way& way : ways_of(lines)) {
    if (way.size() < 2) continue;
    const int from = lines.degree(way.front());
    const int to = lines.degree(way.back());
    if ((from == 1) == (to == 1)) continue;  // a line of its own, or between forks
    const Pixel fork = from == 1 ? way.back() : way.front();
    const std::size_t least = 1U + depth[static_cast<std::size_t>(fork.y * side + fork.x)];
    if (way.size() > least) continue;
    for (const Pixel p : way)
      if (p != fork) lines.remove(p);
  }
}

/// Evens out the steps from pixel to pixel; the ends stay.
void smooth(std::vector<PenPoint>& way, bool ring) {
  constexpr int rounds = 3;
  const std::size_t n = way.size();
  if (n < 3) return;
  std::vector<PenPoint> before;
  for (int round = 0; round < rounds; ++round) {
    before = way;
    for (std::size_t i = 0; i < n; ++i) {
      if (!ring && (i == 0 || i + 1 == n)) continue;
      const PenPoint& a = before[i == 0 ? n - 2 : i - 1];  // a ring's last point is its first
      const PenPoint& b = before[i];
      const PenPoint& c = before[i + 1 == n ? 1 : i + 1];
      way[i] = {(a.x + 2 * b.x + c.x) / 4, (a.y + 2 * b.y + c.y) / 4,
                (a.radius + 2 * b.radius + c.radius) / 4, 1};
    }
  }
}

/// Adds points of a way at about even distances of `step`.
void resample(const std::vector<PenPoint>& way, float step, Shape& shape) {
  shape.points.push_back(way.front());
  float since = 0;
  for (std::size_t i = 1; i < way.size(); ++i) {
    since += std::hypot(way[i].x - way[i - 1].x, way[i].y - way[i - 1].y);
    if (since < step && i + 1 < way.size()) continue;
    if (i + 1 == way.size() && since < 0.5F * step &&
        shape.points.size() > (shape.ends.empty() ? 0 : shape.ends.back()) + 1)
      shape.points.pop_back();
    shape.points.push_back(way[i]);
    since = 0;
  }
  shape.end();
}

// ---- Outlines.

/// A place on the grid's edges: between (x, y) and (x + 1, y), or (x, y + 1).
struct Crossing {
  int x;
  int y;
  bool down;
  bool operator==(const Crossing&) const = default;
};

class Outlines {
 public:
  Outlines(const Levels& levels, float level) : levels_(levels), level_(level) {}

  Shape trace() {
    Shape shape;
    shape.filled = true;
    for (int y = 0; y + 1 < side; ++y)
      for (int x = 0; x + 1 < side; ++x)
        // Each outline has an edge across with the ink below it.
        if (!inside(x, y) && inside(x, y + 1) && !used_[static_cast<std::size_t>(y * side + x)])
          follow_outline({x, y, true}, shape);
    return shape;
  }

 private:
  float at(int x, int y) const { return levels_[static_cast<std::size_t>(y * side + x)] - level_; }
  bool inside(int x, int y) const { return at(x, y) > 0; }

  Point place(const Crossing& c) const {
    const float a = at(c.x, c.y);
    const float b = c.down ? at(c.x, c.y + 1) : at(c.x + 1, c.y);
    const float t = a / (a - b);
    return to_glyph(static_cast<float>(c.x) + (c.down ? 0 : t),
                    static_cast<float>(c.y) + (c.down ? t : 0));
  }

  /// Goes from cell to cell with the ink on the right of the way (which is on the left of it where
  /// y goes up).
  void follow_outline(Crossing start, Shape& shape) {
    // A cell's edges: 0 above, 1 right, 2 below, 3 left. We begin by the left edge of cell (x, y).
    int cx = start.x;
    int cy = start.y;
    int entry = 3;
    int turn = 0;
    do {
      const Crossing c = entry == 0   ? Crossing{cx, cy, false}
                         : entry == 1 ? Crossing{cx + 1, cy, true}
                         : entry == 2 ? Crossing{cx, cy + 1, false}
                                      : Crossing{cx, cy, true};
      if (turn++ % 2 == 0) shape.add(place(c));
      if (c.down && !inside(c.x, c.y) && inside(c.x, c.y + 1))
        used_[static_cast<std::size_t>(c.y * side + c.x)] = true;
      const std::array<bool, 4> corner{inside(cx, cy), inside(cx + 1, cy), inside(cx + 1, cy + 1),
                                       inside(cx, cy + 1)};  // from the upper left, clockwise
      // Entered by edge e, which lies between corners e and e + 1: on with the ink on one side.
      int exit = entry;
      for (int k = 1; k < 4; ++k) {
        const int edge = (entry + 4 - k) % 4;
        if (corner[static_cast<std::size_t>(edge)] !=
            corner[static_cast<std::size_t>((edge + 1) % 4)]) {
          exit = edge;
          break;
        }
      }
      cx += exit == 1 ? 1 : exit == 3 ? -1 : 0;
      cy += exit == 2 ? 1 : exit == 0 ? -1 : 0;
      entry = (exit + 2) % 4;
    } while (!(cx == start.x && cy == start.y && entry == 3) && turn < side * side);
    const std::uint32_t begin = shape.ends.empty() ? 0 : shape.ends.back();
    if (shape.points.size() - begin < 3) {
      shape.points.resize(begin);
      return;
    }
    shape.end();
  }

  const Levels& levels_;
  float level_;
  std::array<bool, static_cast<std::size_t>(side* side)> used_{};
};

}  // namespace

Shape trace_strokes(GlyphView glyph) {
  constexpr float ink_level = 100;
  const Bits bits = threshold(enlarge(glyph), ink_level);
  const auto depth = depths(bits);
  Thinned lines(thin(bits));
  prune(lines, depth);
  Shape shape;
  std::vector<PenPoint> points;
  for (const Way& way : ways_of(lines)) {
    points.clear();
    for (const Pixel p : way) {
      const Point at = to_glyph(static_cast<float>(p.x), static_cast<float>(p.y));
      const float deep = depth[static_cast<std::size_t>(p.y * side + p.x)];
      points.push_back({at.x, at.y, (deep - 0.5F) / 2, 1});
    }
    smooth(points, way.size() > 2 && way.front() == way.back() && lines.degree(way.front()) == 2);
    constexpr float step = 1.2F;
    resample(points, step, shape);
  }
  return shape;
}

Shape trace_outlines(GlyphView glyph, float level) {
  const Levels levels = enlarge(glyph);
  return Outlines(levels, level).trace();
}

}  // namespace scrawl::pages
